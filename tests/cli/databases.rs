//! `[EXP] databases`: each database trained on and tested on each, or left out in turn.

use crate::{corpus, program::voxtune};
use serde_json::Value;
use std::{fs, path::Path};

/// Three tables of the corpus: two speakers, the two others, and all.
fn write(here: &Path, keys: &str) {
    corpus::write(here);
    let table = fs::read_to_string(here.join("tones.csv")).expect("the table");
    let rows = |wanted: &dyn Fn(&str) -> bool| {
        let mut lines = table.lines();
        let mut text = lines.next().expect("names").to_owned() + "\n";
        for line in lines.filter(|line| wanted(line)) {
            text += &format!("{line}\n");
        }
        text
    };
    let of = |speakers: [&'static str; 2]| {
        move |line: &str| {
            speakers
                .iter()
                .any(|one| line.contains(&format!(",{one},")))
        }
    };
    fs::write(here.join("a.csv"), rows(&of(["anna", "ben"]))).expect("a table");
    fs::write(here.join("b.csv"), rows(&of(["cleo", "dan"]))).expect("a table");
    fs::write(here.join("c.csv"), rows(&of(["ben", "dan"]))).expect("a table");
    let mut databases = String::new();
    for name in ["a", "b", "c"] {
        databases += &format!(
            "{name} = ./{name}.csv\n{name}.type = csv\n{name}.absolute_path = False\n{name}.split_strategy = random\n\
             {name}.test_size = 25\n"
        );
    }
    let ini = corpus::ini();
    let (exp, rest) = ini.split_once("[DATA]\n").expect("sections");
    let (_, rest) = rest.split_once("target = pitch\n").expect("a target");
    let exp = exp
        .replace("epochs = 2", "epochs = 1")
        .replace("traindevtest = True\n", keys);
    let ini = format!("{exp}[DATA]\ntarget = pitch\n{databases}{rest}");
    fs::write(here.join("tones.ini"), ini).expect("the experiment");
}

fn record(here: &Path) -> Value {
    let path = here.join("results/tones/results/run_0/run.json");
    serde_json::from_slice(&fs::read(path).expect("run.json")).expect("JSON")
}

/// (trained on, tested on, utterances) of all cells.
fn cells(record: &Value) -> Vec<(String, String, u64)> {
    let cells = record["databases"].as_array().expect("cells");
    let text = |value: &Value| value.as_str().expect("a name").to_owned();
    cells
        .iter()
        .map(|cell| {
            let n = cell["utterances"].as_u64().expect("a number");
            (text(&cell["trained_on"]), text(&cell["tested_on"]), n)
        })
        .collect()
}

fn expected(own: u64, other: u64, names: &[&str]) -> Vec<(String, String, u64)> {
    let mut cells = Vec::new();
    for &one in names {
        for &two in names {
            cells.push((
                one.to_owned(),
                two.to_owned(),
                if one == two { own } else { other },
            ));
        }
    }
    cells
}

#[test]
fn each_database_is_tested_on_each() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    write(here, "databases = ['a', 'b']\n");
    let outcome = voxtune(here, ["run", "tones.ini"]).with_status(0);
    for words in [
        "training 1 of 4, on a, tested on b",
        "training 2 of 4, on a, tested on a",
        "training 3 of 4, on b, tested on a",
    ] {
        assert!(
            outcome.stderr.contains(words),
            "`{words}` in:\n{}",
            outcome.stderr
        );
    }
    assert!(
        outcome
            .stdout
            .contains("2 databases, each trained on (rows) and tested on (columns), 1 run"),
        "{}",
        outcome.stdout
    );
    // All 12 rows of the other one, and a quarter of a database's own.
    assert_eq!(cells(&record(here)), expected(3, 12, &["a", "b"]));
    let results = here.join("results/tones");
    let table = fs::read_to_string(results.join("results/a-b_pitch_finetune_databases.csv"));
    let table = table.expect("a table");
    assert!(
        table.starts_with("run,seed,trained_on,tested_on,utterances,best_epoch,uar,"),
        "{table}"
    );
    assert_eq!(table.lines().count(), 5);
    for name in [
        "results/a-b_pitch_finetune_databases.txt",
        "images/a-b_pitch_finetune_databases_plot.png",
    ] {
        assert!(results.join(name).exists(), "{name}");
    }
    // There is nothing left to do, and the same is shown.
    let again = voxtune(here, ["run", "tones.ini"]).with_status(0);
    assert!(!again.stderr.contains("training 1"), "{}", again.stderr);
    assert!(again.stdout.contains("mean of others"), "{}", again.stdout);
}

#[test]
fn splits_are_kept_or_training_is_done_once() {
    for (keys, own, other) in [
        ("use_splits = True\n", 3, 3),
        ("reuse_train = True\n", 3, 12),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let here = folder.path();
        write(here, &format!("databases = ['a', 'b', 'c']\n{keys}"));
        let outcome = voxtune(here, ["run", "tones.ini"]).with_status(0);
        assert!(
            outcome.stderr.contains("training 3 of 3, on c"),
            "{}",
            outcome.stderr
        );
        assert_eq!(
            cells(&record(here)),
            expected(own, other, &["a", "b", "c"]),
            "{keys}"
        );
    }
}

#[test]
fn a_database_stays_in_train_or_is_the_dev_part_of_each_fold() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    write(
        here,
        "databases = ['a', 'b']\nuse_splits = True\n[CROSSDB]\ntrain_extra = ['c']\n",
    );
    voxtune(here, ["run", "tones.ini"]).with_status(0);
    assert_eq!(cells(&record(here)), expected(3, 3, &["a", "b"]));
    let fold = fs::read(here.join("results/tones/folds/fold_0/results/run_0/run.json"));
    let fold: Value = serde_json::from_slice(&fold.expect("run.json")).expect("JSON");
    let used = &fold["data"]["databases"];
    assert_eq!(used[2]["name"], "c");
    assert_eq!(used[2]["used"]["test"], 0);

    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    write(here, "databases = ['a', 'b']\nlodo = True\nlodo_dev = c\n");
    voxtune(here, ["run", "tones.ini"]).with_status(0);
    let record = record(here);
    assert_eq!(record["folds"].as_array().map(Vec::len), Some(2));
    assert_eq!(record["folds"][1]["tested_on"][0], "b");
    let fold = fs::read(here.join("results/tones/folds/fold_1/results/run_0/run.json"));
    let fold: Value = serde_json::from_slice(&fold.expect("run.json")).expect("JSON");
    let parts: Vec<&Value> = (0..3)
        .map(|index| &fold["data"]["databases"][index]["used"])
        .collect();
    assert_eq!(
        (&parts[0]["train"], &parts[1]["test"], &parts[2]["dev"]),
        (&12.into(), &12.into(), &12.into())
    );
    assert_eq!(parts[0]["dev"], 0, "nothing is cut from train");
}
