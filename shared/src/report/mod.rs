//! Predictions to metrics with intervals, plots and files.

mod prediction;

pub use prediction::{Prediction, PredictionSet};
