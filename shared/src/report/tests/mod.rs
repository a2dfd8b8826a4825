//! Against scikit-learn, scipy and audmetric, and by properties.

mod card;
mod detection;
mod experiment;
mod files;
mod groups;
mod layout;
mod manifest;
mod metrics;
mod odd_values;
mod plots;
mod progress;
mod properties;
mod summary;

pub(super) use experiment::experiment;
pub(super) use files::outcome;

use super::{Prediction, PredictionSet};

/// Predictions of classes whose logits are 4 for the class said and 0 for the others.
pub(super) fn classified(classes: usize, truth: &[usize], said: &[usize]) -> PredictionSet {
    let predictions = truth
        .iter()
        .zip(said)
        .enumerate()
        .map(|(index, (&truth, &said))| Prediction {
            file: format!("clip{index}.wav"),
            start: 0.0,
            end: None,
            speaker: Some(format!("s{}", index % 5)),
            truth: Some(truth as f64),
            scores: (0..classes)
                .map(|class| if class == said { 4.0 } else { 0.0 })
                .collect(),
        })
        .collect();
    PredictionSet {
        labels: (0..classes).map(|class| format!("c{class}")).collect(),
        predictions,
    }
}

/// Predictions of values.
pub(super) fn regressed(pairs: &[(f64, f32)]) -> PredictionSet {
    let predictions = pairs
        .iter()
        .enumerate()
        .map(|(index, &(truth, said))| Prediction {
            file: format!("clip{index}.wav"),
            start: 1.5,
            end: Some(2.25),
            speaker: Some(format!("s{}", index % 5)),
            truth: Some(truth),
            scores: vec![said],
        })
        .collect();
    PredictionSet {
        labels: Vec::new(),
        predictions,
    }
}
