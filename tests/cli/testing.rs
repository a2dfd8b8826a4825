//! `voxtune test`: finished runs on further databases.

use crate::{corpus, program::voxtune};
use serde_json::Value;
use std::{fs, path::Path};

/// The corpus, with a second table whose labels have other names, and one without labels.
fn write(here: &Path) {
    corpus::write(here);
    let table = fs::read_to_string(here.join("tones.csv")).expect("the table");
    let mut other = "file,speaker,pitch\n".to_owned();
    let mut bare = "file\n".to_owned();
    for row in table.lines().skip(1).take(9) {
        let fields: Vec<&str> = row.split(',').collect();
        let label = if fields[2] == "high" { "hoch" } else { "tief" };
        other += &format!("{},{},{label}\n", fields[0], fields[1]);
        bare += &format!("{}\n", fields[0]);
    }
    other += "audio/anna-low-0.wav,anna,mittel\n";
    fs::write(here.join("other.csv"), other).expect("the second table");
    fs::write(here.join("bare.csv"), bare).expect("the third table");
    let ini = corpus::ini().replace("epochs = 2", "epochs = 1").replace(
        "target = pitch\n",
        "target = pitch
tests = ['other']
other = ./other.csv
other.type = csv
other.absolute_path = False
other.mapping = {'hoch': 'high', 'tief': 'low'}
label_data = bare
label_result = labelled.csv
bare = ./bare.csv
bare.type = csv
bare.absolute_path = False
",
    );
    fs::write(here.join("tones.ini"), ini).expect("the experiment");
}

#[test]
fn a_finished_run_is_tested_on_another_database() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    write(here);
    let early = voxtune(here, ["test", "tones.ini"]).with_status(1);
    assert!(
        early.stderr.contains("`voxtune run` comes first"),
        "{}",
        early.stderr
    );

    voxtune(here, ["run", "tones.ini"]).with_status(0);
    let model = here.join("results/tones/models/run_0/torch/model.safetensors");
    let before = fs::read(&model).expect("the model");
    let tested = voxtune(here, ["test", "tones.ini"]).with_status(0);
    assert!(
        tested.stdout.contains("other, run 1 of 1"),
        "{}",
        tested.stdout
    );
    assert_eq!(
        fs::read(&model).expect("the model"),
        before,
        "nothing was trained"
    );

    let results = here.join("results/tones/tests/other");
    let record = fs::read(results.join("results/run_0/run.json")).expect("run.json");
    let record: Value = serde_json::from_slice(&record).expect("JSON");
    assert_eq!(record["tested"], "other");
    assert_eq!(record["results"]["test"]["n"], 9);
    assert_eq!(
        record["label_map"],
        serde_json::json!({"high": 0, "low": 1})
    );
    let dropped = record["data"]["dropped"].as_array().expect("a list");
    assert_eq!(
        dropped.len(),
        1,
        "the label that the mapping does not name: {dropped:?}"
    );
    for name in [
        "results/other_pitch_finetune_test_0_001.csv",
        "images/run_0/other_pitch_finetune_test_0_001.png",
    ] {
        assert!(results.join(name).exists(), "{name}");
    }
    let labelled = fs::read_to_string(here.join("labelled.csv")).expect("labels");
    assert_eq!(labelled.lines().count(), 10);
    // The same clips by the same model.
    let table = fs::read_to_string(results.join("results/other_pitch_finetune_test_0_001.csv"));
    let table = table.expect("predictions");
    let said = |line: &str| {
        line.split(',')
            .take(6)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    for (one, other) in table.lines().skip(1).zip(labelled.lines().skip(1)) {
        assert_eq!(said(one), said(other));
    }

    let changed = voxtune(
        here,
        ["test", "tones.ini", "--set", "FINETUNE.max_duration=0.4"],
    )
    .with_status(1);
    assert!(
        changed.stderr.contains("FINETUNE.max_duration: 0.5 -> 0.4"),
        "{}",
        changed.stderr
    );
}

#[test]
fn each_fold_is_tested_and_all_of_them_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    write(here);
    let path = here.join("tones.ini");
    let ini = fs::read_to_string(&path).expect("the experiment");
    let ini = ini
        .replace("traindevtest = True\n", "")
        .replace("tones.dev_size = 25\n", "")
        .replace("seed = 1\n", "seed = 1\nlogo = 2\n");
    fs::write(&path, ini).expect("the experiment");
    voxtune(here, ["run", "tones.ini"]).with_status(0);
    let tested = voxtune(here, ["test", "tones.ini"]).with_status(0);
    assert!(
        tested.stdout.contains("other, run 1 of 1"),
        "{}",
        tested.stdout
    );
    let results = here.join("results/tones/tests/other");
    let table = |folder: &Path| -> Vec<Vec<String>> {
        let path = folder.join("results/other_pitch_finetune_test_0_001.csv");
        let text = fs::read_to_string(path).expect("predictions");
        let rows = text.lines().skip(1);
        rows.map(|row| row.split(',').map(str::to_owned).collect())
            .collect()
    };
    let (all, one, two) = (
        table(&results),
        table(&results.join("folds/fold_0")),
        table(&results.join("folds/fold_1")),
    );
    assert_eq!(all.len(), 9);
    let number = |text: &String| text.parse::<f64>().expect("a probability");
    for ((all, one), two) in all.iter().zip(&one).zip(&two) {
        for column in 3..5 {
            let mean = (number(&one[column]) + number(&two[column])) / 2.0;
            assert!(
                (number(&all[column]) - mean).abs() < 1e-5,
                "{all:?} of {one:?} and {two:?}"
            );
        }
    }
    let labelled = fs::read_to_string(here.join("labelled.csv")).expect("labels");
    for (row, all) in labelled.lines().skip(1).zip(&all) {
        let row: Vec<&str> = row.split(',').collect();
        assert_eq!((row[0], row[5]), (all[0].as_str(), all[5].as_str()));
    }
}
