//! Every figure against the reference that `tests/oracles/metrics.py` wrote.

use super::classified;
use crate::report::{
    Summary, SummaryOptions,
    metrics::{Agreement, Bootstrap, Confusion, percentile},
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Oracle {
    classification: Vec<Classes>,
    regression: Vec<Values>,
    percentiles: Percentiles,
}

#[derive(Deserialize)]
struct Classes {
    name: String,
    classes: usize,
    truth: Vec<usize>,
    predicted: Vec<usize>,
    uar: Option<f64>,
    acc: Option<f64>,
    f1: Option<f64>,
    precision_per_class: Vec<Option<f64>>,
    recall_per_class: Vec<Option<f64>>,
    f1_per_class: Vec<Option<f64>>,
    confusion: Vec<Vec<u64>>,
    intervals: Option<Vec<[f64; 2]>>,
}

#[derive(Deserialize)]
struct Values {
    name: String,
    truth: Vec<f64>,
    predicted: Vec<f64>,
    ccc: Option<f64>,
    pcc: Option<f64>,
    mse: Option<f64>,
    mae: Option<f64>,
    r2: Option<f64>,
    intervals: Option<Vec<[f64; 2]>>,
}

#[derive(Deserialize)]
struct Percentiles {
    numbers: Vec<f64>,
    shares: Vec<f64>,
    values: Vec<f64>,
}

fn oracle() -> Oracle {
    let text = include_str!("../../../../tests/fixtures/metrics.json");
    serde_json::from_str(text).unwrap()
}

#[track_caller]
fn close(what: &str, ours: Option<f64>, reference: Option<f64>, tolerance: f64) {
    match (ours, reference) {
        (None, None) => {}
        (Some(a), Some(b)) if (a - b).abs() <= tolerance * b.abs().max(1.0) => {}
        _ => panic!("{what}: {ours:?}, reference {reference:?}"),
    }
}

#[test]
fn classification_is_that_of_scikit_learn() {
    for case in oracle().classification {
        let set = classified(case.classes, &case.truth, &case.predicted);
        let confusion = Confusion::of(&set).unwrap();
        let name = &case.name;
        close(&format!("{name}: uar"), confusion.uar(), case.uar, 1e-12);
        close(
            &format!("{name}: acc"),
            confusion.accuracy(),
            case.acc,
            1e-12,
        );
        close(&format!("{name}: f1"), confusion.macro_f1(), case.f1, 1e-12);
        assert_eq!(confusion.rows(), case.confusion, "{name}");
        for (class, scores) in confusion.per_class().iter().enumerate() {
            let what = format!("{name}: class {class}");
            close(
                &what,
                scores.precision,
                case.precision_per_class[class],
                1e-12,
            );
            close(&what, scores.recall, case.recall_per_class[class], 1e-12);
            close(&what, scores.f1, case.f1_per_class[class], 1e-12);
        }
    }
}

#[test]
fn regression_is_that_of_audmetric_scipy_and_scikit_learn() {
    for case in oracle().regression {
        let pairs: Vec<(f64, f64)> = case
            .truth
            .iter()
            .copied()
            .zip(case.predicted.iter().copied())
            .collect();
        let agreement = Agreement::of_pairs(&pairs);
        let name = &case.name;
        // Values near a million leave ten digits for differences of a tenth.
        let tolerance = if name == "far from zero" { 1e-8 } else { 1e-11 };
        close(&format!("{name}: ccc"), agreement.ccc, case.ccc, tolerance);
        close(&format!("{name}: pcc"), agreement.pcc, case.pcc, tolerance);
        close(&format!("{name}: mse"), agreement.mse, case.mse, tolerance);
        close(&format!("{name}: mae"), agreement.mae, case.mae, tolerance);
        close(&format!("{name}: r2"), agreement.r2, case.r2, tolerance);
    }
}

#[test]
fn percentiles_are_those_of_numpy() {
    let Percentiles {
        numbers,
        shares,
        values,
    } = oracle().percentiles;
    for (share, value) in shares.into_iter().zip(values) {
        close(
            "percentile",
            percentile(&numbers, share),
            Some(value),
            1e-12,
        );
    }
    assert_eq!(percentile(&[], 0.5), None);
}

/// Other random numbers than numpy's, so the bounds agree only as well as two bootstraps of this
/// size do: within a tenth of the interval's width (about four standard errors of a bound).
#[test]
fn intervals_are_those_of_a_bootstrap_in_numpy() {
    let compare = |name: &str, ours: [f64; 2], reference: [f64; 2]| {
        let width = reference[1] - reference[0];
        for side in 0..2 {
            let error = (ours[side] - reference[side]).abs();
            assert!(
                error < 0.1 * width,
                "{name}: {ours:?}, reference {reference:?}"
            );
        }
    };
    let options = SummaryOptions {
        bootstrap: Bootstrap {
            resamples: 2000,
            ..Bootstrap::default()
        },
        ..SummaryOptions::default()
    };
    let mut compared = 0;
    for case in oracle().classification {
        let Some(intervals) = case.intervals else {
            continue;
        };
        let set = classified(case.classes, &case.truth, &case.predicted);
        let summary = Summary::of(&set, &options).unwrap();
        for (metric, reference) in ["uar", "acc"].into_iter().zip(intervals) {
            let ours = summary.metrics[metric].interval().unwrap();
            compare(&format!("{}: {metric}", case.name), ours.into(), reference);
            compared += 1;
        }
    }
    for case in oracle().regression {
        let Some(intervals) = case.intervals else {
            continue;
        };
        let pairs: Vec<(f64, f32)> = case
            .truth
            .iter()
            .copied()
            .zip(case.predicted.iter().map(|&p| p as f32))
            .collect();
        let summary = Summary::of(&super::regressed(&pairs), &options).unwrap();
        for (metric, reference) in ["ccc", "mse"].into_iter().zip(intervals) {
            let ours = summary.metrics[metric].interval().unwrap();
            compare(&format!("{}: {metric}", case.name), ours.into(), reference);
            compared += 1;
        }
    }
    assert_eq!(compared, 8);
}
