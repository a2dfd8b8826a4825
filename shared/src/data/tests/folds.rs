//! Cross validations from a table to data sets.

use super::{database, experiment, memory, speaker_split};
use crate::{
    config::{Experiment, Folds},
    data::{Dataset, Part, folds_csv, load_folds},
    files::Memory,
};
use std::collections::BTreeSet;

/// Six speakers with two files of each of two classes, and one of whom alone a third is.
fn corpus() -> Memory {
    let mut table = "file,speaker,emotion\n".to_owned();
    let mut names = Vec::new();
    for speaker in ["a", "b", "c", "d", "e", "f"] {
        for label in ["joy", "fear"] {
            for take in 0..2 {
                let name = format!("{speaker}-{label}-{take}.wav");
                table += &format!("{name},{speaker},{label}\n");
                names.push(name);
            }
        }
    }
    table += "f-rare.wav,f,rare\n";
    names.push("f-rare.wav".to_owned());
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    memory(&table, &names)
}

fn folded(folds: Folds) -> Experiment {
    let mut one = database("db", "table.csv");
    // What is drawn is passed over.
    one.split = speaker_split(50.0, 20.0);
    one.as_test = true;
    let mut experiment = experiment(vec![one]);
    experiment.folds = Some(folds);
    experiment
}

fn load(folds: Folds) -> Vec<Dataset> {
    load_folds(&folded(folds), folds, &corpus(), true, &mut |_, _| {}).unwrap()
}

#[test]
fn each_row_is_tested_on_once_and_no_speaker_stands_in_two_parts() {
    for folds in [Folds::Logo(3), Folds::Loso, Folds::KFold(2)] {
        let sets = load(folds);
        let mut tested = BTreeSet::new();
        for set in &sets {
            for part in Part::ALL {
                assert!(!set.part(part).is_empty(), "{}", part.word());
            }
            let speakers = |part: Part| -> BTreeSet<String> {
                let names = set.part(part).iter().filter_map(|one| one.speaker.clone());
                names.collect()
            };
            for (one, other) in [
                (Part::Train, Part::Dev),
                (Part::Train, Part::Test),
                (Part::Dev, Part::Test),
            ] {
                assert!(speakers(one).is_disjoint(&speakers(other)));
            }
            for utterance in &set.test {
                assert!(tested.insert(utterance.name.clone()), "{}", utterance.name);
            }
            assert_eq!(
                set.labels,
                ["fear", "joy", "rare"],
                "all folds have the same classes"
            );
            let used: usize = Part::ALL.iter().map(|part| set.part(*part).len()).sum();
            assert_eq!(used, 25);
            assert_eq!(set.report.used(), 25);
        }
        assert_eq!(tested.len(), 25);
    }
}

#[test]
fn a_class_that_a_fold_cannot_learn_is_told_of() {
    let told = |set: &Dataset| {
        let mut warnings = set.report.warnings.iter();
        warnings.any(|warning| warning.contains("no rows of: rare; the model cannot learn them"))
    };
    let sets = load(Folds::Loso);
    assert!(told(&sets[5]), "{:?}", sets[5].report.warnings);
    assert_eq!(sets[5].test.len(), 5);
}

#[test]
fn the_table_of_folds_names_each_row_once() {
    let table = folds_csv(&load(Folds::Logo(3))).unwrap();
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let headers = rows.headers().unwrap().clone();
    let fold = headers.iter().position(|name| name == "fold").unwrap();
    let records: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), 25);
    let folds: BTreeSet<&str> = records.iter().map(|record| &record[fold]).collect();
    assert_eq!(folds, BTreeSet::from(["0", "1", "2"]));
}
