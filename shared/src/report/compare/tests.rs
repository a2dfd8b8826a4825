//! Against scipy (`tests/oracles/results.py`), and as people read it.

use super::{
    Comparison, Runs, comparison_text,
    distributions::{chi_squared_upper, f_upper, normal_two_sided, t_two_sided},
    statistics::{Outcome, TestKind, kruskal_wallis, levene, mann_whitney, t_test},
    verdict,
};
use crate::{
    config::{Measure, Task},
    data::Part,
    protocol::Status,
    report::{ConfigRecord, Manifest, Measured, Selection, Summary, SummaryOptions, tests},
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Oracle {
    comparison: Vec<Case>,
    tails: Vec<Tail>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    groups: Vec<Vec<f64>>,
    kruskal: Option<Expected>,
    levene: Option<Expected>,
    mann_whitney: Option<Expected>,
    student: Option<Expected>,
    welch: Option<Expected>,
}

#[derive(Deserialize)]
struct Expected {
    statistic: f64,
    p: f64,
}

#[derive(Deserialize)]
struct Tail {
    kind: String,
    x: f64,
    df: Vec<f64>,
    p: f64,
}

fn oracle() -> Oracle {
    let text = include_str!("../../../../tests/fixtures/results.json");
    serde_json::from_str(text).unwrap()
}

#[track_caller]
fn same(what: &str, ours: Option<Outcome>, reference: Option<&Expected>) {
    match (ours, reference) {
        (None, None) => {}
        (Some(ours), Some(reference)) => {
            let statistic = (ours.statistic - reference.statistic).abs();
            let p = (ours.p - reference.p).abs();
            assert!(
                statistic <= 1e-9 * reference.statistic.abs().max(1.0),
                "{what}: {ours:?}, {}",
                reference.statistic
            );
            assert!(
                p <= 1e-10 * reference.p.max(1e-3),
                "{what}: {ours:?}, {}",
                reference.p
            );
        }
        (ours, reference) => panic!(
            "{what}: {ours:?}, reference {:?}",
            reference.map(|one| one.p)
        ),
    }
}

#[test]
fn tests_are_those_of_scipy() {
    for case in oracle().comparison {
        let groups: Vec<&[f64]> = case.groups.iter().map(Vec::as_slice).collect();
        let what = |test: &str| format!("{}: {test}", case.name);
        same(
            &what("Kruskal-Wallis"),
            kruskal_wallis(&groups),
            case.kruskal.as_ref(),
        );
        same(&what("Levene"), levene(&groups), case.levene.as_ref());
        if let [a, b] = groups[..] {
            same(
                &what("Mann-Whitney"),
                mann_whitney(a, b),
                case.mann_whitney.as_ref(),
            );
            same(&what("Student"), t_test(a, b, true), case.student.as_ref());
            same(&what("Welch"), t_test(a, b, false), case.welch.as_ref());
        }
    }
}

#[test]
fn tails_are_those_of_scipy() {
    for Tail { kind, x, df, p } in oracle().tails {
        let ours = match (kind.as_str(), df.as_slice()) {
            ("normal", []) => normal_two_sided(x),
            ("t", [df]) => t_two_sided(x, *df),
            ("f", [df1, df2]) => f_upper(x, *df1, *df2),
            ("chi2", [df]) => chi_squared_upper(x, *df),
            _ => panic!("{kind} {df:?}"),
        };
        assert!(
            (ours - p).abs() <= 1e-11 * p.max(1e-30),
            "{kind}({x}, {df:?}): {ours} instead of {p}"
        );
    }
}

#[test]
fn small_samples_without_ties_are_counted_exactly() {
    let outcome = mann_whitney(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]).unwrap();
    // Two of the twenty orders are this extreme.
    assert_eq!(
        (outcome.test, outcome.statistic),
        (TestKind::MannWhitneyExact, 0.0)
    );
    assert!((outcome.p - 0.1).abs() < 1e-15);
    assert_eq!(mann_whitney(&[], &[1.0]), None);
}

/// Runs of an experiment with these UARs on the test part.
fn runs(name: &str, uars: &[f64]) -> Runs {
    let set = tests::classified(2, &[0, 0, 1, 1], &[0, 0, 1, 0]);
    let options = SummaryOptions {
        part: Some(Part::Test),
        ..SummaryOptions::default()
    };
    let summary = Summary::of(&set, &options).unwrap();
    let experiment = tests::experiment(&["emodb"]);
    let manifests = uars.iter().enumerate().map(|(run, &uar)| {
        let mut manifest =
            Manifest::new(&experiment, run as u32, ConfigRecord::new(""), &set.labels);
        manifest.status = Status::Finished;
        manifest.split_hash = Some("abc".to_owned());
        manifest.selection = Selection::new(Some(Part::Dev), Measure::Uar);
        let mut summary = summary.clone();
        summary.metrics["uar"] = Measured {
            value: Some(uar),
            ..Measured::default()
        };
        manifest.results.insert(Part::Test, summary);
        manifest
    });
    Runs {
        name: name.to_owned(),
        manifests: manifests.collect(),
    }
}

const BASE: [f64; 5] = [0.61, 0.58, 0.64, 0.6, 0.59];
const LARGE: [f64; 5] = [0.7, 0.66, 0.72, 0.69, 0.68];

#[test]
fn two_experiments() {
    let mut large = runs("wavlm_large", &LARGE);
    large.manifests[0].split_hash = Some("def".to_owned());
    large.manifests[1].selection = Selection::new(Some(Part::Test), Measure::Uar);
    large.manifests[2].status = Status::Interrupted;
    let comparison = Comparison::of(&[runs("wavlm_base", &BASE), large], None).unwrap();
    assert_eq!(comparison.overall, None);
    let outcome = comparison.pairs[0].outcome.unwrap();
    assert_eq!(outcome.test, TestKind::MannWhitneyExact);
    // Two of the 252 orders.
    assert!((outcome.p - 2.0 / 252.0).abs() < 1e-15);
    insta::assert_snapshot!(comparison_text(&comparison));
}

#[test]
fn three_experiments() {
    let third = runs("from_scratch", &[0.25, 0.31]);
    let experiments = [
        runs("wavlm_base", &BASE),
        runs("wavlm_large", &LARGE),
        third,
    ];
    let comparison = Comparison::of(&experiments, Some("UAR")).unwrap();
    // Holm: 0.0079 * 3, then the two of 2/21 each not below it.
    let corrected: Vec<f64> = comparison
        .pairs
        .iter()
        .filter_map(|pair| pair.p_corrected)
        .collect();
    let expected = [6.0 / 252.0, 4.0 / 21.0, 4.0 / 21.0];
    for (ours, expected) in corrected.iter().zip(expected) {
        assert!((ours - expected).abs() < 1e-12, "{corrected:?}");
    }
    insta::assert_snapshot!(comparison_text(&comparison));
    let files = comparison.files().unwrap();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "comparison.json",
            "comparison.txt",
            "comparison_uar.png",
            "comparison_uar.svg"
        ]
    );
    let read: Comparison = serde_json::from_slice(&files[0].1).unwrap();
    assert_eq!(read.groups.len(), 3);
    assert_eq!(
        read.pairs[0].outcome.map(|outcome| outcome.test),
        Some(TestKind::MannWhitneyExact)
    );
}

#[test]
fn with_many_runs_means_are_compared() {
    let values = |mean: f64, spread: f64| -> Vec<f64> {
        (0..30)
            .map(|index| mean + spread * (f64::from(index) / 29.0 - 0.5))
            .collect()
    };
    let test = |spread: f64| {
        let experiments = [
            runs("a", &values(0.5, 0.05)),
            runs("b", &values(0.6, spread)),
        ];
        let comparison = Comparison::of(&experiments, None).unwrap();
        let pair = &comparison.pairs[0];
        assert!(pair.variances.is_some());
        pair.outcome.unwrap().test
    };
    assert_eq!(test(0.05), TestKind::StudentT);
    assert_eq!(test(0.4), TestKind::WelchT);
}

#[test]
fn what_cannot_be_compared_is_said() {
    let error = |experiments: &[Runs], measure: Option<&str>| {
        Comparison::of(experiments, measure)
            .unwrap_err()
            .to_string()
    };
    let mut regression = runs("arousal", &BASE);
    regression
        .manifests
        .iter_mut()
        .for_each(|manifest| manifest.task = Task::Regression);
    let (a, b) = (runs("a", &BASE), runs("b", &LARGE));
    let texts = [
        error(&[], None),
        error(std::slice::from_ref(&a), None),
        error(&[a.clone(), regression], None),
        error(&[a, b], Some("ccc")),
    ];
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn words_for_probabilities() {
    let words = [0.0009, 0.001, 0.0499, 0.05, 0.0999, 0.1].map(verdict);
    assert_eq!(
        words,
        [
            "highly significant",
            "significant",
            "significant",
            "marginally significant",
            "marginally significant",
            "not significant",
        ]
    );
}
