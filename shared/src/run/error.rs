//! What can stop an experiment.

use crate::{
    audio::AudioError, checkpoint::CheckpointError, model::ModelError, report::ReportError,
    train::TrainError,
};
use std::io;

/// What can stop an experiment.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The model folder.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The model's preprocessing.
    #[error("{path}: {source}")]
    Preprocessor {
        /// `preprocessor_config.json`.
        path: String,
        /// What is wrong with it.
        source: AudioError,
    },
    /// The model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The training.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// Metrics, plots, tables.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// A result cannot be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// Below the experiment's folder.
        path: String,
        /// The system's error.
        source: io::Error,
    },
    /// The split's table cannot be made.
    #[error("the table of the {part} part: {source}")]
    Table {
        /// `train`, `dev` or `test`.
        part: &'static str,
        /// What is wrong.
        source: csv::Error,
    },
    /// A classification needs classes to tell apart.
    #[error("the training part has {} ({}): a classification needs two or more", count(*.0), .1)]
    Classes(usize, String),
}

fn count(classes: usize) -> &'static str {
    if classes == 0 {
        "no class"
    } else {
        "only one class"
    }
}
