//! What can go wrong between predictions and files.

use thiserror::Error;

/// What can go wrong between predictions and files.
#[derive(Debug, Error)]
pub enum ReportError {
    /// Nothing to measure: no prediction has a true label beside it.
    #[error("none of the {count} predictions has a true label, so there is nothing to measure")]
    NoTruth {
        /// Predictions in the set.
        count: usize,
    },
    /// A model's output is infinite or not a number.
    #[error(
        "the output of the model for `{file}` is not finite (training has probably diverged: try a lower learning rate)"
    )]
    ScoresNotFinite {
        /// The utterance's file.
        file: String,
    },
    /// A prediction has another number of outputs than there are classes (one for a regression).
    #[error("the prediction for `{file}` has {found} outputs, {expected} are needed")]
    ScoreCount {
        /// The utterance's file.
        file: String,
        /// Outputs of the model.
        found: usize,
        /// Classes, or one.
        expected: usize,
    },
    /// A true label is not one of the classes, or is not finite.
    #[error("the true label {truth} of `{file}` is none of the {classes} classes")]
    TruthRange {
        /// The utterance's file.
        file: String,
        /// The label.
        truth: f64,
        /// Number of classes.
        classes: usize,
    },
    /// A true value of a regression is infinite or not a number.
    #[error("the true value of `{file}` is not finite")]
    TruthNotFinite {
        /// The utterance's file.
        file: String,
    },
    /// A table could not be written.
    #[error("the table of predictions could not be written")]
    Table(#[from] csv::Error),
    /// A value could not be written as JSON.
    #[error("{what} could not be written as JSON")]
    Json {
        /// The file or value.
        what: &'static str,
        /// The cause.
        source: serde_json::Error,
    },
    /// A plot could not be drawn as PNG.
    #[error("a plot could not be drawn as PNG: {reason}")]
    Png {
        /// What the renderer says.
        reason: String,
    },
    /// A file could not be written.
    #[error("`{path}` could not be written")]
    Write {
        /// The file.
        path: String,
        /// The system's error.
        source: std::io::Error,
    },
}
