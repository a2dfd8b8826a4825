//! What a model said of a set of utterances.

use super::ReportError;
use crate::config::Task;
use serde::{Deserialize, Serialize};

/// What a model said of one utterance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The file as its table names it.
    pub file: String,
    /// Start in the file, in seconds.
    pub start: f64,
    /// End in the file, in seconds; `None` is the file's end.
    pub end: Option<f64>,
    /// Speaker, where one is known.
    pub speaker: Option<String>,
    /// Class index or target value; `None` where no label is known.
    pub truth: Option<f64>,
    /// Logits, one a class; for a regression the one predicted value.
    pub scores: Vec<f32>,
}

impl Prediction {
    /// Index of the largest score, the first of equal ones; `None` without scores.
    #[must_use]
    pub fn class(&self) -> Option<usize> {
        let mut best: Option<(usize, f32)> = None;
        for (index, &score) in self.scores.iter().enumerate() {
            if best.is_none_or(|(_, top)| score > top) {
                best = Some((index, score));
            }
        }
        best.map(|(index, _)| index)
    }

    /// The predicted value of a regression.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        self.scores.first().map(|&score| f64::from(score))
    }

    /// Softmax of the logits: one value in 0 to 1 a class, their sum is 1.
    #[must_use]
    pub fn probabilities(&self) -> Vec<f64> {
        let top = self
            .scores
            .iter()
            .copied()
            .fold(f32::NEG_INFINITY, f32::max);
        let powers: Vec<f64> = self
            .scores
            .iter()
            .map(|&score| (f64::from(score) - f64::from(top)).exp())
            .collect();
        let sum: f64 = powers.iter().sum();
        powers.into_iter().map(|power| power / sum).collect()
    }

    /// How undecided the model is: entropy of [`Self::probabilities`] over the entropy of equal
    /// ones, so 0 is certain and 1 is a guess; 0 where there is only one class.
    #[must_use]
    pub fn uncertainty(&self) -> f64 {
        if self.scores.len() < 2 {
            return 0.0;
        }
        let entropy: f64 = self
            .probabilities()
            .iter()
            .filter(|&&p| p > 0.0)
            .map(|p| -p * p.ln())
            .sum();
        (entropy / (self.scores.len() as f64).ln()).clamp(0.0, 1.0)
    }
}

/// What a model said of a set of utterances.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PredictionSet {
    /// Class names in the order of the logits; empty for a regression.
    pub labels: Vec<String>,
    /// One entry an utterance, in the order of the data.
    pub predictions: Vec<Prediction>,
}

impl PredictionSet {
    /// Classification where there are class names, else regression.
    #[must_use]
    pub fn task(&self) -> Task {
        if self.labels.is_empty() {
            Task::Regression
        } else {
            Task::Classification
        }
    }

    /// Checks that every prediction has as many finite scores as the task needs, and a truth that
    /// is a class (or a finite value) where it has one.
    ///
    /// # Errors
    /// The first prediction that is not so.
    pub fn check(&self) -> Result<(), ReportError> {
        let classes = self.labels.len();
        for prediction in &self.predictions {
            let file = || prediction.file.clone();
            let (found, expected) = (prediction.scores.len(), classes.max(1));
            if found != expected {
                return Err(ReportError::ScoreCount {
                    file: file(),
                    found,
                    expected,
                });
            }
            if prediction.scores.iter().any(|score| !score.is_finite()) {
                return Err(ReportError::ScoresNotFinite { file: file() });
            }
            let Some(truth) = prediction.truth else {
                continue;
            };
            if classes == 0 && !truth.is_finite() {
                return Err(ReportError::TruthNotFinite { file: file() });
            }
            if classes > 0 && class_index(truth, classes).is_none() {
                return Err(ReportError::TruthRange {
                    file: file(),
                    truth,
                    classes,
                });
            }
        }
        Ok(())
    }

    /// (true class, predicted class, position of the prediction) of the labelled utterances.
    pub(super) fn class_pairs(&self) -> impl Iterator<Item = (usize, usize, &Prediction)> {
        self.predictions.iter().filter_map(|prediction| {
            let truth = class_index(prediction.truth?, self.labels.len())?;
            Some((truth, prediction.class()?, prediction))
        })
    }

    /// (true value, predicted value, the prediction) of the labelled utterances.
    pub(super) fn value_pairs(&self) -> impl Iterator<Item = (f64, f64, &Prediction)> {
        self.predictions
            .iter()
            .filter_map(|prediction| Some((prediction.truth?, prediction.value()?, prediction)))
    }
}

/// The class that a stored truth stands for.
pub(super) fn class_index(truth: f64, classes: usize) -> Option<usize> {
    (truth >= 0.0 && truth.fract() == 0.0 && truth < classes as f64).then_some(truth as usize)
}
