//! Experiments that were written for a runner, whose paths begin with `dataset:`.

use crate::{corpus, program::voxtune};
use serde_json::Value;
use std::fs;

#[test]
fn the_demo_is_here_under_the_paths_that_it_has_on_a_runner() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let ini = include_str!("../../static/demo/demo.ini")
        .replace("./static/demo/", "dataset:demo/")
        .replace("epochs = 30", "epochs = 1")
        .replace("max_duration = 3", "max_duration = 0.2\ndevice = cpu");
    fs::write(here.join("demo.ini"), &ini).expect("the experiment");
    let checked = voxtune(here, ["check", "demo.ini"]).with_status(0);
    assert!(
        checked.stdout.ends_with("demo.ini: 0 errors, 0 warnings\n"),
        "{}",
        checked.stdout
    );
    let data = voxtune(here, ["data", "demo.ini", "--json"]).with_status(0);
    assert_eq!(data.json()["rows"], 160, "{}", data.stdout);
    voxtune(here, ["run", "demo.ini"]).with_status(0);
    let record = here.join("results/demo/results/run_0/run.json");
    let record: Value =
        serde_json::from_slice(&fs::read(record).expect("the record")).expect("JSON");
    assert_eq!(record["status"], "finished", "{record:#}");
    let labelled = voxtune(
        here,
        [
            "predict", "--config", "demo.ini", "--part", "test", "--device", "cpu",
        ],
    )
    .with_status(0);
    assert!(
        labelled.stdout.contains("audio/f01_anger_00.flac,"),
        "{}",
        labelled.stdout
    );
    let embedded = [
        "embed",
        "--model",
        "dataset:demo/model",
        "--device",
        "cpu",
        "--pooled",
        "--out",
        "e.safetensors",
        "dataset:demo/audio/f01_anger_00.flac",
    ];
    voxtune(here, embedded).with_status(0);
    let astray = ini.replace("demo.csv", "../demo.csv");
    fs::write(here.join("astray.ini"), astray).expect("the experiment");
    voxtune(here, ["data", "astray.ini"]).with_status(3);
}

#[test]
fn an_upload_of_a_runner_is_said_to_be_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    corpus::write(here);
    let upload = "dataset:0123456789abcdef0123456789abcdef/calls";
    let ini = corpus::ini().replace("tones = ./", &format!("tones = {upload}/"));
    fs::write(here.join("x.ini"), &ini).expect("the experiment");
    let found = voxtune(here, ["check", "x.ini", "--json"]);
    let found = found.json();
    let finding = &found["diagnostics"][0];
    let advice = finding["fix"].as_str().expect("a way on");
    assert!(advice.contains("uploaded to a runner"), "{finding:#}");
    assert!(advice.contains("here is `tones.csv`"), "{finding:#}");
    let absent = ini.replace("tones.csv", "absent.csv");
    fs::write(here.join("x.ini"), absent).expect("the experiment");
    let found = voxtune(here, ["run", "x.ini"]).with_status(3);
    assert!(
        found.stderr.contains("elsewhere write the path"),
        "{}",
        found.stderr
    );
    // A model is found missing in the same words, and not asked for at the hub.
    let model = corpus::ini().replace(corpus::CHECKPOINT, &format!("{upload}/model"));
    fs::write(here.join("x.ini"), model).expect("the experiment");
    let found = voxtune(here, ["run", "x.ini"]).with_status(3);
    assert!(
        found.stderr.contains("uploaded to a runner"),
        "{}",
        found.stderr
    );
}
