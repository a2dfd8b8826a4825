//! Cross validation: a training a fold and run, each of which can be broken off, and one report.

use crate::{
    faults::Bench,
    program::{Outcome, voxtune},
};
use serde_json::Value;
use std::{collections::BTreeSet, fs};

/// Four speakers, two in each fold.
fn bench(runs: u32) -> Bench {
    let bench = Bench::new("logo = 2\n");
    let path = bench.path().join("tones.ini");
    let ini = fs::read_to_string(&path).expect("the experiment");
    let ini = ini
        .replace("traindevtest = True\n", &format!("runs = {runs}\n"))
        .replace("tones.dev_size = 25\n", "")
        .replace("epochs = 5", "epochs = 2");
    fs::write(path, ini).expect("the experiment");
    bench
}

fn run(bench: &Bench) -> Outcome {
    voxtune(bench.path(), ["run", "tones.ini"])
}

fn json(bench: &Bench, path: &str) -> Value {
    let bytes = fs::read(bench.result(path)).expect(path);
    serde_json::from_slice(&bytes).expect("JSON")
}

/// What must be the same of the first run, however often the work was broken off.
fn essence(bench: &Bench) -> Vec<(String, Vec<u8>)> {
    let paths = [
        "store/folds.csv",
        "results/tones_pitch_finetune_last_0_002.csv",
        "folds/fold_0/models/run_0/torch/model.safetensors",
        "folds/fold_1/models/run_0/torch/model.safetensors",
    ];
    let read = |path: &str| (path.to_owned(), fs::read(bench.result(path)).expect(path));
    paths.into_iter().map(read).collect()
}

#[test]
fn a_kill_in_the_middle_changes_nothing() {
    let undisturbed = bench(2);
    let outcome = run(&undisturbed).with_status(0);
    for words in [
        "fold 1 of 2 of run 1 of 2, tested on",
        "fold 2 of 2 of run 2 of 2, tested on",
        "all 2 trainings of run 2 of 2 are done",
    ] {
        assert!(
            outcome.stderr.contains(words),
            "`{words}` in:\n{}",
            outcome.stderr
        );
    }
    assert!(
        outcome.stdout.contains(
            "2 folds (leave one group of speakers out), 2 runs, 24 utterances of 4 speakers"
        ),
        "{}",
        outcome.stdout
    );

    let killed = bench(1);
    let mut running = killed.start();
    // In the second fold.
    running.wait_for("fold", |event| event["fold"] == 1);
    running.wait_for("evaluation", |event| event["part"] == "dev");
    running.wait_for("step", |_| true);
    running.kill();
    let outcome = run(&killed).with_status(0);
    assert!(
        outcome.stderr.contains("run 1 of 1 has finished before"),
        "the first fold is kept:\n{}",
        outcome.stderr
    );
    assert!(
        outcome.stderr.contains("resumed at step"),
        "{}",
        outcome.stderr
    );
    for ((path, found), (_, expected)) in essence(&killed).into_iter().zip(essence(&undisturbed)) {
        assert!(found == expected, "{path} differs");
    }
    assert!(
        !killed
            .result("folds/fold_0/models/run_0/checkpoints")
            .exists(),
        "checkpoints of what has finished are removed"
    );

    // Once more: there is nothing to do, and the same is shown.
    let again = run(&killed).with_status(0);
    assert!(
        again.stdout.contains("All folds together"),
        "{}",
        again.stdout
    );
    assert!(!again.stderr.contains("epoch"), "{}", again.stderr);

    every_utterance_is_predicted_once(&undisturbed);
    the_report_can_be_read(&undisturbed);
}

fn every_utterance_is_predicted_once(bench: &Bench) {
    let table = fs::read_to_string(bench.result("results/tones_pitch_finetune_last_0_002.csv"));
    let table = table.expect("the predictions");
    let files: Vec<&str> = table
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').next())
        .collect();
    let different: BTreeSet<&str> = files.iter().copied().collect();
    assert_eq!((files.len(), different.len()), (24, 24));
    let tested = |fold: u32| -> BTreeSet<String> {
        let record = json(bench, "results/run_0/run.json");
        let speakers = record["folds"][fold as usize]["tested_on"].clone();
        serde_json::from_value(speakers).expect("speakers")
    };
    assert!(tested(0).is_disjoint(&tested(1)));
    assert_eq!(tested(0).len() + tested(1).len(), 4);
    for fold in 0..2 {
        for part in ["train", "dev"] {
            let path = format!("folds/fold_{fold}/store/{part}df.csv");
            let table = fs::read_to_string(bench.result(&path)).expect("a part");
            for speaker in tested(fold) {
                assert!(!table.contains(&speaker), "{speaker} is in {path}");
            }
        }
    }
}

fn the_report_can_be_read(bench: &Bench) {
    let record = json(bench, "results/run_1/run.json");
    assert_eq!(record["status"], "finished");
    assert_eq!(record["results"]["test"]["n"], 24);
    assert_eq!(record["results"]["test"]["speakers"], 4);
    assert!(record["results"]["test"]["metrics"]["uar"]["by_speaker"].is_array());
    let fold = json(bench, "folds/fold_1/results/run_1/run.json");
    assert_eq!(fold["fold"], serde_json::json!({"fold": 1, "folds": 2}));
    assert_eq!(
        record["folds"][1]["metrics"]["uar"],
        fold["results"]["test"]["metrics"]["uar"]["value"]
    );
    let summary = json(bench, "results/tones_pitch_finetune_summary.json");
    assert_eq!(summary["folds"]["over_all"]["uar"]["n"], 4);
    assert_eq!(summary["folds"]["over_folds"]["uar"]["n"], 2);
    assert_eq!(summary["spread"]["uar"]["n"], 2);
    for plot in [
        "images/tones_pitch_finetune_folds_plot.png",
        "images/run_0/tones_pitch_finetune_last_0_002.png",
    ] {
        assert!(bench.result(plot).exists(), "{plot}");
    }
    // Folds are no experiments to be compared.
    let compared = voxtune(bench.path(), ["compare", "results/tones"]).with_status(1);
    assert!(
        compared.stderr.contains("1 experiment with runs"),
        "{}",
        compared.stderr
    );
}

#[test]
fn another_number_of_folds_is_another_experiment() {
    let bench = bench(1);
    let mut running = bench.start();
    running.wait_for("step", |_| true);
    running.kill();
    let other = voxtune(
        bench.path(),
        ["run", "tones.ini", "--set", "FINETUNE.logo=4"],
    )
    .with_status(1);
    assert!(
        other.stderr.contains("FINETUNE.logo: 2 -> 4"),
        "{}",
        other.stderr
    );
    let forced = [
        "run",
        "tones.ini",
        "--set",
        "FINETUNE.logo=4",
        "--set",
        "EXP.epochs=1",
        "--set",
        "EXP.runs=1",
        "--force",
    ];
    voxtune(bench.path(), forced).with_status(0);
    assert!(bench.result("old-1/folds/fold_0").exists());
    assert!(bench.result("folds/fold_3").exists());
    let many = voxtune(
        bench.path(),
        ["data", "tones.ini", "--set", "FINETUNE.logo=5"],
    )
    .with_status(1);
    assert!(
        many.stderr
            .contains("logo: there are 4 speakers for 5 folds"),
        "{}",
        many.stderr
    );
}
