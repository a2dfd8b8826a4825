//! What a run says: to people, as events, in its log.

use crate::{
    corpus,
    program::{Outcome, voxtune},
};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

fn events(text: &str) -> Vec<Value> {
    let event = |line| serde_json::from_str(line).expect("an event a line");
    text.lines().map(event).collect()
}

fn of_kind<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    let wanted = |event: &&Value| event["event"] == kind;
    events.iter().filter(wanted).collect()
}

fn add_rows(folder: &Path, rows: &str) {
    let table = folder.join("tones.csv");
    let text = fs::read_to_string(&table).expect("the table");
    fs::write(table, text + rows).expect("the table");
}

fn change_ini(folder: &Path, from: &str, to: &str) {
    let ini = folder.join("tones.ini");
    let text = fs::read_to_string(&ini).expect("the INI");
    assert!(text.contains(from), "{text}");
    fs::write(ini, text.replace(from, to)).expect("the INI");
}

fn run(folder: &Path) -> Outcome {
    voxtune(folder, ["run", "tones.ini"])
}

#[test]
fn people_are_told_of_dropped_rows_and_of_how_it_goes() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    corpus::write(here);
    add_rows(
        here,
        "audio/absent.wav,anna,high\naudio/anna-low-0.wav,anna,\n",
    );
    change_ini(here, "epochs = 2", "epochs = 1\nruns = 2");
    let outcome = run(here).with_status(0);
    for words in [
        "26 rows: 24 used, 2 dropped",
        "dropped from tones: 1 x no label",
        "absent.wav",
        // Standard error is no terminal here.
        "step 1 of 3  loss ",
        " lr ",
        " s audio/s  ",
        " left",
    ] {
        assert!(
            outcome.stderr.contains(words),
            "`{words}` in:\n{}",
            outcome.stderr
        );
    }
    for words in [
        "summary.txt",
        "models/run_0/torch",
        "models/run_1/torch",
        "plots        images/run_1/",
        "log          log/",
    ] {
        assert!(
            outcome.stdout.contains(words),
            "`{words}` in:\n{}",
            outcome.stdout
        );
    }
}

#[test]
fn events_have_data_results_and_an_end_and_are_logged() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    corpus::write(here);
    add_rows(here, "audio/absent.wav,anna,high\n");
    let outcome = voxtune(here, ["run", "tones.ini", "--json"]).with_status(0);
    let events = events(&outcome.stdout);
    assert_eq!(events[0]["event"], "data");
    assert_eq!(events[0]["rows"], 25);
    assert_eq!(events[0]["dropped"][0]["reason"], "missing_file");
    let results = of_kind(&events, "results");
    let parts: Vec<&Value> = results.iter().map(|event| &event["part"]).collect();
    assert_eq!(parts, ["dev", "test"]);
    let root = here.join("results/tones");
    let record = fs::read(root.join("results/run_0/run.json")).expect("run.json");
    let record: Value = serde_json::from_slice(&record).expect("JSON");
    for event in results {
        let part = event["part"].as_str().expect("a part");
        assert_eq!(event["metrics"], record["results"][part]["metrics"]);
        let interval = event["metrics"]["uar"]["interval"].as_array();
        assert_eq!(interval.map(Vec::len), Some(2), "{event}");
    }
    let end = events.last().expect("an event");
    assert_eq!(end["event"], "ended");
    assert_eq!(end["error"], Value::Null);

    let logs = fs::read_dir(root.join("log")).expect("the log's folder");
    let log = logs
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.extension().is_some_and(|end| end == "log"))
        .expect("a log");
    let text = fs::read_to_string(log).expect("the log");
    assert_eq!(text.lines().count(), events.len());
    for (line, event) in text.lines().zip(&events) {
        let mut line: Value = serde_json::from_str(line).expect("JSON");
        let time = line.as_object_mut().and_then(|line| line.remove("time"));
        assert!(time.is_some_and(|time| time.is_string()));
        assert_eq!(line, *event);
    }
    let history = fs::read_to_string(root.join("log/run_0/log.txt")).expect("log.txt");
    assert!(history.starts_with("[{'loss': "), "{history}");
    assert_eq!(history.matches("'grad_norm'").count(), 6);
}

#[test]
fn whatever_happens_the_last_event_is_an_end_that_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    corpus::write(here);
    let ended = |arguments: &[&str], status: i32, words: &str| {
        let all = ["run", "tones.ini", "--json"].iter().chain(arguments);
        let outcome = voxtune(here, all).with_status(status);
        let events = events(&outcome.stdout);
        let end = events.last().expect("an event");
        assert_eq!(end["event"], "ended", "{end}");
        assert_eq!(end["status"], "failed", "{end}");
        let error = end["error"].as_str().expect("a reason");
        assert!(error.contains(words), "{error}");
        assert_eq!(of_kind(&events, "ended").len(), 1);
    };
    ended(&["--set", "FINETUNE.batch_size=none"], 3, "1 error");
    fs::write(here.join("results"), "in the way").expect("a file");
    ended(&[], 1, "cannot make the folder");
}

#[test]
fn a_reader_that_goes_away_does_not_end_the_run() {
    let folder = tempfile::tempdir().expect("a folder");
    corpus::write(folder.path());
    let mut child = Command::new(env!("CARGO_BIN_EXE_voxtune"))
        .args(["run", "tones.ini", "--json"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut reader = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    reader.read_line(&mut line).expect("a line");
    drop(reader);
    let output = child.wait_with_output().expect("it ends");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("events cannot be written"), "{told}");
    let record = folder.path().join("results/tones/results/run_0/run.json");
    assert!(record.exists());
}

#[test]
fn evaluations_of_a_regression_are_in_the_units_of_the_table() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    corpus::write(here);
    let table = here.join("tones.csv");
    let text = fs::read_to_string(&table).expect("the table");
    let text = text
        .replace(",high\n", ",900.5\n")
        .replace(",low\n", ",220\n");
    fs::write(&table, text).expect("the table");
    change_ini(here, "name = tones", "name = tones\ntype = regression");
    change_ini(
        here,
        "target = pitch",
        "target = pitch\ntarget_divide_by = 1000",
    );
    let outcome = voxtune(here, ["run", "tones.ini", "--json"]).with_status(0);
    let events = events(&outcome.stdout);
    let results = of_kind(&events, "results");
    let test = results.iter().find(|event| event["part"] == "test");
    let test = &test.expect("results of test")["metrics"];
    let evaluations = of_kind(&events, "evaluation");
    let last = evaluations.last().expect("an evaluation");
    assert_eq!(last["part"], "test");
    for name in ["mae", "mse"] {
        let (told, written) = (&last["metrics"][name], &test[name]["value"]);
        let (told, written) = (told.as_f64().expect(name), written.as_f64().expect(name));
        assert!(
            (told / written - 1.0).abs() < 1e-9,
            "{name}: {told}, {written}"
        );
    }
    assert!(test["mae"]["value"].as_f64() > Some(10.0), "{test}");
}
