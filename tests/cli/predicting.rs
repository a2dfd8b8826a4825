//! Predictions of many recordings: time lines, parts of an experiment, going on after a crash.

use crate::{
    corpus,
    program::{Outcome, voxtune},
};
use serde_json::Value;
use std::{collections::BTreeMap, fs, path::Path};

const MODEL: &str = "model";

/// A folder with the corpus and a model for it.
fn world() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    corpus::write(folder.path());
    corpus::write_model(&folder.path().join(MODEL));
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).expect("a copy");
        }
    }
}

fn predict(here: &Path, more: &[&str]) -> Outcome {
    let first = ["predict", "--device", "cpu"];
    voxtune(here, first.iter().chain(more))
}

fn table(here: &Path, name: &str) -> String {
    fs::read_to_string(here.join(name)).expect("the table")
}

/// Rows by file and start, as columns.
fn rows(table: &str) -> BTreeMap<(String, String), BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let head = reader.headers().expect("a header").clone();
    let rows = reader.records().map(|row| {
        let row = row.expect("a row");
        let key = (row[0].to_owned(), row[1].to_owned());
        let row = head.iter().zip(&row);
        (
            key,
            row.map(|(a, b)| (a.to_owned(), b.to_owned())).collect(),
        )
    });
    rows.collect()
}

#[test]
fn batches_give_what_single_clips_give() {
    let world = world();
    let here = world.path();
    let all = |size: &str| {
        let arguments = ["--model", MODEL, "--batch-size", size, "audio"];
        predict(here, &arguments).with_status(0).stdout
    };
    let (single, batched) = (all("1"), all("7"));
    let (single, batched) = (rows(&single), rows(&batched));
    assert_eq!(single.len(), batched.len());
    for (key, row) in &single {
        let number = |row: &BTreeMap<String, String>| row["high"].parse::<f64>().expect("a number");
        assert!(
            (number(row) - number(&batched[key])).abs() < 1e-5,
            "{key:?}"
        );
        assert_eq!(row["predicted"], batched[key]["predicted"]);
    }
}

#[test]
fn a_part_of_an_experiment_has_its_truth() {
    let world = world();
    let here = world.path();
    let early = predict(here, &["--config", "tones.ini"]).with_status(1);
    assert!(
        early.stderr.contains("has not made a model"),
        "{}",
        early.stderr
    );
    voxtune(here, ["run", "tones.ini", "--set", "EXP.epochs=1"]).with_status(0);
    let one = [
        "--config",
        "tones.ini",
        "--part",
        "test",
        "--out",
        "test.csv",
    ];
    predict(here, &one).with_status(0);
    let found = rows(&table(here, "test.csv"));
    let names: Vec<&String> = found.keys().map(|(file, _)| file).collect();
    // What the run wrote of its test part is the same.
    let own = fs::read_dir(here.join("results/tones/results"))
        .expect("the results")
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.to_string_lossy().ends_with("test_0_001.csv"))
        .expect("the run's own predictions");
    let own = rows(&fs::read_to_string(own).expect("a table"));
    assert_eq!(names, own.keys().map(|(file, _)| file).collect::<Vec<_>>());
    for (key, row) in &found {
        for column in ["predicted", "truth", "correct"] {
            assert_eq!(row[column], own[key][column], "{key:?}");
        }
        assert!(!row["truth"].is_empty());
    }
    let all = predict(here, &["--config", "tones.ini"]).with_status(0);
    assert_eq!(all.stdout.lines().count(), 25, "all parts: {}", all.stdout);
    let both = ["--config", "tones.ini", "audio"];
    predict(here, &both).with_status(2);
}

#[test]
fn a_time_line_has_a_row_for_each_window() {
    let world = world();
    let here = world.path();
    let arguments = [
        "--model",
        MODEL,
        "--window",
        "0.25",
        "--hop",
        "0.1",
        "--out",
        "line.csv",
        "--plots",
        "plots",
        "audio/anna-low-1.wav",
        "audio/ben-high-2.wav",
    ];
    predict(here, &arguments).with_status(0);
    let text = table(here, "line.csv");
    let starts: Vec<Vec<&str>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').take(3).collect())
        .collect();
    // 0.45 s, then 0.5 s.
    let times = [
        ("00", "25"),
        ("10", "35"),
        ("20", "45"),
        ("00", "25"),
        ("10", "35"),
        ("20", "45"),
        ("25", "50"),
    ];
    for (row, (start, end)) in starts.iter().zip(times) {
        assert_eq!(row[1], format!("0 days 00:00:00.{start}0000"), "{text}");
        assert_eq!(row[2], format!("0 days 00:00:00.{end}0000"), "{text}");
    }
    assert_eq!(starts.len(), times.len(), "{text}");
    for name in ["audio_anna-low-1", "audio_ben-high-2"] {
        let svg = table(here, &format!("plots/{name}.svg"));
        assert!(svg.contains("Probability") && svg.contains("high"));
        let png = fs::read(here.join(format!("plots/{name}.png"))).expect("the plot");
        assert!(png.starts_with(b"\x89PNG"));
    }
    // A table with the same windows says the same: it is the layout that is read.
    let windows = "file,start,end\naudio/anna-low-1.wav,0.1,0.35\n";
    fs::write(here.join("windows.csv"), windows).expect("a table");
    let one = predict(here, &["--model", MODEL, "windows.csv"]).with_status(0);
    let (one, all) = (rows(&one.stdout), rows(&text));
    let key = (
        "audio/anna-low-1.wav".to_owned(),
        "0 days 00:00:00.100000".to_owned(),
    );
    let number = |row: &BTreeMap<String, String>| row["low"].parse::<f64>().expect("a number");
    assert!((number(&one[&key]) - number(&all[&key])).abs() < 1e-5);
    for wrong in [["--window", "0"], ["--window", "nan"], ["--hop", "1"]] {
        let arguments = ["--model", MODEL, wrong[0], wrong[1], "audio"];
        predict(here, &arguments).with_status(2);
    }
}

#[test]
fn bad_files_are_named_and_the_rest_goes_on() {
    let world = world();
    let here = world.path();
    fs::write(here.join("audio/broken.wav"), "no sound").expect("a file");
    fs::write(here.join("audio/empty.flac"), "").expect("a file");
    let inputs = ["--model", MODEL, "--out", "all.csv", "audio", "absent.wav"];
    let outcome = predict(here, &inputs).with_status(1);
    for name in [
        "broken.wav",
        "empty.flac",
        "absent.wav",
        "3 could not be predicted",
    ] {
        assert!(outcome.stderr.contains(name), "{name}: {}", outcome.stderr);
    }
    assert_eq!(table(here, "all.csv").lines().count(), 25);
    let record: Value = serde_json::from_str(&table(here, "all.csv.json")).expect("the record");
    assert_eq!(record["failed"].as_array().expect("a list").len(), 3);
    assert_eq!(record["finished"], true);
}

/// The record and the table as a crash leaves them after `length` bytes.
fn broken_off(here: &Path, whole: &str, length: usize) {
    fs::write(here.join("all.csv"), &whole[..length]).expect("a table");
    let record = table(here, "all.csv.json").replace("\"finished\": true", "\"finished\": false");
    fs::write(here.join("all.csv.json"), record).expect("a record");
}

#[test]
fn a_prediction_goes_on_where_it_was_broken_off() {
    let world = world();
    let here = world.path();
    let arguments = [
        "--model",
        MODEL,
        "--batch-size",
        "1",
        "--out",
        "all.csv",
        "audio",
    ];
    predict(here, &arguments).with_status(0);
    let whole = table(here, "all.csv");
    let resumed: Vec<&str> = arguments.into_iter().chain(["--resume"]).collect();
    for length in [0, 5, 40, whole.len() / 2, whole.len() - 1, whole.len()] {
        broken_off(here, &whole, length);
        if length > 0 {
            let refused = predict(here, &arguments).with_status(1);
            assert!(refused.stderr.contains("--resume"), "{}", refused.stderr);
        }
        predict(here, &resumed).with_status(0);
        assert_eq!(
            table(here, "all.csv"),
            whole,
            "broken off after {length} bytes"
        );
    }
    let again = predict(here, &resumed).with_status(0);
    assert!(
        again.stderr.contains("24 of 24 predictions are there"),
        "{}",
        again.stderr
    );
    // New recordings in the folder are added.
    fs::copy(
        here.join("audio/anna-low-0.wav"),
        here.join("audio/new.wav"),
    )
    .expect("a copy");
    predict(here, &resumed).with_status(0);
    assert_eq!(table(here, "all.csv").lines().count(), 26);
}

#[test]
fn another_prediction_is_not_gone_on_with() {
    let world = world();
    let here = world.path();
    copy(&here.join(MODEL), &here.join("other"));
    let config = table(here, "other/config.json").replace("\"high\"", "\"hoch\"");
    fs::write(here.join("other/config.json"), config).expect("a configuration");
    let call = |model: &str, more: &[&str]| {
        let first = ["--model", model, "--out", "all.csv"];
        predict(here, &[&first[..], more].concat())
    };
    call(MODEL, &["audio"]).with_status(0);
    let whole = table(here, "all.csv");
    broken_off(here, &whole, whole.len() / 2);
    let half = table(here, "all.csv");
    for (model, more, word) in [
        ("other", vec!["--resume", "audio"], "the model"),
        (
            MODEL,
            vec!["--resume", "--max-duration", "0.2", "audio"],
            "seconds at once: 0.5 s -> 0.2 s",
        ),
        (
            MODEL,
            vec!["--resume", "--windows", "3", "audio"],
            "--windows: 1 -> 3",
        ),
        (
            MODEL,
            vec!["--resume", "--window", "0.5", "--hop", "0.1", "audio"],
            "--hop: none -> 0.1 s",
        ),
        (
            MODEL,
            vec!["--resume", "tones.csv"],
            "the input: audio -> tones.csv",
        ),
    ] {
        let outcome = call(model, &more).with_status(1);
        assert!(outcome.stderr.contains(word), "{word}: {}", outcome.stderr);
        assert_eq!(table(here, "all.csv"), half, "nothing is lost");
    }
    fs::remove_file(here.join("all.csv.json")).expect("removed");
    let outcome = call(MODEL, &["--resume", "audio"]).with_status(1);
    assert!(
        outcome.stderr.contains("all.csv.json is not there"),
        "{}",
        outcome.stderr
    );
    assert_eq!(table(here, "all.csv"), half, "nothing is lost");
}

#[test]
fn a_regression_is_predicted_in_the_tables_unit() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    corpus::write(here);
    let mut text = "file,speaker,hertz\n".to_owned();
    for (index, line) in table(here, "tones.csv").lines().skip(1).enumerate() {
        let mut fields = line.split(',');
        let (file, speaker) = (
            fields.next().expect("a file"),
            fields.next().expect("a speaker"),
        );
        text += &format!("{file},{speaker},{}\n", 1000 + 10 * index);
    }
    fs::write(here.join("tones.csv"), text).expect("a table");
    let ini = corpus::ini()
        .replace("target = pitch", "target = hertz\ntarget_divide_by = 100")
        .replace("epochs = 2", "epochs = 1\ntype = regression");
    fs::write(here.join("tones.ini"), ini).expect("an INI");
    voxtune(here, ["run", "tones.ini"]).with_status(0);
    let arguments = ["--config", "tones.ini", "--part", "test"];
    let test = rows(&predict(here, &arguments).with_status(0).stdout);
    assert_eq!(test.len(), 6);
    for row in test.values() {
        let truth: f64 = row["truth"].parse().expect("a number");
        assert!((1000.0..1240.0).contains(&truth), "{row:?}");
    }
    // Predictions of the same clips by their names, in the same unit.
    let model = "results/tones/models/run_0/torch";
    let named = rows(
        &predict(here, &["--model", model, "tones.csv"])
            .with_status(0)
            .stdout,
    );
    for ((file, _), row) in &test {
        let said =
            |row: &BTreeMap<String, String>| row["predicted"].parse::<f64>().expect("a number");
        let other = named
            .iter()
            .find(|((name, _), _)| file.ends_with(name.trim_start_matches("./")));
        let other = said(other.expect("the same clip").1);
        assert!((said(row) - other).abs() < 1e-2, "{row:?} {other}");
    }
    let line = [
        "--model",
        model,
        "--window",
        "0.2",
        "--out",
        "line.csv",
        "--plots",
        "plots",
        "audio/anna-low-0.wav",
    ];
    predict(here, &line).with_status(0);
    assert!(table(here, "plots/audio_anna-low-0.svg").contains("hertz"));
}
