//! Any label, file name and figure is written and can be read again; nothing panics.

use crate::report::{
    Prediction, PredictionSet, Summary, SummaryOptions, confusion_line, metrics::Bootstrap,
    predictions_csv, report_text, result_table,
};
use proptest::prelude::*;

fn few() -> SummaryOptions {
    SummaryOptions {
        bootstrap: Bootstrap {
            resamples: 20,
            ..Bootstrap::default()
        },
        ..SummaryOptions::default()
    }
}

/// Labels with all that has a meaning in CSV, JSON or XML, and characters of any kind.
pub(super) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("<&>\"',;\n\t]]>".to_owned()),
        Just(String::new()),
        Just("\u{0}\u{b}\u{fffe}".to_owned()),
        ".{0,12}",
        "[a-z]{1,60}",
    ]
}

/// A number of any size.
pub(super) fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(0.0),
        Just(f64::MAX),
        Just(f64::MIN_POSITIVE),
        Just(-1e30),
        -1.0..1.0,
        any::<f64>(),
    ]
}

prop_compose! {
    fn prediction(classes: usize)(
        file in text(),
        start in number(),
        end in prop::option::of(number()),
        speaker in prop::option::of(text()),
        truth in prop::option::of(0..classes.max(1)),
        value in -1e30_f64..1e30,
        scores in prop::collection::vec(-1e30_f32..1e30, classes.max(1)),
    ) -> Prediction {
        let truth = truth.map(|class| if classes == 0 { value } else { class as f64 });
        Prediction { file, start, end, speaker, truth, scores }
    }
}

/// Any set of predictions: a regression where there are no labels.
pub(super) fn set() -> impl Strategy<Value = PredictionSet> {
    prop::collection::vec(text(), 0..6).prop_flat_map(|labels| {
        let predictions = prop::collection::vec(prediction(labels.len()), 0..12);
        (Just(labels), predictions).prop_map(|(labels, predictions)| PredictionSet {
            labels,
            predictions,
        })
    })
}

proptest! {
    #[test]
    fn tables_can_be_read_again(set in set()) {
        let table = predictions_csv(&set).unwrap();
        let mut reader = csv::ReaderBuilder::new().from_reader(table.as_slice());
        let head = reader.headers().unwrap().clone();
        let labels: Vec<&str> = head.iter().skip(3).take(set.labels.len()).collect();
        prop_assert_eq!(labels, set.labels.iter().map(String::as_str).collect::<Vec<_>>());
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        prop_assert_eq!(rows.len(), set.predictions.len());
        for (row, prediction) in rows.iter().zip(&set.predictions) {
            prop_assert_eq!(&row[0], prediction.file.as_str());
            for (cell, p) in row.iter().skip(3).zip(prediction.probabilities()).take(set.labels.len()) {
                prop_assert_eq!(cell.parse::<f32>().unwrap(), p as f32);
            }
            if let (Some(class), false) = (prediction.class(), set.labels.is_empty()) {
                prop_assert_eq!(&row[3 + set.labels.len()], set.labels[class].as_str());
            }
        }
    }

    #[test]
    fn texts_are_written(set in set(), epoch in prop::option::of(number())) {
        if let Ok(summary) = Summary::of(&set, &few()) {
            let text = report_text(&summary, epoch).unwrap();
            let line = text.lines().next().unwrap();
            if !set.labels.is_empty() {
                let report: serde_json::Value = serde_json::from_str(line).unwrap();
                prop_assert!(report["accuracy"].is_number());
            }
            prop_assert!(!confusion_line(&summary, epoch).is_empty());
            prop_assert!(result_table(&[&summary]).contains("value"));
        }
    }
}
