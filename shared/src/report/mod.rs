//! Predictions to metrics with intervals, plots and files.

mod error;
mod files;
mod layout;
mod manifest;
pub mod metrics;
pub mod plot;
mod prediction;
mod progress;
mod summary;

#[cfg(test)]
mod tests;

pub use error::ReportError;
pub use files::{
    NewFile, PartOutcome, RunLine, RunOutcome, RunsSummary, Spread, classification_report,
    confusion_line, experiment_files, predictions_csv, report_text, run_files, runs_line,
    runs_text,
};
pub use layout::Layout;
pub use manifest::{
    ConfigRecord, Manifest, ModelRecord, Resumption, SCHEMA, Selection, TrainingRecord,
};
pub use prediction::{Prediction, PredictionSet};
pub use progress::{Evaluated, Progress};
pub use summary::{ClassRow, Measured, Summary, SummaryOptions, result_table};
