//! Recordings to predict.

use super::{memory, wav};
use crate::data::{DropReason, Listing, list};
use crate::files::Memory;

fn files() -> Memory {
    let mut files = memory(
        "file,start,end,emotion\nwav/a.wav,0.05,,joy\nc.flac,,,x\nnone.wav,,,x\n",
        &["wav/b.WAV", "wav/a.wav", "wav/deep/er/z.wav", "c.flac"],
    );
    files.insert("wav/notes.md", b"no sound".to_vec());
    files.insert("wav/broken.wav", b"no sound".to_vec());
    files.insert(
        "lists/all.txt",
        b"\xef\xbb\xbfwav/a.wav\n\nd.wav\r\n".to_vec(),
    );
    files.insert("lists/d.wav", wav(0.2, 8000, 0.5));
    files
}

fn run(inputs: &[&str]) -> Listing {
    let inputs: Vec<String> = inputs.iter().map(|input| (*input).to_owned()).collect();
    list(&files(), &inputs, &mut |_, _| {}).unwrap()
}

fn names(listing: &Listing) -> Vec<&str> {
    listing
        .utterances
        .iter()
        .map(|utterance| utterance.file.as_str())
        .collect()
}

#[test]
fn files_folders_tables_and_lists() {
    let found = run(&["wav", "./c.flac"]);
    assert_eq!(
        names(&found),
        ["wav/a.wav", "wav/b.WAV", "wav/deep/er/z.wav", "c.flac"]
    );
    assert_eq!(found.utterances[3].name, "./c.flac");
    assert_eq!(found.seconds, [0.1; 4]);
    assert_eq!(
        (found.dropped[0].reason, found.dropped[0].count),
        (DropReason::Unreadable, 1)
    );

    let found = run(&["table.csv"]);
    assert_eq!(names(&found), ["wav/a.wav", "c.flac"]);
    assert_eq!(found.utterances[0].columns["emotion"], "joy");
    assert_eq!(
        (found.utterances[0].start, found.utterances[0].label),
        (0.05, None)
    );
    assert!((found.seconds[0] - 0.05).abs() < 1e-9);
    assert_eq!(found.dropped[0].reason, DropReason::MissingFile);

    let found = run(&["lists/all.txt"]);
    assert_eq!(names(&found), ["wav/a.wav", "lists/d.wav"]);
    assert_eq!(found.seconds, [0.1, 0.2]);
}

#[test]
fn nothing_to_predict_is_an_error() {
    let error = |input: &str| {
        list(&files(), &[input.to_owned()], &mut |_, _| {})
            .unwrap_err()
            .to_string()
    };
    let missing = error("nowhere.wav");
    assert!(
        missing.starts_with(
            "nowhere.wav: no recording can be read: of 1: 1 x the file cannot be opened"
        ),
        "{missing}"
    );
    let mut files = Memory::default();
    files.insert("notes/a.md", b"x".to_vec());
    let empty = list(&files, &["notes".to_owned()], &mut |_, _| {})
        .unwrap_err()
        .to_string();
    assert!(
        empty.starts_with("notes: no audio files in this folder"),
        "{empty}"
    );
}

#[test]
fn every_file_that_cannot_be_read_is_named() {
    let mut files = files();
    for name in ["a.wav", "b.wav", "c.wav", "d.wav", "e.wav"] {
        files.insert(format!("folder/{name}"), b"no sound".to_vec());
    }
    files.insert("folder/f.wav", wav(0.2, 8000, 0.5));
    files.insert("folder/g.opus", b"OggS".to_vec());
    let found = list(&files, &["folder".to_owned()], &mut |_, _| {}).unwrap();
    assert_eq!(names(&found), ["folder/f.wav"]);
    assert!(
        found.warnings[0].contains("1 files are left out") && found.warnings[0].contains("g.opus"),
        "{:?}",
        found.warnings
    );
    let dropped = &found.dropped[0];
    assert_eq!((dropped.reason, dropped.count), (DropReason::Unreadable, 5));
    assert_eq!(dropped.examples.len(), 5);
}
