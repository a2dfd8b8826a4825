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
    #[error("cannot write {path}: {source}{}", remedy(.source))]
    Write {
        /// Below the experiment's folder.
        path: String,
        /// The system's error.
        source: io::Error,
    },
    /// The folder holds the results of another experiment.
    #[error(
        "{folder} holds another experiment, and its results would be mixed with these:\n  {}\n\
         change `[EXP] name` to keep both, or start over with --force, which moves what is there to {aside}",
        .differences.join("\n  ")
    )]
    Different {
        /// The experiment's folder.
        folder: String,
        /// What is other, one thing a line.
        differences: Vec<String>,
        /// Where old results would go.
        aside: String,
    },
    /// What the folder was made from is not known.
    #[error(
        "cannot read {path}, which says what experiment this folder holds: {reason}; start over \
         with --force, or change `[EXP] name`"
    )]
    Identity {
        /// Below the experiment's folder.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// The split's table cannot be made.
    #[error("the table of the {part} part: {source}")]
    Table {
        /// `train`, `dev` or `test`.
        part: &'static str,
        /// What is wrong.
        source: csv::Error,
    },
    /// What a fold's model said is not there any more.
    #[error(
        "cannot read {path}, which the results of all folds together are made from: {reason}; move the folder of this \
         fold away to train it again"
    )]
    Scores {
        /// Below the experiment's folder.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// A classification needs classes to tell apart.
    #[error("the training part has {} ({}): a classification needs two or more", count(*.0), .1)]
    Classes(usize, String),
}

impl RunError {
    /// `path` cannot be written.
    pub(super) fn write(path: &str, source: io::Error) -> Self {
        Self::Write {
            path: path.to_owned(),
            source,
        }
    }
}

/// What to do about a lack of room.
fn remedy(error: &io::Error) -> &'static str {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    match error.kind() {
        StorageFull | QuotaExceeded | FileTooLarge => {
            "; make room and run it again: it goes on from the last checkpoint"
        }
        _ => "",
    }
}

fn count(classes: usize) -> &'static str {
    if classes == 0 {
        "no class"
    } else {
        "only one class"
    }
}
