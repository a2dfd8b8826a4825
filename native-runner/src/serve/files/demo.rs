//! The demo: recordings, labels, experiments and a small model, built into the program, so that
//! there is something to train from the first moment on. It is read like any dataset.

use super::{
    blobs::Sha,
    dataset::{Content, List, Shelf},
};
use sha2::{Digest, Sha256};
use shared::files::Place;
use std::{
    io::{self, Cursor},
    sync::LazyLock,
};

/// What paths and addresses call it; no id of an upload is so short.
pub(crate) const ID: &str = "demo";

/// Its files by name, sorted.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/demo.rs"));

static SHELF: LazyLock<Shelf> = LazyLock::new(|| {
    let mut list = List::default();
    for (name, bytes) in FILES {
        let digits: String = Sha256::digest(bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        if let (Ok(place), Some(sha256)) = (Place::parse(name), Sha::parse(&digits)) {
            let size = bytes.len() as u64;
            list.add(&place, Content { sha256, size });
        }
    }
    Shelf::built_in(list)
});

/// The demo as a dataset.
pub(super) fn shelf() -> &'static Shelf {
    &SHELF
}

/// The bytes of one of its files.
pub(crate) fn find(place: &str) -> Option<&'static [u8]> {
    let at = FILES.binary_search_by(|(name, _)| (*name).cmp(place));
    let found = at.ok().and_then(|at| FILES.get(at));
    found.map(|(_, bytes)| *bytes)
}

/// Opens one of its files.
pub(super) fn open(place: &str) -> io::Result<Cursor<&'static [u8]>> {
    Ok(Cursor::new(find(place).ok_or(io::ErrorKind::NotFound)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::files::Files;
    use std::io::Read;

    #[test]
    fn everybody_sees_it_and_it_leads_nowhere_else() {
        let sight = super::super::Sight::default();
        let mut text = String::new();
        let mut table = sight.open("dataset:demo/demo.csv").expect("the table");
        table.read_to_string(&mut text).expect("text");
        assert!(text.starts_with("file,speaker,"), "{text}");
        assert_eq!(
            sight.size("dataset:demo/demo.csv").expect("its size"),
            text.len() as u64
        );
        assert!(sight.is_folder("dataset:demo/model"));
        assert_eq!(sight.list("dataset:demo/audio").expect("a list").len(), 160);
        for path in [
            "dataset:demo/../demo.csv",
            "dataset:demo/audio/../../demo.csv",
            "dataset:demos/demo.csv",
            "dataset:demo/demo.csv\0",
            "demo/demo.csv",
            "/demo/demo.csv",
            "dataset:demo/recipe/README.md",
        ] {
            assert!(sight.open(path).is_err(), "{path}");
        }
    }

    #[test]
    fn all_files_are_listed() {
        let listed: Vec<&str> = SHELF.list().files.keys().map(String::as_str).collect();
        let built: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        assert_eq!(listed, built);
        for name in ["demo.ini", "arousal.ini", "model/config.json"] {
            assert!(built.contains(&name), "{name}");
        }
    }
}
