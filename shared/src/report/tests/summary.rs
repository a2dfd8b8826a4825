//! The summary: its interval, its text, its JSON, its errors.

use super::{classified, regressed};
use crate::{
    data::Part,
    report::{Prediction, PredictionSet, ReportError, Summary, SummaryOptions},
};

fn emotions() -> PredictionSet {
    let truth = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2];
    let said = [0, 0, 1, 0, 1, 1, 2, 2, 2, 0, 2, 2];
    let mut set = classified(4, &truth, &said);
    set.labels = ["Ärger", "happiness", "neutral", "boredom"]
        .map(str::to_owned)
        .to_vec();
    set
}

#[test]
fn text_of_a_classification() {
    let options = SummaryOptions {
        part: Some(Part::Test),
        note: Some(
            "the checkpoint was chosen on the test part: these figures are optimistic".into(),
        ),
        ..SummaryOptions::default()
    };
    insta::assert_snapshot!(Summary::of(&emotions(), &options).unwrap());
}

#[test]
fn text_of_a_regression() {
    let mut set = regressed(&[(0.1, 0.2), (0.4, 0.3), (0.9, 0.7), (0.6, 0.9), (0.2, 0.25)]);
    set.predictions.push(Prediction {
        truth: None,
        ..set.predictions[0].clone()
    });
    insta::assert_snapshot!(Summary::of(&set, &SummaryOptions::default()).unwrap());
}

#[test]
fn json_holds_null_for_what_is_not_defined_and_can_be_read_again() {
    let set = regressed(&[(0.5, 0.5), (0.5, 0.5)]);
    let summary = Summary::of(&set, &SummaryOptions::default()).unwrap();
    let json = serde_json::to_string(&summary).unwrap();
    assert!(
        json.contains(r#""ccc":{"value":null,"interval":null}"#),
        "{json}"
    );
    assert_eq!(serde_json::from_str::<Summary>(&json).unwrap(), summary);
}

#[test]
fn the_same_predictions_give_the_same_interval() {
    let measured = |seed| {
        let mut options = SummaryOptions::default();
        options.bootstrap.seed = seed;
        Summary::of(&emotions(), &options).unwrap().metrics["acc"]
    };
    assert_eq!(measured(0), measured(0));
    let interval = measured(0).interval().unwrap();
    assert!(interval.low < 0.75 && 0.75 < interval.high, "{interval:?}");
    assert!(measured(0).by_speaker.is_some());
}

#[test]
fn speakers_are_only_drawn_where_all_are_known() {
    let mut set = emotions();
    set.predictions[3].speaker = None;
    let summary = Summary::of(&set, &SummaryOptions::default()).unwrap();
    assert_eq!(summary.speakers, 0);
    assert!(
        summary
            .metrics
            .values()
            .all(|measured| measured.by_speaker.is_none())
    );
}

/// Ten speakers that are always right or always wrong: fifty utterances look like fifty
/// independent ones to the usual interval, but there are only ten draws of a speaker.
#[test]
fn the_speaker_interval_is_wider_where_speakers_differ() {
    let truth = vec![0; 50];
    let said: Vec<usize> = (0..50).map(|index| (index / 5) % 2).collect();
    let mut set = classified(2, &truth, &said);
    for (index, prediction) in set.predictions.iter_mut().enumerate() {
        prediction.speaker = Some(format!("s{}", index / 5));
    }
    let measured = Summary::of(&set, &SummaryOptions::default())
        .unwrap()
        .metrics["acc"];
    let (plain, speaker) = (measured.interval().unwrap(), measured.by_speaker.unwrap());
    assert!(
        speaker.high - speaker.low > 1.7 * (plain.high - plain.low),
        "{plain:?} {speaker:?}"
    );
}

#[test]
fn what_cannot_be_measured_is_named() {
    let broken = |change: fn(&mut Prediction)| {
        let mut set = emotions();
        change(&mut set.predictions[2]);
        Summary::of(&set, &SummaryOptions::default())
            .unwrap_err()
            .to_string()
    };
    insta::assert_snapshot!(
        [
            broken(|prediction| prediction.scores[1] = f32::NAN),
            broken(|prediction| prediction.scores.truncate(2)),
            broken(|prediction| prediction.truth = Some(4.0)),
            broken(|prediction| prediction.truth = Some(0.5)),
        ]
        .join("\n")
    );
    let mut set = emotions();
    set.predictions
        .iter_mut()
        .for_each(|prediction| prediction.truth = None);
    let error = Summary::of(&set, &SummaryOptions::default()).unwrap_err();
    assert!(matches!(error, ReportError::NoTruth { count: 12 }));
}

#[test]
fn probabilities_and_uncertainty() {
    let mut prediction = emotions().predictions.remove(0);
    prediction.scores = vec![0.0, 2.0_f32.ln(), f32::MIN / 2.0];
    let p = prediction.probabilities();
    assert!((p[0] - 1.0 / 3.0).abs() < 1e-7 && (p[1] - 2.0 / 3.0).abs() < 1e-7 && p[2] == 0.0);
    let entropy = -(1.0 / 3.0_f64 * (1.0 / 3.0_f64).ln() + 2.0 / 3.0 * (2.0 / 3.0_f64).ln());
    assert!((prediction.uncertainty() - entropy / 3.0_f64.ln()).abs() < 1e-7);
    prediction.scores = vec![7.0; 3];
    assert!((prediction.uncertainty() - 1.0).abs() < 1e-12);
    prediction.scores = vec![900.0, 0.0];
    assert!(prediction.uncertainty() < 1e-12);
}
