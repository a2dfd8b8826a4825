//! The figures without what the model was uncertain of.

use super::{Summary, SummaryOptions, combined::join};
use crate::{
    config::Task,
    report::{PredictionSet, ReportError},
};
use serde::{Deserialize, Serialize};

/// The figures without what the model was uncertain of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Certain {
    /// Predictions with this uncertainty (0 to 1) or more were left out.
    pub threshold: f64,
    /// Labelled utterances before.
    pub of: usize,
    /// The figures of the others.
    pub summary: Summary,
}

/// `None` for a regression, and where nothing is certain enough.
pub(super) fn of(
    set: &PredictionSet,
    threshold: f64,
    options: &SummaryOptions,
) -> Result<Option<Certain>, ReportError> {
    if set.task() == Task::Regression {
        return Ok(None);
    }
    let labelled = || {
        set.predictions
            .iter()
            .filter(|prediction| prediction.truth.is_some())
    };
    let kept = PredictionSet {
        labels: set.labels.clone(),
        predictions: labelled()
            .filter(|prediction| prediction.uncertainty() < threshold)
            .cloned()
            .collect(),
    };
    if kept.predictions.is_empty() {
        return Ok(None);
    }
    let of = labelled().count();
    let note = format!(
        "only the {} of {of} utterances with an uncertainty below {threshold}",
        kept.predictions.len()
    );
    let options = SummaryOptions {
        note: join(options.note.clone(), Some(note)),
        groupings: Vec::new(),
        combining: None,
        uncertainty_threshold: None,
        ..options.clone()
    };
    Ok(Some(Certain {
        threshold,
        of,
        summary: Summary::plain(&kept, &options)?,
    }))
}
