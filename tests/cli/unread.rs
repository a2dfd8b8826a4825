//! What becomes of a call whose output nobody reads, or that finds no room for it.

use crate::{corpus, program::voxtune};
use serde_json::Value;
use std::{
    fs,
    io::pipe,
    path::Path,
    process::{Command, Stdio},
};

/// A pipe whose reader has gone.
fn unread() -> Stdio {
    let (reader, writer) = pipe().expect("a pipe");
    drop(reader);
    writer.into()
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_voxtune"));
    command.args(arguments).current_dir(folder);
    command
}

#[test]
fn without_a_reader_the_exit_status_is_the_real_one() {
    let folder = tempfile::tempdir().expect("a folder");
    corpus::write(folder.path());
    for (arguments, status) in [
        (&["keys"][..], 0),
        (&["keys", "--json"], 0),
        (&["devices"], 0),
        (&["check", "tones.ini"], 0),
        (&["check", "tones.ini", "--set", "MODEL.type=nothing"], 3),
        (&["data", "tones.ini"], 0),
        (&["data", "tones.ini", "--json"], 0),
        (&["run", "tones.ini", "--dry-run", "--device", "cpu"], 0),
        (&["--help"], 0),
    ] {
        let output = command(folder.path(), arguments)
            .stdout(unread())
            .output()
            .expect("it starts");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {told}");
        assert!(!told.contains("panicked"), "{arguments:?}: {told}");
        // Neither is there anything to panic of where complaints are not read.
        let status_alone = command(folder.path(), arguments)
            .stdout(unread())
            .stderr(unread())
            .status()
            .expect("it starts");
        assert_eq!(status_alone.code(), Some(status), "{arguments:?}");
    }
}

#[test]
fn a_training_that_nobody_watches_is_a_training() {
    let folder = tempfile::tempdir().expect("a folder");
    corpus::write(folder.path());
    let status = command(folder.path(), &["run", "tones.ini"])
        .stdout(unread())
        .stderr(unread())
        .status()
        .expect("it starts");
    assert_eq!(status.code(), Some(0));
    let record = folder.path().join("results/tones/results/run_0/run.json");
    let record = fs::read(record).expect("the record");
    let record: Value = serde_json::from_slice(&record).expect("JSON");
    assert_eq!(record["status"], "finished", "{record:#}");
}

#[test]
fn predictions_that_nobody_reads_are_not_made() {
    let folder = tempfile::tempdir().expect("a folder");
    corpus::write(folder.path());
    corpus::write_model(&folder.path().join("model"));
    let output = command(
        folder.path(),
        &["predict", "--device", "cpu", "--model", "model", "audio"],
    )
    .stdout(unread())
    .output()
    .expect("it starts");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(141), "{told}");
    assert!(
        !told.contains("panicked") && !told.contains("error"),
        "{told}"
    );
}

#[test]
fn a_disk_without_room_is_an_error() {
    let Ok(full) = fs::File::options().write(true).open("/dev/full") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    for arguments in [&["keys"][..], &["keys", "--json"], &["devices"]] {
        let output = command(folder.path(), arguments)
            .stdout(full.try_clone().expect("a handle"))
            .output()
            .expect("it starts");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {told}");
        assert!(told.contains("standard output is not complete"), "{told}");
    }
    // And one that only complaints have no room on keeps nothing from its work.
    let status = command(folder.path(), &["check", "absent.ini"])
        .stderr(full)
        .status()
        .expect("it starts");
    assert_eq!(status.code(), Some(1));
    voxtune(folder.path(), ["devices"]).with_status(0);
}
