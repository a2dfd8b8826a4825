//! Archives that are unpacked, and those that are not.

mod forge;

use super::{Archive, ArchiveError, ArchiveLimits};
use forge::{Forged, archive};
use proptest::prelude::*;
use std::io::Cursor;

fn open(bytes: Vec<u8>) -> Result<Archive, ArchiveError> {
    Archive::open(Box::new(Cursor::new(bytes)), &ArchiveLimits::default())
}

fn refused(files: &[Forged]) -> String {
    match open(archive(files)) {
        Ok(_) => panic!("{files:?} was opened"),
        Err(error) => error.to_string(),
    }
}

/// Names and contents.
fn content(archive: &Archive) -> Vec<(String, Vec<u8>)> {
    let read = |member| archive.read(member, 1 << 20).unwrap();
    let members = archive.members().iter();
    members
        .map(|member| (member.place.to_string(), read(member)))
        .collect()
}

#[test]
fn honest_archives() {
    let mut folder = Forged::stored("wav/", b"");
    folder.attributes = 0o040_755 << 16;
    let mut windows = Forged::deflated("wav/b.wav", &[7; 100_000]);
    windows.attributes = 0x20;
    let files = [
        folder,
        Forged::stored("wav/a.wav", b"RIFF"),
        windows,
        Forged::stored("wav/empty", b""),
        Forged::stored("__MACOSX/wav/._a.wav", b"x"),
        Forged::stored("wav/.DS_Store", b"x"),
        Forged::stored("%2e%2e/Übung.csv", b"file\n"),
    ];
    let archive = open(archive(&files)).unwrap();
    assert_eq!(
        content(&archive),
        [
            ("wav/a.wav".into(), b"RIFF".to_vec()),
            ("wav/b.wav".into(), vec![7; 100_000]),
            ("wav/empty".into(), vec![]),
            ("%2e%2e/Übung.csv".into(), b"file\n".to_vec()),
        ]
    );
    assert_eq!(archive.bytes(), 100_009);
    assert!(open(forge::archive(&[])).unwrap().members().is_empty());
}

#[test]
fn names_that_lead_out() {
    for name in [
        "../a",
        "a/../../b",
        "/etc/passwd",
        "C:/a",
        "C:a",
        "..\\a",
        "a\\..\\..\\b",
        "a\0b",
        "a//b",
        "./a",
        "",
        "//host/share",
        "..",
        "a/..",
        "../",
        "...",
        "a\r\n",
    ] {
        let text = refused(&[Forged::stored(name, b"x")]);
        assert!(text.contains("cannot be used"), "{name:?}: {text}");
    }
    let text = refused(&[Forged::stored(&"a".repeat(2000), b"x")]);
    assert!(text.contains("longer than 1024") && text.len() < 500);
    let latin = Forged {
        name: b"\xfcbung.wav".to_vec(),
        ..Forged::stored("", b"x")
    };
    assert!(refused(&[latin]).contains("not in UTF-8"));
}

#[test]
fn links_and_devices() {
    for mode in [
        0o120_777u32,
        0o060_644,
        0o020_644,
        0o010_644,
        0o140_644,
        0o040_755,
    ] {
        let mut file = Forged::stored("a", b"/etc/passwd");
        file.attributes = mode << 16;
        assert!(
            refused(&[file]).contains("is a link or a device"),
            "{mode:o}"
        );
    }
    let mut folder = Forged::stored("a/", b"");
    folder.attributes = 0o120_777 << 16;
    assert!(refused(&[folder]).contains("is a link"));
}

#[test]
fn one_place_is_one_file() {
    let file = |name| Forged::stored(name, b"x");
    let mut folder = file("a/");
    (folder.size, folder.data, folder.attributes) = (0, vec![], 0);
    for pair in [
        [file("a"), file("a")],
        [file("a"), file("a/b")],
        [file("a/b"), file("a")],
        [folder.clone(), file("a")],
        [file("a"), folder.clone()],
    ] {
        assert!(refused(&pair).contains("is in it twice"), "{pair:?}");
    }
    assert!(open(archive(&[folder.clone(), folder, file("a/b")])).is_ok());
    let mut full = file("a/");
    full.attributes = 0;
    assert!(refused(&[full]).contains("a file and a folder"));
}

#[test]
fn what_is_not_unpacked() {
    let with = |change: fn(&mut Forged)| {
        let mut file = Forged::deflated("a", &[1; 5000]);
        change(&mut file);
        refused(&[file])
    };
    assert!(with(|file| file.flags |= 1).contains("is encrypted"));
    assert!(with(|file| file.method = 14).contains("by method 14"));
    assert!(with(|file| file.method = 0).contains("is not compressed"));
    assert!(with(|file| file.size = u32::MAX - 1).contains("compression ratio"));
    for bytes in [
        vec![],
        vec![0; 100],
        b"PK\x05\x06".to_vec(),
        b"RIFF....WAVE".to_vec(),
    ] {
        assert!(matches!(open(bytes), Err(ArchiveError::Damaged(_))));
    }
}

#[test]
fn bombs() {
    // A file that unpacks to more than it says, and one to less.
    for (size, wanted) in [(4_999, "longer"), (5_001, "instead of")] {
        let mut file = Forged::deflated("a", &[1; 5_000]);
        file.size = size;
        let archive = open(archive(&[file])).unwrap();
        let mut seen = 0;
        let error = archive.unpack(&archive.members()[0], |block| {
            seen += block.len();
            Ok(())
        });
        let text = error.unwrap_err().to_string();
        assert!(
            seen <= 5_000 && (text.contains(wanted) || text.contains("does not unpack")),
            "{text}"
        );
    }
    // Another checksum.
    let mut file = Forged::stored("a", b"abc");
    file.crc ^= 1;
    let wrong = open(archive(&[file])).unwrap();
    assert!(wrong.read(&wrong.members()[0], 10).is_err());
    // Files that lie on one another, as in the bombs that unpack 281 TB from 10 MB.
    let mut second = Forged::deflated("b", &[1; 5_000]);
    second.at = Some(0);
    second.name = b"a".to_vec();
    let mut first = second.clone();
    first.name = b"b".to_vec();
    (first.at, second.at) = (None, Some(0));
    assert!(refused(&[first, second]).contains("shares its bytes"));
    // Too many, and too large.
    let small = ArchiveLimits {
        members: 3,
        bytes: 10,
        file: 8,
        ratio: 200,
    };
    let limited = |files: &[Forged]| {
        let opened = Archive::open(Box::new(Cursor::new(archive(files))), &small);
        opened.map(|_| ()).map_err(|error| error.to_string())
    };
    let file = |name: &str, size| Forged::stored(name, &vec![0; size]);
    assert!(limited(&[file("a", 8), file("b", 2), file("c", 0)]).is_ok());
    assert!(
        limited(&[file("a", 9)])
            .unwrap_err()
            .contains("length of a file is 9")
    );
    assert!(
        limited(&[file("a", 8), file("b", 3)])
            .unwrap_err()
            .contains("all files is 11")
    );
    let four = ["a", "b", "c", "d"].map(|name| file(name, 0));
    assert!(limited(&four).unwrap_err().contains("number of files is 4"));
}

#[test]
fn an_error_of_the_sink_ends_it() {
    let archive = open(archive(&[Forged::deflated("a", &[1; 500_000])])).unwrap();
    let mut calls = 0;
    let error = archive.unpack(&archive.members()[0], |_| {
        calls += 1;
        Err(std::io::Error::other("disk full"))
    });
    assert!(calls == 1 && error.unwrap_err().to_string().contains("disk full"));
    let long = archive.read(&archive.members()[0], 499_999);
    assert!(matches!(long, Err(ArchiveError::Limit { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever is done to an archive, it is refused, or unpacks within its limits to places.
    #[test]
    fn mutations(
        names in prop::collection::vec("[a-c./\\\\]{1,6}", 1..5),
        sizes in prop::collection::vec(0usize..3_000, 5),
        changes in prop::collection::vec((0usize..4_096, any::<u8>()), 0..6),
        cut in prop::option::of(0usize..2_000),
    ) {
        let files: Vec<Forged> = names
            .iter()
            .zip(&sizes)
            .map(|(name, &size)| Forged::deflated(name, &vec![b'x'; size]))
            .collect();
        let mut bytes = archive(&files);
        for (at, value) in changes {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(bytes.len().saturating_sub(cut));
        }
        let limits = ArchiveLimits { members: 10, bytes: 10_000, file: 4_000, ratio: 200 };
        let Ok(archive) = Archive::open(Box::new(Cursor::new(bytes)), &limits) else {
            return Ok(());
        };
        let mut all = 0;
        for member in archive.members() {
            prop_assert!(!member.place.as_str().split('/').any(|step| step == ".." || step.is_empty()));
            if let Ok(bytes) = archive.read(member, u64::MAX) {
                prop_assert_eq!(bytes.len() as u64, member.size);
                all += bytes.len();
            }
        }
        prop_assert!(all <= 10_000);
    }
}
