//! Predictions to metrics with intervals, plots and files.

mod error;
pub mod metrics;
mod prediction;
mod summary;

#[cfg(test)]
mod tests;

pub use error::ReportError;
pub use prediction::{Prediction, PredictionSet};
pub use summary::{ClassRow, Measured, Summary, SummaryOptions};
