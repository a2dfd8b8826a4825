//! Results in the unit of the user's table.

use super::PredictionSet;
use crate::data::{TargetTransform, Utterance};

/// Turns truths and predictions of a regression back to the unit of the table, undoing
/// `target_divide_by`, `scale` and `reverse`. `utterances` are those of `set`, in its order.
pub fn table_units(set: &mut PredictionSet, utterances: &[Utterance], transform: &TargetTransform) {
    if !set.labels.is_empty() || transform.is_identity() {
        return;
    }
    for (prediction, utterance) in set.predictions.iter_mut().zip(utterances) {
        let back = |value: f64| transform.invert(&utterance.database, value);
        prediction.truth = prediction.truth.map(back);
        for score in &mut prediction.scores {
            *score = back(f64::from(*score)) as f32;
        }
    }
}

/// The unit in which a length of time is easy to read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Clock {
    /// Up to five minutes.
    Seconds,
    /// Up to five hours.
    Minutes,
    /// More.
    Hours,
}

impl Clock {
    /// For times up to `seconds`.
    pub(super) fn of(seconds: f64) -> Self {
        if seconds <= 300.0 {
            Self::Seconds
        } else if seconds <= 18_000.0 {
            Self::Minutes
        } else {
            Self::Hours
        }
    }

    /// Seconds in this unit.
    pub(super) fn of_seconds(self, seconds: f64) -> f64 {
        match self {
            Self::Seconds => seconds,
            Self::Minutes => seconds / 60.0,
            Self::Hours => seconds / 3600.0,
        }
    }

    /// The name of an axis in this unit.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Seconds => "Time (s)",
            Self::Minutes => "Time (min)",
            Self::Hours => "Time (h)",
        }
    }
}
