//! Figures of merit. Every one is `None` where it is not defined, never NaN.

mod agreement;
mod binary;
mod bootstrap;
mod calibration;
mod confusion;

pub use agreement::{Agreement, Moments};
pub use binary::{Detection, DetectionScores};
pub use bootstrap::{Bootstrap, Interval, percentile};
pub use calibration::{Calibration, CalibrationBin};
pub use confusion::{ClassScores, Confusion};

use super::{PredictionSet, ReportError};
use crate::config::{Measure, Task};

/// One measure of a set of predictions, without an interval: what a checkpoint is chosen by.
/// `None` where it is not defined, and where a measure of the other task is asked for.
///
/// # Errors
/// A prediction is not finite or has the wrong number of scores, or none has a truth.
pub fn measure(set: &PredictionSet, measure: Measure) -> Result<Option<f64>, ReportError> {
    Ok(match set.task() {
        Task::Classification => {
            let confusion = Confusion::of(set)?;
            match measure {
                Measure::Uar => confusion.uar(),
                Measure::Acc => confusion.accuracy(),
                Measure::F1 => confusion.macro_f1(),
                Measure::Ccc | Measure::Pcc | Measure::Mse | Measure::Mae => None,
            }
        }
        Task::Regression => {
            let agreement = Agreement::of(set)?;
            match measure {
                Measure::Ccc => agreement.ccc,
                Measure::Pcc => agreement.pcc,
                Measure::Mse => agreement.mse,
                Measure::Mae => agreement.mae,
                Measure::Uar | Measure::Acc | Measure::F1 => None,
            }
        }
    })
}
