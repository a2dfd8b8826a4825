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
