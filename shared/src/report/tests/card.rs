//! The model card.

use super::{experiment::experiment, files};
use crate::{
    config::{Combine, Measure},
    data::{DataReport, DatabaseReport, Part, PartReport, Parts},
    report::{
        Grouping, Manifest, Selection, Summary, SummaryOptions, model_card, public_config,
        run_files,
    },
};
use indexmap::IndexMap;

fn manifest() -> Manifest {
    let set = files::emotions();
    let mut manifest = files::outcome(0).manifest();
    let options = SummaryOptions {
        part: Some(Part::Test),
        groupings: vec![Grouping {
            by: "sex".to_owned(),
            values: (0..12)
                .map(|index| Some(["female", "male"][index % 2].to_owned()))
                .collect(),
        }],
        ..SummaryOptions::default()
    };
    manifest.results = IndexMap::from([(Part::Test, Summary::of(&set, &options).unwrap())]);
    let train = PartReport {
        rows: 40,
        seconds: 90.0,
        speakers: IndexMap::from([("anna".to_owned(), 20), ("ben".to_owned(), 20)]),
        classes: IndexMap::from([("happiness".to_owned(), 25), ("neutral".to_owned(), 15)]),
        ..PartReport::default()
    };
    let report = DataReport {
        rows: 52,
        databases: vec![DatabaseReport {
            name: "emodb".to_owned(),
            path: "data/emodb.csv".to_owned(),
            rows: 52,
            used: Parts::default(),
            dropped: 0,
        }],
        parts: Parts {
            train,
            ..Parts::default()
        },
        ..DataReport::default()
    };
    manifest.data = serde_json::to_value(report).unwrap();
    manifest.split_hash = Some("0123abcd".to_owned());
    manifest.device = "CPU".to_owned();
    manifest
}

#[test]
fn a_card_says_what_a_reader_must_know() {
    let mut experiment = experiment(&["emodb"]);
    experiment.license = Some("cc-by-nc-4.0".to_owned());
    let mut manifest = manifest();
    manifest.model.license = Some("mit".to_owned());
    let card = model_card(&experiment, &manifest).replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!(card);
}

#[test]
fn what_is_not_known_is_said() {
    let mut experiment = experiment(&["emodb"]);
    experiment.tuning.pretrained_model = "./models/my base".to_owned();
    let mut manifest = manifest();
    manifest.model.pretrained = "./models/my base".to_owned();
    manifest.results.clear();
    manifest.data = serde_json::Value::Null;
    manifest.selection = Selection::new(Some(Part::Test), Measure::Uar);
    let card = model_card(&experiment, &manifest);
    for text in [
        "license: other",
        "The model was not evaluated.",
        "was not recorded",
        "It was not tested.",
        "No licence has been chosen",
        "its figures are optimistic",
    ] {
        assert!(card.contains(text), "{text} in:\n{card}");
    }
    assert!(
        !card.contains("base_model") && !card.contains("model-index"),
        "{card}"
    );
}

#[test]
fn secrets_are_not_published() {
    let text = "[MODEL]\ntype = finetune\nHF_Token = hf_abc\n   def\n# token: no secret\n[EXP]\nname: x\npassword:p\n";
    assert_eq!(
        public_config(text),
        "[MODEL]\ntype = finetune\nHF_Token = (not shown)\n# token: no secret\n[EXP]\nname: x\npassword= (not shown)\n"
    );
}

#[test]
fn files_of_combined_and_certain_predictions() {
    let mut experiment = experiment(&["emodb"]);
    let set = super::classified(2, &[0, 1, 0, 1, 0], &[0, 1, 1, 1, 0]);
    let options = SummaryOptions {
        part: Some(Part::Test),
        combining: Some(crate::report::Combining {
            method: Combine::Mean,
            by: "speaker".to_owned(),
            values: set
                .predictions
                .iter()
                .map(|one| one.speaker.clone())
                .collect(),
        }),
        uncertainty_threshold: Some(0.9),
        ..SummaryOptions::default()
    };
    experiment.traindevtest = true;
    let mut outcome = files::outcome(0);
    outcome.parts.truncate(1);
    outcome.parts[0].part = Part::Test;
    outcome.parts[0].summary = Some(Summary::of(&set, &options).unwrap());
    outcome.parts[0].predictions = set;
    let files = run_files(&experiment, 0, &outcome).unwrap();
    let mut names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    insta::assert_snapshot!(names.join("\n"));
}
