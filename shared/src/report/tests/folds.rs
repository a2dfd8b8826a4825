//! The one report of a cross validation.

use super::{classified, experiment};
use crate::{
    config::Folds,
    data::Part,
    protocol::Status,
    report::{
        ConfigRecord, FoldLine, Manifest, PredictionSet, RunsSummary, Selection, Summary,
        SummaryOptions, experiment_files, folds_csv, folds_text,
    },
};

/// What a model says of two classes, of which it confuses every `slip`th.
fn said(count: usize, slip: usize) -> PredictionSet {
    let truth: Vec<usize> = (0..count).map(|index| index % 2).collect();
    let said: Vec<usize> = truth
        .iter()
        .enumerate()
        .map(|(index, truth)| if index % slip == 0 { 1 - truth } else { *truth })
        .collect();
    classified(2, &truth, &said)
}

fn summary(set: &PredictionSet) -> Summary {
    let options = SummaryOptions {
        part: Some(Part::Test),
        ..SummaryOptions::default()
    };
    Summary::of(set, &options).unwrap()
}

/// Two runs of three folds, the last of which is small and of one class.
fn runs() -> Vec<Manifest> {
    let mut experiment = experiment(&["emodb"]);
    experiment.folds = Some(Folds::Logo(3));
    let labels = ["c0", "c1"].map(str::to_owned);
    (0..2)
        .map(|run| {
            let record = || Manifest::new(&experiment, run, ConfigRecord::new("ini"), &labels);
            let sets = [
                said(20, 4 + run as usize),
                said(16, 3),
                classified(2, &[0, 0, 0], &[0, run as usize, 0]),
            ];
            let mut pooled = record();
            pooled.status = Status::Finished;
            pooled.selection = Selection::new(Some(Part::Dev), experiment.tuning.measure);
            for (fold, set) in (0..).zip(&sets) {
                let mut manifest = record();
                manifest.training.best_epoch = Some(f64::from(fold) + 1.0);
                manifest.results.insert(Part::Test, summary(set));
                let tested_on = vec![format!("speaker{fold}"), "another".to_owned()];
                let folder = format!("folds/fold_{fold}");
                pooled
                    .folds
                    .push(FoldLine::new(fold, folder, tested_on, &manifest));
            }
            let all = PredictionSet {
                labels: sets[0].labels.clone(),
                predictions: sets.into_iter().flat_map(|set| set.predictions).collect(),
            };
            pooled.results.insert(Part::Test, summary(&all));
            pooled
        })
        .collect()
}

#[test]
fn text_and_table_of_all_folds() {
    let mut experiment = experiment(&["emodb"]);
    experiment.folds = Some(Folds::Logo(3));
    let runs = runs();
    let summary = RunsSummary::of(&runs);
    let folds = summary.folds.as_ref().unwrap();
    insta::assert_snapshot!(folds_text(&experiment, &summary, folds, &runs));
    let table = String::from_utf8(folds_csv(&summary, &runs).unwrap()).unwrap();
    insta::assert_snapshot!(table);

    // Fold 1 is the same in both runs.
    let uar = &folds.folds[1].spread["uar"];
    assert_eq!((uar.n, uar.sd), (2, Some(0.0)));
    // Fold 2 has one class only, of which all, and then 2 of 3, are right.
    let uar = &folds.folds[2].spread["uar"];
    assert_eq!((uar.min, uar.max), (Some(2.0 / 3.0), Some(1.0)));
    assert_eq!(folds.over_folds["uar"].n, 3);
    assert_eq!(folds.over_all["uar"].n, 6);
    let names: Vec<String> = experiment_files(&experiment, &runs)
        .unwrap()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    for name in [
        "results/emodb_emotion_finetune_folds.txt",
        "results/emodb_emotion_finetune_folds.csv",
        "images/emodb_emotion_finetune_folds_plot.svg",
    ] {
        assert!(
            names.iter().any(|found| found == name),
            "{name} in {names:?}"
        );
    }
}

#[test]
fn a_record_of_folds_can_be_read_again() {
    let run = &runs()[0];
    let read: Manifest = serde_json::from_str(&run.to_json().unwrap()).unwrap();
    assert_eq!(read.folds.len(), run.folds.len());
    for (read, line) in read.folds.iter().zip(&run.folds) {
        assert_eq!(
            (&read.folder, &read.tested_on, read.utterances),
            (&line.folder, &line.tested_on, line.utterances)
        );
        assert!(read.metrics.keys().eq(line.metrics.keys()));
        // The reader may miss a number's last bit.
        let close = |a: &Option<f64>, b: &Option<f64>| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() < 1e-12,
            (a, b) => a == b,
        };
        assert!(
            read.metrics
                .values()
                .zip(line.metrics.values())
                .all(|(a, b)| close(a, b))
        );
    }
}
