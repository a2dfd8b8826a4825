//! From data to predictions.

use crate::{
    corpus::{self, CHECKPOINT, CLASSES, SPEAKERS, TAKES},
    program::voxtune,
};
use safetensors::SafeTensors;
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Files below `folder`, relative to it, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                left.push(path);
            } else {
                found.push(path.strip_prefix(folder).expect("below").to_owned());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn data_says_what_is_where() {
    let folder = tempfile::tempdir().expect("a folder");
    corpus::write(folder.path());
    let table = folder.path().join("tones.csv");
    let rows = fs::read_to_string(&table).expect("the table");
    fs::write(
        &table,
        rows + "audio/absent.wav,anna,high\naudio/anna-low-0.wav,anna,\n",
    )
    .expect("the table");

    let text = voxtune(folder.path(), ["data", "tones.ini"])
        .with_status(0)
        .stdout;
    for word in ["train", "test", "high", "low", "absent.wav"] {
        assert!(text.contains(word), "`{word}` in:\n{text}");
    }
    let json = voxtune(folder.path(), ["data", "tones.ini", "--json"])
        .with_status(0)
        .json();
    assert!(json.is_object());
    assert!(
        !folder
            .path()
            .join("results")
            .join("tones")
            .join("models")
            .exists()
    );
}

#[test]
fn a_dry_run_starts_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    corpus::write(folder.path());
    let before = files(folder.path());
    let outcome = voxtune(folder.path(), ["run", "tones.ini", "--dry-run"]).with_status(0);
    for word in ["batch_size", "train", "test", "parameters"] {
        assert!(
            outcome.stdout.contains(word),
            "`{word}` in:\n{}",
            outcome.stdout
        );
    }
    assert_eq!(files(folder.path()), before, "nothing was written");
}

/// One long test, since training is the slow part: run, then everything that needs its model.
#[test]
fn run_then_predict_then_embed() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    corpus::write(here);

    let run = voxtune(here, ["run", "tones.ini", "--json"]).with_status(0);
    let events: Vec<Value> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("an event a line"))
        .collect();
    let kinds: Vec<&str> = events
        .iter()
        .filter_map(|event| event["event"].as_str())
        .collect();
    assert_eq!(kinds[..2], ["data", "started"], "{kinds:?}");
    assert_eq!(kinds.last(), Some(&"ended"), "{kinds:?}");
    assert!(
        kinds.contains(&"step") && kinds.contains(&"evaluation"),
        "{kinds:?}"
    );

    let written = files(&here.join("results/tones"));
    for name in [
        "config.json",
        "model.safetensors",
        "preprocessor_config.json",
    ] {
        let path = Path::new("models/run_0/torch").join(name);
        assert!(
            written.contains(&path),
            "{} in {written:#?}",
            path.display()
        );
    }
    for (kind, least) in [("csv", 1), ("png", 2), ("svg", 2), ("json", 1)] {
        let count = written
            .iter()
            .filter(|path| path.extension().is_some_and(|found| found == kind))
            .count();
        assert!(count >= least, "{count} .{kind} files in {written:#?}");
    }

    predict(here);
    embed(here);
}

fn predict(here: &Path) {
    let model = "results/tones/models/run_0/torch";
    let arguments = [
        "predict",
        "--model",
        model,
        "--device",
        "cpu",
        "--out",
        "labelled.csv",
        "audio",
    ];
    let outcome = voxtune(here, arguments).with_status(0);
    assert_eq!(outcome.stdout, "", "the table goes to the file");
    let table = fs::read_to_string(here.join("labelled.csv")).expect("the table");
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    assert_eq!(header[..3], ["file", "start", "end"]);
    for (class, _) in CLASSES {
        assert!(header.contains(&class), "{header:?}");
    }
    let predicted = header
        .iter()
        .position(|name| *name == "predicted")
        .expect("a column `predicted`");
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), SPEAKERS.len() * CLASSES.len() * TAKES);
    for row in &rows {
        assert!(
            CLASSES.iter().any(|(class, _)| row[predicted] == *class),
            "{row:?}"
        );
    }

    let one = voxtune(
        here,
        [
            "predict",
            "--model",
            model,
            "--device",
            "cpu",
            "audio/anna-low-0.wav",
        ],
    )
    .with_status(0);
    assert_eq!(one.stdout.lines().count(), 2, "{}", one.stdout);
    voxtune(here, ["predict", "--model", "absent", "audio"]).with_status(1);
}

fn embed(here: &Path) {
    let arguments = [
        "embed",
        "--model",
        CHECKPOINT,
        "--device",
        "cpu",
        "--layer",
        "all",
        "--out",
        "all.safetensors",
    ];
    voxtune(
        here,
        arguments
            .into_iter()
            .chain(["audio/anna-low-0.wav", "audio/ben-high-1.wav"]),
    )
    .with_status(0);
    let bytes = fs::read(here.join("all.safetensors")).expect("the file");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    // 6400 samples are 19 frames; 7200 are 22.
    for (file, frames) in [("audio/anna-low-0.wav", 19), ("audio/ben-high-1.wav", 22)] {
        for layer in ["layer.0", "layer.1", "layer.2", "last_hidden_state"] {
            let tensor = tensors
                .tensor(&format!("{file}/{layer}"))
                .expect("the tensor");
            assert_eq!(tensor.shape(), [frames, 32], "{file}/{layer}");
        }
    }
    assert_eq!(tensors.len(), 8);

    let arguments = [
        "embed",
        "--model",
        CHECKPOINT,
        "--device",
        "cpu",
        "--pooled",
        "--out",
        "one.safetensors",
    ];
    voxtune(here, arguments.into_iter().chain(["audio/anna-low-0.wav"])).with_status(0);
    let bytes = fs::read(here.join("one.safetensors")).expect("the file");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    let (name, tensor) = tensors.tensors().pop().expect("a tensor");
    assert_eq!(
        (name.as_str(), tensor.shape()),
        ("audio/anna-low-0.wav/last_hidden_state", &[32][..])
    );
    // In stretches of 0.1 s: as many frames, and a single layer is that of all.
    let arguments = [
        "embed",
        "--model",
        CHECKPOINT,
        "--device",
        "cpu",
        "--layer",
        "1",
        "--out",
        "cut.safetensors",
    ];
    let whole: Vec<&str> = arguments
        .into_iter()
        .chain(["audio/anna-low-0.wav"])
        .collect();
    voxtune(here, &whole).with_status(0);
    let one = fs::read(here.join("cut.safetensors")).expect("the file");
    let one = SafeTensors::deserialize(&one).expect("safetensors");
    let all = fs::read(here.join("all.safetensors")).expect("the file");
    let all = SafeTensors::deserialize(&all).expect("safetensors");
    let layer = "audio/anna-low-0.wav/layer.1";
    let data = |file: &SafeTensors<'_>| file.tensor(layer).expect("the tensor").data().to_vec();
    assert_eq!(data(&one), data(&all), "layers above are not needed");
    let cut: Vec<&str> = whole.iter().copied().chain(["--window", "0.1"]).collect();
    voxtune(here, &cut).with_status(0);
    let cut = fs::read(here.join("cut.safetensors")).expect("the file");
    let cut = SafeTensors::deserialize(&cut).expect("safetensors");
    assert_eq!(cut.tensor(layer).expect("the tensor").shape(), [19, 32]);
    let arguments = [
        "embed",
        "--model",
        CHECKPOINT,
        "--layer",
        "9",
        "--out",
        "no.safetensors",
        "audio/anna-low-0.wav",
    ];
    let outcome = voxtune(here, arguments).with_status(1);
    assert!(
        outcome.stderr.contains("layers 0 to 2"),
        "{}",
        outcome.stderr
    );
}
