//! Sight: what is there, what leads out, and names that are nothing but names.

use super::{
    blobs::{Blobs, Sha},
    dataset::{Content, List},
    sight::{DatasetSpec, Sight, SightSpec},
};
use proptest::prelude::*;
use shared::files::{Files, Place};
use std::{
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
};

const ID: &str = "d0123456789abcdef01234567";

/// A root `data` with a sibling `data2` and a file above, and a dataset.
struct Scene {
    folder: tempfile::TempDir,
    sight: Sight,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let above = folder.path().canonicalize().unwrap();
        for (name, content) in [
            ("data/a.txt", "inside"),
            ("data/deep/b.txt", "inside"),
            ("data2/a.txt", "outside"),
            ("secret.txt", "outside"),
        ] {
            let place = above.join(name);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, content).unwrap();
        }
        let blobs = Blobs::new(above.join("contents"));
        let mut list = List::default();
        for name in ["c.txt", "deep/d.txt", "deep/er/e.txt", "%2e%2e/f.txt"] {
            let mut blob = blobs.create().unwrap();
            blob.write_all(b"inside").unwrap();
            let (sha256, size) = blobs.keep(blob).unwrap();
            assert!(list.add(&Place::parse(name).unwrap(), Content { sha256, size }));
        }
        fs::write(above.join("list.json"), serde_json::to_vec(&list).unwrap()).unwrap();
        let spec = SightSpec {
            roots: vec![above.join("data")],
            datasets: vec![DatasetSpec {
                id: ID.to_owned(),
                list: above.join("list.json"),
                blobs: above.join("contents"),
            }],
        };
        // As it comes to the process of a job.
        let spec = serde_json::from_slice(&serde_json::to_vec(&spec).unwrap()).unwrap();
        Self {
            folder,
            sight: Sight::open(&spec).unwrap(),
        }
    }

    fn above(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    fn root(&self, path: &str) -> String {
        self.above().join("data").join(path).display().to_string()
    }

    fn read(&self, path: &str) -> Option<String> {
        let mut text = String::new();
        self.sight.open(path).ok()?.read_to_string(&mut text).ok()?;
        Some(text)
    }
}

#[test]
fn what_is_there() {
    let scene = Scene::new();
    for path in [
        scene.root("a.txt"),
        scene.root("deep/../a.txt"),
        scene.root("deep/./b.txt"),
        format!("dataset:{ID}/c.txt"),
        format!("dataset:{ID}/deep/../c.txt"),
        format!("dataset:{ID}//deep/./er/e.txt"),
        format!("dataset:{ID}/%2e%2e/f.txt"),
    ] {
        assert_eq!(scene.read(&path).as_deref(), Some("inside"), "{path}");
        assert_eq!(scene.sight.size(&path).unwrap(), 6);
        assert!(scene.sight.covers(&path).is_ok() && !scene.sight.is_folder(&path));
    }
    let root = scene.root("");
    for path in [
        root.as_str(),
        &format!("dataset:{ID}"),
        &format!("dataset:{ID}/deep"),
    ] {
        assert!(scene.sight.is_folder(path), "{path}");
    }
    assert_eq!(
        scene.sight.list(&scene.root("")).unwrap(),
        ["a.txt", "deep"]
    );
    assert_eq!(
        scene.sight.list(&format!("dataset:{ID}")).unwrap(),
        ["%2e%2e", "c.txt", "deep"]
    );
    assert_eq!(
        scene.sight.list(&format!("dataset:{ID}/deep")).unwrap(),
        ["d.txt", "er"]
    );
    assert!(scene.sight.list(&format!("dataset:{ID}/dee")).is_err());
    assert!(!scene.sight.is_folder(&format!("dataset:{ID}/c.txt")));
}

#[test]
fn what_is_not() {
    let scene = Scene::new();
    let above = scene.above().display().to_string();
    for path in [
        format!("{above}/secret.txt"),
        format!("{above}/data2/a.txt"),
        format!("{above}/data/../secret.txt"),
        format!("{above}/data/../data2/a.txt"),
        format!("{above}/data/deep/../../secret.txt"),
        format!("{above}/data/a.txt/../../secret.txt"),
        format!("{above}//data/../secret.txt"),
        "/etc/passwd".to_owned(),
        "secret.txt".to_owned(),
        "../secret.txt".to_owned(),
        String::new(),
        format!("{above}/data/\0"),
        format!("dataset:{ID}/../secret.txt"),
        format!("dataset:{ID}/deep/../../c.txt"),
        format!("dataset:{ID}/../{ID}/c.txt"),
        format!("dataset:../{ID}/c.txt"),
        "dataset:".to_owned(),
        "dataset:x/c.txt".to_owned(),
        format!("DATASET:{ID}/c.txt"),
    ] {
        assert_eq!(scene.read(&path), None, "{path}");
        assert!(
            scene.sight.size(&path).is_err() && !scene.sight.exists(&path),
            "{path}"
        );
        assert!(scene.sight.mark(&path).is_err(), "{path}");
    }
    for path in ["/etc", &format!("{above}/data2"), "dataset:x", "relative"] {
        assert!(
            scene.sight.covers(path).is_err() && scene.sight.list(path).is_err(),
            "{path}"
        );
    }
}

#[cfg(unix)]
#[test]
fn links_stay_below_their_root() {
    use std::os::unix::fs::symlink;
    let scene = Scene::new();
    let (above, data) = (scene.above(), scene.above().join("data"));
    symlink(above.join("secret.txt"), data.join("absolute")).unwrap();
    symlink("../secret.txt", data.join("relative")).unwrap();
    symlink("..", data.join("up")).unwrap();
    symlink("/proc/self/root", data.join("magic")).unwrap();
    symlink("loop", data.join("loop")).unwrap();
    symlink("deep/b.txt", data.join("inside")).unwrap();
    for name in [
        "absolute",
        "relative",
        "up/secret.txt",
        "up/data/a.txt",
        "magic/etc/passwd",
        "loop",
    ] {
        assert_eq!(scene.read(&scene.root(name)), None, "{name}");
        assert!(!scene.sight.exists(&scene.root(name)), "{name}");
    }
    assert_eq!(scene.read(&scene.root("inside")).as_deref(), Some("inside"));
    // The root itself exchanged for a link: the handle holds on to what it was.
    fs::rename(&data, above.join("moved")).unwrap();
    symlink(above.join("data2"), &data).unwrap();
    assert_eq!(scene.read(&scene.root("a.txt")).as_deref(), Some("inside"));
}

#[test]
fn a_mark_changes_with_the_file() {
    let scene = Scene::new();
    let path = scene.root("a.txt");
    let before = scene.sight.mark(&path).unwrap();
    assert_eq!(before, scene.sight.mark(&path).unwrap());
    fs::write(&path, "another").unwrap();
    assert_ne!(before, scene.sight.mark(&path).unwrap());
    assert_ne!(scene.sight.mark(&scene.root("deep/b.txt")).unwrap(), before);
}

#[test]
fn contents_by_their_hash() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::new(folder.path().join("contents"));
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let write = |text: &[u8]| {
        let mut blob = blobs.create().unwrap();
        blob.write_all(text).unwrap();
        blobs.keep(blob).unwrap()
    };
    let (sha, size) = write(b"abc");
    assert_eq!((sha.as_str(), size), (abc, 3));
    assert_eq!(write(b"abc").0, sha);
    // One that is not kept leaves nothing.
    let mut dropped = blobs.create().unwrap();
    dropped.write_all(b"x").unwrap();
    drop(dropped);
    let partial = folder.path().join("partial");
    fs::write(&partial, "abd").unwrap();
    assert!(!blobs.adopt(&partial, &sha).unwrap() && partial.exists());
    fs::write(&partial, "abc").unwrap();
    assert!(blobs.adopt(&partial, &sha).unwrap() && !partial.exists());
    let (other, _) = write(b"other");
    blobs.sweep(|known| *known == sha).unwrap();
    assert!(blobs.open(&sha).is_ok() && blobs.open(&other).is_err());
    for text in [
        "",
        "..",
        &"a".repeat(63),
        &"g".repeat(64),
        &format!("../{}", "a".repeat(61)),
    ] {
        assert!(Sha::parse(text).is_none(), "{text}");
    }
    assert_eq!(Sha::parse(&abc.to_uppercase()).unwrap(), sha);
}

#[test]
fn a_list_has_each_place_once() {
    let mut list = List::default();
    let content = || Content {
        sha256: Sha::parse(&"a".repeat(64)).unwrap(),
        size: 1,
    };
    for (name, added) in [
        ("a/b", true),
        ("a", false),
        ("a/b", false),
        ("a/b/c", false),
        ("a/c", true),
        ("ab", true),
        ("a.b", true),
    ] {
        assert_eq!(
            list.add(&Place::parse(name).unwrap(), content()),
            added,
            "{name}"
        );
    }
    assert_eq!(
        list.entries("a").into_keys().collect::<Vec<_>>(),
        ["b", "c"]
    );
    assert_eq!(
        list.entries("").into_keys().collect::<Vec<_>>(),
        ["a", "a.b", "ab"]
    );
    assert_eq!(list.bytes(), 4);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// However steps are put together, what is read is what lies inside.
    #[test]
    fn no_path_leads_out(
        start in prop::sample::select(vec!["data", "data/deep", "data2", "", "dataset"]),
        steps in prop::collection::vec(prop::sample::select(vec!["..", ".", "", "data", "data2", "deep", "a.txt", "secret.txt", "c.txt", "\\..", "%2e%2e", "~"]), 0..8),
    ) {
        thread_local!(static SCENE: Scene = Scene::new());
        SCENE.with(|scene| {
            let base = match start {
                "dataset" => format!("dataset:{ID}"),
                start => scene.above().join(start).display().to_string(),
            };
            let path = format!("{base}/{}", steps.join("/"));
            if let Some(text) = scene.read(&path) {
                prop_assert_eq!(text, "inside", "{}", path);
            }
            if let Ok(names) = scene.sight.list(&path) {
                prop_assert!(!names.iter().any(|name| name == "secret.txt" || name == "data2"), "{}", path);
            }
            prop_assert!(!Path::new(&path).ends_with("secret.txt") || scene.read(&path).is_none());
            Ok(())
        })?;
    }
}
