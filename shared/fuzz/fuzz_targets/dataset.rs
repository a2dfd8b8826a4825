//! Whatever bytes are uploaded as an archive: what becomes a dataset is found again under its names, byte
//! by byte, and nothing lies on the disk but contents by their SHA-256.

#![no_main]

use blobs::{Blobs, Sha};
use dataset::{Content, List, Shelf};
use libfuzzer_sys::fuzz_target;
use shared::files::{Archive, ArchiveLimits};
use std::{
    fs,
    io::{Cursor, Read, Write},
    path::Path,
};

#[allow(dead_code, missing_docs, reason = "a file of the server, of which a part is used here")]
#[path = "../../../native-runner/src/serve/files/blobs.rs"]
mod blobs;
#[allow(dead_code, missing_docs, reason = "a file of the server, of which a part is used here")]
#[path = "../../../native-runner/src/serve/files/dataset.rs"]
mod dataset;

/// The demo is built in and no upload: here it is empty.
mod demo {
    use std::io::{Cursor, Error, ErrorKind};

    pub(crate) fn open(_place: &str) -> Result<Cursor<&'static [u8]>, Error> {
        Err(ErrorKind::NotFound.into())
    }
}

const LIMITS: ArchiveLimits = ArchiveLimits {
    members: 50,
    bytes: 1 << 20,
    file: 1 << 19,
    ratio: 200,
};

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder");
    let blobs = Blobs::new(folder.path().join("blobs"));
    // The upload itself: kept if it is what it was said to be, and only then.
    let whole = folder.path().join("whole");
    fs::write(&whole, bytes).expect("a file");
    let claimed = bytes.get(..64).and_then(|text| Sha::parse(std::str::from_utf8(text).ok()?));
    if let Some(claimed) = claimed {
        assert!(!blobs.adopt(&whole, &claimed).expect("the disk"), "no file holds its own hash");
    }
    let Ok(archive) = Archive::open(Box::new(Cursor::new(bytes.to_vec())), &LIMITS) else {
        return;
    };
    let (mut list, mut contents) = (List::default(), Vec::new());
    for member in archive.members() {
        let mut blob = blobs.create().expect("the disk");
        let mut content = Vec::new();
        let unpacked = archive.unpack(member, |block| {
            content.extend_from_slice(block);
            blob.write_all(block)
        });
        if unpacked.is_err() {
            return;
        }
        let (sha256, size) = blobs.keep(blob).expect("the disk");
        assert_eq!(size, member.size);
        assert!(list.add(&member.place, Content { sha256, size }), "each place once");
        contents.push((member.place.as_str().to_owned(), content));
    }
    let path = folder.path().join("list.json");
    fs::write(&path, serde_json::to_vec(&list).expect("JSON")).expect("a file");
    let shelf = Shelf::open(&path, blobs.folder()).expect("the list");
    assert_eq!(shelf.list(), &list);
    for (place, content) in &contents {
        let mut found = Vec::new();
        let mut file = shelf.open_file(place).expect("the file");
        file.read_to_end(&mut found).expect("its bytes");
        assert!(found == *content);
        // From the top each step leads to the next one.
        let mut above = String::new();
        for step in place.split('/') {
            assert!(shelf.names(&above).expect("a folder").iter().any(|name| name == step));
            above = if above.is_empty() { step.to_owned() } else { format!("{above}/{step}") };
        }
        assert!(!shelf.is_folder(place));
    }
    named_by_hash(blobs.folder());
    blobs.sweep(|_| false).expect("the disk");
    assert!(contents.is_empty() || shelf.open_file(&contents[0].0).is_err());
});

/// Nothing but folders of two digits with files of sixty-four.
fn named_by_hash(folder: &Path) {
    for inner in fs::read_dir(folder).into_iter().flatten().flatten() {
        assert_eq!(inner.file_name().len(), 2);
        for file in fs::read_dir(inner.path()).expect("a folder").flatten() {
            let name = file.file_name();
            assert!(name.to_str().is_some_and(|name| Sha::parse(name).is_some()));
        }
    }
}
