//! Tables and texts, against scikit-learn and pandas and as snapshots.

use super::{classified, experiment::experiment, progress::progress, regressed};
use crate::{
    config::{Measure, Task},
    data::Part,
    protocol::Status,
    report::{
        ConfigRecord, Manifest, PartOutcome, Prediction, PredictionSet, Progress, RunOutcome,
        RunsSummary, Selection, Summary, SummaryOptions, classification_report, confusion_line,
        experiment_files, predictions_csv, report_text, result_table, run_files, runs_line,
        runs_text,
    },
};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Reports {
    classification: Vec<Report>,
}

#[derive(Deserialize)]
struct Report {
    name: String,
    classes: usize,
    truth: Vec<usize>,
    predicted: Vec<usize>,
    report: Value,
}

#[derive(Deserialize)]
struct Tables {
    times: Vec<Times>,
    predictions: String,
}

#[derive(Deserialize)]
struct Times {
    seconds: Vec<Option<f64>>,
    texts: Vec<String>,
}

fn tables() -> Tables {
    serde_json::from_str(include_str!("../../../../tests/fixtures/tables.json")).unwrap()
}

/// The summary of a set, as the given part.
pub(super) fn summary(set: &PredictionSet, part: Part, selected_on: Option<Part>) -> Summary {
    let options = SummaryOptions {
        part: Some(part),
        note: Selection::new(selected_on, Measure::Uar).note(part),
        ..SummaryOptions::default()
    };
    Summary::of(set, &options).unwrap()
}

/// Four classes, one of which is not in the truth.
pub(super) fn emotions() -> PredictionSet {
    let truth = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2];
    let said = [0, 0, 1, 0, 1, 1, 2, 2, 2, 0, 2, 2];
    let mut set = classified(4, &truth, &said);
    set.labels = ["Ärger", "happiness", "neutral", "boredom"]
        .map(str::to_owned)
        .to_vec();
    set
}

pub(in crate::report) fn outcome(run: u32) -> RunOutcome {
    let experiment = experiment(&["emodb"]);
    let set = emotions();
    let part = |part| PartOutcome {
        part,
        summary: Some(summary(&set, part, Some(Part::Dev))),
        predictions: set.clone(),
    };
    let config = ConfigRecord::new("[EXP]\nname = wavlm_finetuned\n");
    let mut manifest = Manifest::new(&experiment, run, config, &set.labels);
    manifest.status = Status::Finished;
    manifest.training.best_epoch = Some(3.6);
    manifest.selection = Selection::new(Some(Part::Dev), Measure::Uar);
    RunOutcome {
        parts: vec![part(Part::Dev), part(Part::Test)],
        progress: progress(&[(1.0, 0.5)], &[(1.0, 0.75, Some(0.5), true)]),
        manifest,
    }
}

#[test]
fn reports_by_class_are_scikit_learns() {
    fn same(a: &Value, b: &Value, path: &str) {
        match (a, b) {
            (Value::Object(a), Value::Object(b)) => {
                let keys =
                    |map: &serde_json::Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
                assert_eq!(keys(a), keys(b), "{path}");
                a.iter()
                    .for_each(|(key, value)| same(value, &b[key], &format!("{path}.{key}")));
            }
            _ => {
                let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
                assert!((a - b).abs() < 1e-12, "{path}: {a} instead of {b}");
            }
        }
    }
    let oracle: Reports =
        serde_json::from_str(include_str!("../../../../tests/fixtures/metrics.json")).unwrap();
    for case in oracle.classification {
        let set = classified(case.classes, &case.truth, &case.predicted);
        let summary = Summary::of(&set, &SummaryOptions::default()).unwrap();
        same(&classification_report(&summary), &case.report, &case.name);
    }
}

#[test]
fn times_are_written_as_pandas_does() {
    for Times { seconds, texts } in tables().times {
        let set = PredictionSet {
            labels: Vec::new(),
            predictions: seconds
                .iter()
                .map(|&end| Prediction {
                    end,
                    ..regressed(&[(0.0, 0.0)]).predictions.remove(0)
                })
                .collect(),
        };
        let csv = predictions_csv(&set).unwrap();
        let mut reader = csv::Reader::from_reader(csv.as_slice());
        let found: Vec<String> = reader
            .records()
            .map(|row| row.unwrap()[2].to_owned())
            .collect();
        assert_eq!(found, texts);
    }
}

#[test]
fn a_table_of_predictions_is_the_one_of_pandas() {
    let row = |file: &str, start, end, truth, scores: [f32; 2]| Prediction {
        file: file.to_owned(),
        start,
        end,
        speaker: None,
        truth: Some(truth),
        scores: scores.to_vec(),
    };
    let set = PredictionSet {
        labels: vec!["Ärger".to_owned(), "a,b".to_owned()],
        predictions: vec![
            row("a.wav", 0.0, Some(2.0), 0.0, [1.0, 1.0]),
            row("b, \"c\".wav", 1.5, Some(3.25), 1.0, [3.0_f32.ln(), 0.0]),
            row("<d>&.wav", 0.0, None, 1.0, [-200.0, 0.0]),
        ],
    };
    let csv = String::from_utf8(predictions_csv(&set).unwrap()).unwrap();
    assert_eq!(csv, tables().predictions);
}

#[test]
fn a_table_without_labels_has_empty_truths() {
    let mut set = emotions();
    set.predictions.truncate(1);
    set.predictions[0].truth = None;
    let csv = String::from_utf8(predictions_csv(&set).unwrap()).unwrap();
    let row = csv.lines().nth(1).unwrap();
    assert!(
        row.starts_with("clip0.wav,0 days,,0.9") && row.contains(",Ärger,,0."),
        "{row}"
    );
    assert!(row.ends_with(','), "{row}");
    let csv = String::from_utf8(predictions_csv(&regressed(&[(0.25, 0.5)])).unwrap()).unwrap();
    assert_eq!(
        csv,
        "file,start,end,predicted,truth\n\
         clip0.wav,0 days 00:00:01.500000,0 days 00:00:02.250000,0.5,0.25\n"
    );
}

#[test]
fn texts_of_a_part() {
    let classes = summary(&emotions(), Part::Test, Some(Part::Test));
    let values = regressed(&[(0.1, 0.2), (0.4, 0.3), (0.9, 0.7), (0.6, 0.9), (0.2, 0.25)]);
    let values = summary(&values, Part::Test, None);
    assert_eq!(values.task, Task::Regression);
    insta::assert_snapshot!(
        [
            confusion_line(&classes, Some(3.6)),
            report_text(&classes, Some(3.6)).unwrap(),
            report_text(&values, None).unwrap(),
        ]
        .join("\n\n")
    );
}

#[test]
fn table_of_a_run() {
    let mut test = emotions();
    test.predictions[1].truth = None;
    let (dev, test) = (emotions(), test);
    let summaries = [
        summary(&dev, Part::Dev, Some(Part::Test)),
        summary(&test, Part::Test, Some(Part::Test)),
    ];
    insta::assert_snapshot!(result_table(&[&summaries[0], &summaries[1]]));
    let values = regressed(&[(0.1, 0.2), (0.4, 0.3), (0.9, 0.7), (0.6, 0.9), (0.2, 0.25)]);
    insta::assert_snapshot!(result_table(&[&summary(
        &values,
        Part::Test,
        Some(Part::Dev)
    )]));
    assert_eq!(result_table(&[]).lines().count(), 1);
}

#[test]
fn all_files_of_a_run() {
    let experiment = experiment(&["emodb"]);
    let files = run_files(&experiment, 1, &outcome(1)).unwrap();
    let mut names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    insta::assert_snapshot!(names.join("\n"));
    assert_eq!(
        files,
        run_files(&experiment, 1, &outcome(1)).unwrap(),
        "the same bytes each time"
    );
    names.dedup();
    assert_eq!(names.len(), files.len(), "no name twice");
}

#[test]
fn a_part_without_labels_has_predictions_only() {
    let mut outcome = outcome(0);
    outcome.parts.truncate(1);
    outcome.parts[0].summary = None;
    outcome.progress = Progress::default();
    let files = run_files(&experiment(&["emodb"]), 0, &outcome).unwrap();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "results/emodb_emotion_finetune_dev_0_005.csv",
            "results/run_0/run.json",
            "models/run_0/torch/README.md"
        ]
    );
}

fn manifests(uars: &[Option<f64>]) -> Vec<Manifest> {
    let one = |(run, &uar): (usize, &Option<f64>)| {
        let mut manifest = outcome(run as u32).manifest();
        let results = manifest.results.get_mut(&Part::Test).unwrap();
        results.metrics["uar"].value = uar;
        manifest
    };
    uars.iter().enumerate().map(one).collect()
}

#[test]
fn all_runs_together() {
    // numpy: mean 0.6, std 0.08164966 (population), 0.1 (sample).
    let summary = RunsSummary::of(&manifests(&[Some(0.5), Some(0.7), None, Some(0.6)]));
    assert_eq!(summary.best_run, Some(1));
    let spread = &summary.spread["uar"];
    assert!((spread.mean.unwrap() - 0.6).abs() < 1e-12 && spread.n == 3);
    assert!((spread.sd.unwrap() - 0.1).abs() < 1e-12);
    assert_eq!(
        runs_line(&summary).unwrap(),
        "0.5000, 0.7000, 0.6000\nmean: 0.6000, std: 0.0816, max: 0.7000, max_index: 1\n\
         Note: the best run is the best on the test part: reported alone its figures are \
         optimistic, so report the mean"
    );
    insta::assert_snapshot!(runs_text(&summary));
}

#[test]
fn runs_of_an_error_measure_are_best_where_smallest() {
    let mut runs = manifests(&[Some(0.5), Some(-0.25), Some(0.75)]);
    for run in &mut runs {
        run.selection.measure = Measure::Mse;
        let results = run.results.get_mut(&Part::Test).unwrap();
        results.metrics = results
            .metrics
            .drain(..)
            .map(|(_, m)| ("mse".to_owned(), m))
            .take(1)
            .collect();
    }
    let summary = RunsSummary::of(&runs);
    assert_eq!(summary.best_run, Some(1));
    assert!(
        runs_line(&summary)
            .unwrap()
            .contains("min: -0.2500, min_index: 1\n")
    );
}

#[test]
fn runs_that_were_not_measured_have_no_files() {
    let experiment = experiment(&["emodb"]);
    assert!(experiment_files(&experiment, &[]).unwrap().is_empty());
    let none = experiment_files(&experiment, &manifests(&[None])).unwrap();
    let names: Vec<&str> = none.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "results/emodb_emotion_finetune_summary.txt",
            "results/emodb_emotion_finetune_summary.json",
        ],
        "other measures are there"
    );
    let files = experiment_files(&experiment, &manifests(&[Some(0.25)])).unwrap();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "results/emodb_emotion_finetune_runs.txt",
            "results/emodb_emotion_finetune_summary.txt",
            "results/emodb_emotion_finetune_summary.json",
        ]
    );
    assert_eq!(
        files[0].1,
        b"0.2500\nmean: 0.2500, std: 0.0000, max: 0.2500, max_index: 0"
    );
}

#[test]
fn runs_that_did_not_finish_do_not_count() {
    let mut runs = manifests(&[Some(0.5), Some(0.75), Some(1.0)]);
    runs[2].status = Status::Interrupted;
    let summary = RunsSummary::of(&runs);
    assert_eq!(summary.best_run, Some(1));
    assert_eq!(summary.spread["uar"].mean, Some(0.625));
    let line = runs_line(&summary).unwrap();
    assert!(line.starts_with("0.5000, 0.7500\nmean: 0.6250"), "{line}");
    let note = "Note: run 2 was interrupted, and is left out";
    assert!(line.contains(note), "{line}");
    assert!(runs_text(&summary).contains(note));

    // Better than nothing, and it says so.
    let alone = RunsSummary::of(&runs[2..]);
    assert_eq!(alone.spread["uar"].mean, Some(1.0));
    assert_eq!(alone.notes(), ["run 2 was interrupted"]);
}

#[test]
fn choosing_on_test_is_said_wherever_figures_are() {
    let mut runs = manifests(&[Some(0.5)]);
    runs[0].selection = Selection::new(Some(Part::Test), Measure::Uar);
    let summary = RunsSummary::of(&runs);
    for text in [runs_line(&summary).unwrap(), runs_text(&summary)] {
        assert!(text.contains("chosen on the test part"), "{text}");
    }
}

#[test]
fn the_history_is_a_literal_of_python() {
    let mut progress = progress(
        &[(0.5, 2.0), (1.0, f64::NAN)],
        &[(0.5, 1.5, Some(0.25), true), (1.0, 1.25, None, false)],
    );
    for (index, step) in progress.steps.iter_mut().enumerate() {
        step.step = index + 1;
    }
    for (index, evaluation) in progress.evaluations.iter_mut().enumerate() {
        evaluation.step = index + 1;
    }
    let mut test = progress.evaluations[0].clone();
    test.part = Part::Test;
    progress.evaluations.push(test);
    let mut outcome = outcome(0);
    outcome.progress = progress;
    let files = run_files(&experiment(&["emodb"]), 0, &outcome).unwrap();
    let text = files.iter().find(|(name, _)| name == "log/run_0/log.txt");
    assert_eq!(
        String::from_utf8(text.unwrap().1.clone()).unwrap(),
        "[{'loss': 2.0, 'grad_norm': 1.0, 'learning_rate': 0.0001, 'epoch': 0.5, 'step': 1},\n \
         {'eval_loss': 1.5, 'eval_UAR': 0.25, 'epoch': 0.5, 'step': 1},\n \
         {'loss': None, 'grad_norm': 1.0, 'learning_rate': 0.0001, 'epoch': 1.0, 'step': 2},\n \
         {'eval_loss': 1.25, 'eval_UAR': None, 'epoch': 1.0, 'step': 2},\n \
         {'test_loss': 1.5, 'test_UAR': 0.25, 'epoch': 0.5, 'step': 1}]\n"
    );
}

#[test]
fn true_values_keep_their_digits() {
    let csv = predictions_csv(&regressed(&[(0.123_456_789_012, 0.5)])).unwrap();
    let csv = String::from_utf8(csv).unwrap();
    assert!(csv.ends_with(",0.5,0.123456789012\n"), "{csv}");
    // What scaling leaves behind is not the table's.
    let csv = predictions_csv(&regressed(&[(0.1 + 0.2, 0.5)])).unwrap();
    assert!(String::from_utf8(csv).unwrap().ends_with(",0.5,0.3\n"));
}

#[test]
fn two_kinds_of_macro_averages_are_told_apart() {
    // The fourth class does not occur.
    let of = |set: &PredictionSet| {
        report_text(&summary(set, Part::Test, Some(Part::Dev)), Some(1.0)).unwrap()
    };
    assert!(of(&emotions()).contains("`macro avg` counts classes that do not occur"));
    let all = classified(2, &[0, 1], &[0, 0]);
    assert!(!of(&all).contains("macro avg` counts"));
}
