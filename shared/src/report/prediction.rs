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
    /// What several models say together of the same utterances: the mean of their probabilities, or of their
    /// values; the truth is that of the first. `None` if they are not of the same utterances and classes.
    #[must_use]
    pub fn mean(sets: &[Self]) -> Option<Self> {
        let (first, others) = sets.split_first()?;
        let same = |set: &Self| {
            let keys = |set: &Self| -> Vec<(String, u64)> {
                let key = |one: &Prediction| (one.file.clone(), one.start.to_bits());
                set.predictions.iter().map(key).collect()
            };
            set.labels == first.labels && keys(set) == keys(first)
        };
        if !others.iter().all(same) {
            return None;
        }
        let mut mean = first.clone();
        for (index, prediction) in mean.predictions.iter_mut().enumerate() {
            let said = sets.iter().filter_map(|set| set.predictions.get(index));
            let values: Vec<Vec<f64>> = match first.task() {
                Task::Classification => said.map(Prediction::probabilities).collect(),
                Task::Regression => said.filter_map(|one| Some(vec![one.value()?])).collect(),
            };
            let over = |place: usize| {
                let sum: f64 = values.iter().filter_map(|one| one.get(place)).sum();
                sum / values.len() as f64
            };
            for (place, score) in prediction.scores.iter_mut().enumerate() {
                *score = match first.task() {
                    // Their softmax is the mean again.
                    Task::Classification => {
                        over(place).max(f64::from(f32::MIN_POSITIVE)).ln() as f32
                    }
                    Task::Regression => over(place) as f32,
                };
            }
        }
        Some(mean)
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    fn set(labels: &[&str], scores: &[&[f32]]) -> PredictionSet {
        let prediction = |(index, scores): (usize, &&[f32])| Prediction {
            file: format!("{index}.wav"),
            start: 0.0,
            end: None,
            speaker: None,
            truth: Some(0.0),
            scores: scores.to_vec(),
        };
        PredictionSet {
            labels: labels.iter().map(|&label| label.to_owned()).collect(),
            predictions: scores.iter().enumerate().map(prediction).collect(),
        }
    }

    #[test]
    fn models_together_say_the_mean() {
        // Probabilities 0.8 and 0.2, 0.5 and 0.5.
        let one = set(&["a", "b"], &[&[4.0_f32.ln(), 0.0], &[-90.0, 90.0]]);
        let two = set(&["a", "b"], &[&[3.0, 3.0], &[-90.0, 90.0]]);
        let mean = PredictionSet::mean(&[one.clone(), two]).unwrap();
        mean.check().unwrap();
        let found = mean.predictions[0].probabilities();
        assert!(
            (found[0] - 0.65).abs() < 1e-6 && (found[1] - 0.35).abs() < 1e-6,
            "{found:?}"
        );
        assert!((mean.predictions[1].probabilities()[1] - 1.0).abs() < 1e-6);
        let values = PredictionSet::mean(&[set(&[], &[&[1.0]]), set(&[], &[&[4.0]])]).unwrap();
        assert_eq!(values.predictions[0].value(), Some(2.5));
        assert_eq!(
            PredictionSet::mean(&[one.clone()]).map(|set| set.predictions.len()),
            Some(2)
        );
        assert_eq!(
            PredictionSet::mean(&[one.clone(), set(&["a", "c"], &[&[0.0, 0.0], &[0.0, 0.0]])]),
            None
        );
        assert_eq!(
            PredictionSet::mean(&[one, set(&["a", "b"], &[&[0.0, 0.0]])]),
            None
        );
        assert_eq!(PredictionSet::mean(&[]), None);
    }
}
