//! Experiments side by side.

use crate::{corpus, program::voxtune};
use serde_json::Value;
use std::{fs, path::Path};

/// Trains `name` with a seed, two runs of one epoch.
fn train(here: &Path, name: &str, seed: u32) {
    let name = format!("EXP.name={name}");
    let seed = format!("FINETUNE.seed={seed}");
    let sets = [
        "--set",
        "EXP.runs=2",
        "--set",
        "EXP.epochs=1",
        "--set",
        &name,
        "--set",
        &seed,
    ];
    voxtune(here, ["run", "tones.ini"].into_iter().chain(sets)).with_status(0);
}

#[test]
fn experiments_are_compared_by_their_folders() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    corpus::write(here);
    train(here, "first", 1);
    train(here, "second", 2);

    let outcome = voxtune(here, ["compare", "results/first", "results/second"]).with_status(0);
    for text in [
        "UAR of the test part",
        "first",
        "second",
        "Mann-Whitney",
        "Note: first: 2 runs",
    ] {
        assert!(
            outcome.stdout.contains(text),
            "`{text}` in:\n{}",
            outcome.stdout
        );
    }
    for name in [
        "comparison.json",
        "comparison.txt",
        "comparison_uar.png",
        "comparison_uar.svg",
    ] {
        let size = fs::metadata(here.join("comparison").join(name))
            .expect(name)
            .len();
        assert!(size > 100, "{name}");
    }
    // The folder above both, and single records, are the same.
    let arguments = [
        "compare",
        "--json",
        "--measure",
        "acc",
        "--out",
        "elsewhere",
    ];
    let above = voxtune(here, arguments.into_iter().chain(["results"]))
        .with_status(0)
        .json();
    assert_eq!(above["measure"], "acc");
    let runs: Vec<String> = ["first", "second"]
        .iter()
        .flat_map(|name| [0, 1].map(|run| format!("results/{name}/results/run_{run}/run.json")))
        .collect();
    let runs = runs.iter().map(String::as_str);
    let single: Value = voxtune(here, arguments.into_iter().chain(runs))
        .with_status(0)
        .json();
    assert_eq!(single, above);
    assert!(here.join("elsewhere/comparison_acc.svg").exists());

    let one = voxtune(here, ["compare", "results/first"]).with_status(1);
    assert!(
        one.stderr.contains("1 experiment with runs"),
        "{}",
        one.stderr
    );
    let none = voxtune(here, ["compare", "audio"]).with_status(1);
    assert!(
        none.stderr.contains("no run.json below it"),
        "{}",
        none.stderr
    );
    let measure = voxtune(here, ["compare", "--measure", "ccc", "results"]).with_status(1);
    assert!(
        measure.stderr.contains("measures are uar, acc"),
        "{}",
        measure.stderr
    );
    fs::write(here.join("run.json"), "{}").expect("a file");
    let broken = voxtune(here, ["compare", "run.json", "results"]).with_status(1);
    assert!(
        broken.stderr.contains("is not the record of a run"),
        "{}",
        broken.stderr
    );
}
