//! Detection and calibration against scikit-learn and scipy (`tests/oracles/results.py`).

use super::classified;
use crate::report::{
    Prediction, PredictionSet, Summary, SummaryOptions,
    metrics::{Calibration, Confusion, Detection, DetectionScores},
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Oracle {
    detection: Vec<Detected>,
    calibration: Vec<Calibrated>,
}

#[derive(Deserialize)]
struct Detected {
    name: String,
    truth: Vec<usize>,
    scores: Vec<f32>,
    eer: f64,
    sensitivity: f64,
    specificity: f64,
}

#[derive(Deserialize)]
struct Calibrated {
    name: String,
    truth: Vec<usize>,
    logits: Vec<Vec<f32>>,
    ece: f64,
    brier: f64,
    bins: Vec<(u64, u64, f64, f64)>,
    uncertainty: Vec<f64>,
}

fn oracle() -> Oracle {
    let text = include_str!("../../../../tests/fixtures/results.json");
    serde_json::from_str(text).unwrap()
}

fn set(labels: usize, truth: &[usize], logits: impl Iterator<Item = Vec<f32>>) -> PredictionSet {
    let predictions = truth
        .iter()
        .zip(logits)
        .enumerate()
        .map(|(index, (&truth, scores))| Prediction {
            file: format!("clip{index}.wav"),
            start: 0.0,
            end: None,
            speaker: Some(format!("s{}", index % 5)),
            truth: Some(truth as f64),
            scores,
        })
        .collect();
    PredictionSet {
        labels: (0..labels).map(|class| format!("c{class}")).collect(),
        predictions,
    }
}

#[test]
fn two_classes_have_figures_of_detection() {
    for case in oracle().detection {
        // The second class's logit over the first one's is the score.
        let logits = case.scores.iter().map(|&score| vec![0.0, score]);
        let set = set(2, &case.truth, logits);
        let summary = Summary::of(&set, &SummaryOptions::default()).unwrap();
        assert_eq!(summary.positive.as_deref(), Some("c1"));
        for (name, expected) in [
            ("eer", case.eer),
            ("sensitivity", case.sensitivity),
            ("specificity", case.specificity),
        ] {
            let value = summary.value(name).unwrap();
            assert!(
                (value - expected).abs() < 1e-12,
                "{}: {name} {value}, {expected}",
                case.name
            );
            let measured = summary.metrics[name];
            if let (Some(interval), Some(speakers)) = (measured.interval(), measured.by_speaker) {
                assert!(interval.low <= interval.high && speakers.low <= speakers.high);
            }
        }
    }
}

#[test]
fn either_class_may_be_looked_for() {
    let set = classified(2, &[0, 0, 0, 1, 1], &[0, 0, 1, 1, 0]);
    let figures = |positive: Option<usize>| {
        let options = SummaryOptions {
            positive,
            ..SummaryOptions::default()
        };
        let summary = Summary::of(&set, &options).unwrap();
        ["sensitivity", "specificity", "eer"].map(|name| summary.value(name).unwrap())
    };
    let [second, first] = [figures(None), figures(Some(0))];
    assert!((second[0] - 0.5).abs() < 1e-12 && (second[1] - 2.0 / 3.0).abs() < 1e-12);
    assert_eq!([first[0], first[1]], [second[1], second[0]]);
    assert!((first[2] - second[2]).abs() < 1e-12, "{first:?} {second:?}");
}

#[test]
fn three_classes_have_no_figures_of_detection() {
    let set = classified(3, &[0, 1, 2], &[0, 1, 1]);
    let summary = Summary::of(&set, &SummaryOptions::default()).unwrap();
    assert_eq!(
        (summary.positive.as_ref(), summary.value("eer")),
        (None, None)
    );
    let confusion = Confusion::of(&set).unwrap();
    assert_eq!(Detection::of(&confusion, 1), Detection::default());
}

#[test]
fn an_error_rate_needs_both_classes() {
    let scores = DetectionScores::new(&[(0.5, true), (0.25, true), (0.75, false)]);
    // Above 0.5 lies one alarm of one, and both are missed; from 0.25 on nothing is missed.
    assert_eq!(scores.equal_error_rate(&[1, 1, 1]), Some(1.0));
    assert_eq!(scores.equal_error_rate(&[1, 1, 0]), None);
    assert_eq!(scores.equal_error_rate(&[0, 0, 3]), None);
    assert_eq!(DetectionScores::new(&[]).equal_error_rate(&[]), None);
}

#[test]
fn calibration_is_that_of_scikit_learn_and_scipy() {
    for case in oracle().calibration {
        let set = set(
            case.logits[0].len(),
            &case.truth,
            case.logits.iter().cloned(),
        );
        let calibration = Calibration::of(&set).unwrap();
        let name = &case.name;
        assert!(
            (calibration.ece - case.ece).abs() < 1e-12,
            "{name}: {}",
            calibration.ece
        );
        assert!(
            (calibration.brier - case.brier).abs() < 1e-12,
            "{name}: {}",
            calibration.brier
        );
        assert_eq!(calibration.bins.len(), case.bins.len(), "{name}");
        for (bin, &(n, right, low, high)) in calibration.bins.iter().zip(&case.bins) {
            assert_eq!((bin.n, bin.right), (n, right), "{name}");
            let interval = bin.interval();
            assert!(
                (interval[0] - low).abs() < 1e-12 && (interval[1] - high).abs() < 1e-12,
                "{name}: {interval:?}"
            );
            assert!(bin.from <= bin.confidence && bin.confidence <= bin.to);
        }
        for (prediction, expected) in set.predictions.iter().zip(&case.uncertainty) {
            assert!(
                (prediction.uncertainty() - expected).abs() < 1e-12,
                "{name}"
            );
        }
        let summary = Summary::of(&set, &SummaryOptions::default()).unwrap();
        assert_eq!(summary.value("ece"), Some(calibration.ece));
        assert!((summary.value("brier").unwrap() - case.brier).abs() < 1e-12);
        assert!(
            summary.metrics["brier"].interval().is_some()
                && summary.metrics["ece"].interval().is_none()
        );
    }
}
