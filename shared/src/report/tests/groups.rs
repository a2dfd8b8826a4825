//! Figures of groups, combined predictions, and certain ones.

use super::{classified, files::emotions, regressed};
use crate::{
    config::Combine,
    data::Part,
    report::{
        Combining, Grouping, PredictionSet, Summary, SummaryOptions, groups_csv, groups_text,
        result_table,
    },
};

/// Speakers s0 to s4; the first three are women.
fn options(set: &PredictionSet) -> SummaryOptions {
    let speakers = || {
        set.predictions
            .iter()
            .map(|prediction| prediction.speaker.clone())
    };
    let sex = |speaker: String| {
        if speaker.as_str() < "s3" {
            "female"
        } else {
            "male"
        }
    };
    SummaryOptions {
        part: Some(Part::Test),
        groupings: vec![Grouping {
            by: "sex".to_owned(),
            values: speakers()
                .map(|speaker| speaker.map(|one| sex(one).to_owned()))
                .collect(),
        }],
        ..SummaryOptions::default()
    }
}

fn combining(set: &PredictionSet, method: Combine) -> Option<Combining> {
    Some(Combining {
        method,
        by: "speaker".to_owned(),
        values: set
            .predictions
            .iter()
            .map(|prediction| prediction.speaker.clone())
            .collect(),
    })
}

#[test]
fn each_speaker_and_each_sex_has_figures() {
    let set = emotions();
    let summary = Summary::of(&set, &options(&set)).unwrap();
    let names: Vec<&String> = summary.groups.keys().collect();
    assert_eq!(names, ["sex", "speaker"]);
    let speakers = &summary.groups["speaker"];
    assert_eq!(speakers.iter().map(|row| row.n).sum::<usize>(), 12);
    assert!(
        speakers.iter().all(|row| row.by_speaker.is_none()),
        "one speaker can't be drawn"
    );
    // Of clips 2 and 7: an angry one taken for joy, a neutral one that is right.
    let third = speakers.iter().find(|row| row.name == "s2").unwrap();
    assert_eq!((third.n, third.main()), (2, Some(("uar", Some(0.5)))));
    let sexes = &summary.groups["sex"];
    assert_eq!(
        sexes
            .iter()
            .map(|row| (row.name.as_str(), row.n))
            .collect::<Vec<_>>(),
        [("female", 8), ("male", 4)]
    );
    assert!(
        sexes
            .iter()
            .all(|row| row.interval.is_some() && row.by_speaker.is_some())
    );
    insta::assert_snapshot!(groups_text(&summary));
    insta::assert_snapshot!(String::from_utf8(groups_csv(&summary).unwrap()).unwrap());
    insta::assert_snapshot!(result_table(&[&summary]));
}

#[test]
fn one_group_alone_is_no_grouping() {
    let mut set = emotions();
    set.predictions
        .iter_mut()
        .for_each(|prediction| prediction.speaker = None);
    assert!(
        Summary::of(&set, &SummaryOptions::default())
            .unwrap()
            .groups
            .is_empty()
    );
    set.predictions
        .iter_mut()
        .for_each(|prediction| prediction.speaker = Some("anna".to_owned()));
    assert!(
        Summary::of(&set, &SummaryOptions::default())
            .unwrap()
            .groups
            .is_empty()
    );
}

/// Three speakers of one class each; s0 is taken for class 1 twice of three times, but without
/// conviction.
fn speakers() -> PredictionSet {
    let mut set = classified(2, &[0, 0, 0, 1, 1, 1, 1], &[1, 1, 0, 1, 1, 0, 1]);
    for (index, speaker) in ["s0", "s0", "s0", "s1", "s1", "s2", "s2"]
        .into_iter()
        .enumerate()
    {
        set.predictions[index].speaker = Some(speaker.to_owned());
    }
    for weak in [0, 1] {
        set.predictions[weak].scores = vec![0.0, 0.1];
    }
    set
}

#[test]
fn predictions_of_a_speaker_become_one() {
    let set = speakers();
    let of = |method| {
        let options = SummaryOptions {
            combining: combining(&set, method),
            ..SummaryOptions::default()
        };
        *Summary::of(&set, &options).unwrap().combined.unwrap()
    };
    let mode = of(Combine::Mode);
    // Of s2, where both are as frequent, the last class counts.
    assert_eq!(mode.summary.confusion, Some(vec![vec![0, 1], vec![0, 2]]));
    assert_eq!((mode.summary.n, mode.mixed), (3, 0));
    let mean = of(Combine::Mean);
    assert_eq!(
        mean.summary.confusion.as_ref().unwrap()[0],
        [1, 0],
        "s0 is sure only once"
    );
    assert_eq!(mean.by, "speaker");
}

#[test]
fn a_speaker_with_several_labels_has_no_one_truth() {
    let mut set = speakers();
    set.predictions[0].truth = Some(1.0);
    let options = SummaryOptions {
        combining: combining(&set, Combine::Mode),
        ..SummaryOptions::default()
    };
    let combined = Summary::of(&set, &options).unwrap().combined.unwrap();
    assert_eq!((combined.mixed, combined.summary.n), (1, 2));
    assert!(combined.summary.note.unwrap().contains("1 left out"));
    let emotions = emotions();
    let options = SummaryOptions {
        combining: combining(&emotions, Combine::Mode),
        ..SummaryOptions::default()
    };
    assert_eq!(Summary::of(&emotions, &options).unwrap().combined, None);
}

#[test]
fn values_of_a_speaker_are_averaged() {
    let mut set = regressed(&[(0.5, 0.25), (0.5, 0.5), (1.0, 2.0)]);
    for (index, speaker) in ["a", "a", "b"].into_iter().enumerate() {
        set.predictions[index].speaker = Some(speaker.to_owned());
    }
    let options = SummaryOptions {
        combining: combining(&set, Combine::Mode),
        ..SummaryOptions::default()
    };
    let combined = Summary::of(&set, &options).unwrap().combined.unwrap();
    assert_eq!((combined.method, combined.summary.n), (Combine::Mean, 2));
    // Errors 0.125 and 1.
    assert_eq!(combined.summary.value("mae"), Some(0.5625));
}

#[test]
fn what_is_uncertain_can_be_left_out() {
    let set = speakers();
    let of = |threshold| {
        let options = SummaryOptions {
            uncertainty_threshold: Some(threshold),
            ..SummaryOptions::default()
        };
        Summary::of(&set, &options).unwrap().certain
    };
    let certain = of(0.5).unwrap();
    assert_eq!((certain.of, certain.summary.n), (7, 5));
    assert_eq!(
        certain.summary.confusion,
        Some(vec![vec![1, 0], vec![1, 3]])
    );
    assert!(
        certain
            .summary
            .note
            .unwrap()
            .contains("only the 5 of 7 utterances")
    );
    assert_eq!(of(0.0), None, "nothing is that certain");
    let options = SummaryOptions {
        uncertainty_threshold: Some(0.5),
        ..SummaryOptions::default()
    };
    assert_eq!(
        Summary::of(&regressed(&[(0.5, 0.5)]), &options)
            .unwrap()
            .certain,
        None
    );
}
