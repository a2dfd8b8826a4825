//! One prediction a speaker.

use super::{Summary, SummaryOptions, groups};
use crate::{
    config::{Combine, Task},
    report::{Prediction, PredictionSet, ReportError},
};
use serde::{Deserialize, Serialize};

/// How the predictions of a speaker are made one.
#[derive(Debug, Clone, PartialEq)]
pub struct Combining {
    /// The most frequent class, or the mean.
    pub method: Combine,
    /// What the utterances are combined by, usually `speaker`.
    pub by: String,
    /// One value of that a prediction, in the set's order.
    pub values: Vec<Option<String>>,
}

/// The figures with one prediction a speaker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Combined {
    /// How the predictions of a speaker were made one. Of a regression it is always the mean.
    pub method: Combine,
    /// What the utterances were combined by, usually `speaker`.
    pub by: String,
    /// Those that were left out, since their utterances have different labels: of a speaker who
    /// speaks in anger and in joy there is no one truth.
    pub mixed: usize,
    /// The figures; `n` counts speakers.
    pub summary: Summary,
}

/// The figures of combined predictions; `None` where no speaker has one label.
pub(super) fn of(
    set: &PredictionSet,
    combining: &Combining,
    options: &SummaryOptions,
) -> Result<Option<Combined>, ReportError> {
    let method = match set.task() {
        Task::Classification => combining.method,
        Task::Regression => Combine::Mean,
    };
    let mut mixed = 0;
    let mut predictions = Vec::new();
    for (name, group) in groups::split(set, &combining.values) {
        let labelled: Vec<&Prediction> = group
            .predictions
            .iter()
            .filter(|prediction| prediction.truth.is_some())
            .collect();
        let Some(first) = labelled.first() else {
            continue;
        };
        if labelled
            .iter()
            .any(|prediction| prediction.truth != first.truth)
        {
            mixed += 1;
            continue;
        }
        predictions.push(Prediction {
            file: name.clone(),
            start: 0.0,
            end: None,
            speaker: Some(name),
            truth: first.truth,
            scores: match set.task() {
                Task::Regression => mean_value(&labelled),
                Task::Classification => logits(method, &labelled, set.labels.len()),
            },
        });
    }
    if predictions.is_empty() {
        return Ok(None);
    }
    let combined = PredictionSet {
        labels: set.labels.clone(),
        predictions,
    };
    let note = (mixed > 0)
        .then(|| format!("{mixed} left out, since their utterances have different labels"));
    let options = SummaryOptions {
        note: join(options.note.clone(), note),
        groupings: Vec::new(),
        combining: None,
        uncertainty_threshold: None,
        ..options.clone()
    };
    Ok(Some(Combined {
        method,
        by: combining.by.clone(),
        mixed,
        summary: Summary::plain(&combined, &options)?,
    }))
}

/// Two notes as one.
pub(super) fn join(first: Option<String>, second: Option<String>) -> Option<String> {
    let notes: Vec<String> = first.into_iter().chain(second).collect();
    (!notes.is_empty()).then(|| notes.join("; "))
}

fn mean_value(group: &[&Prediction]) -> Vec<f32> {
    let sum: f64 = group
        .iter()
        .filter_map(|prediction| prediction.value())
        .sum();
    vec![(sum / group.len() as f64) as f32]
}

/// Logits whose softmax is the mean of the probabilities, or the shares of the predicted classes.
fn logits(method: Combine, group: &[&Prediction], classes: usize) -> Vec<f32> {
    let mut shares = vec![0.0_f64; classes];
    for prediction in group {
        match method {
            Combine::Mean => {
                for (share, p) in shares.iter_mut().zip(prediction.probabilities()) {
                    *share += p;
                }
            }
            Combine::Mode => {
                if let Some(share) = prediction.class().and_then(|class| shares.get_mut(class)) {
                    *share += 1.0;
                }
            }
        }
    }
    if method == Combine::Mode {
        // Of equally frequent classes the last one counts, as in Nkululeko.
        let most = shares.iter().copied().fold(0.0, f64::max);
        if let Some(share) = shares.iter_mut().rfind(|share| **share == most) {
            *share += 1e-3;
        }
    }
    // Logits are finite, also of what nobody said.
    shares
        .into_iter()
        .map(|share| (share / group.len() as f64).max(1e-9).ln() as f32)
        .collect()
}
