//! The files of a job.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The files of a job's run, by path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Artefacts {
    /// The files.
    pub files: Vec<Artefact>,
    /// Bytes of all.
    pub bytes: u64,
}

/// A file of a job's run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Artefact {
    /// Where it is below the run's folder, with `/`.
    pub path: String,
    /// What it is.
    pub kind: ArtefactKind,
    /// Its bytes.
    pub size: u64,
    /// When it was changed last, in RFC 3339.
    pub modified: Option<String>,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ArtefactKind {
    /// Part of a model folder.
    Model,
    /// A plot as SVG or PNG.
    Plot,
    /// Predictions or another table.
    Table,
    /// The record of a run (`run.json`).
    Record,
    /// A checkpoint to resume from.
    Checkpoint,
    /// A log.
    Log,
    /// The experiment.
    Experiment,
    /// Another text.
    Text,
    /// Anything else.
    Other,
}
