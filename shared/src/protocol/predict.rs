//! Labelling recordings with a finished model.

use super::FileRef;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Recordings on the runner to be labelled.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PredictRequest {
    /// Number of the run; without it the best one.
    #[serde(default)]
    pub run: Option<u32>,
    /// Recordings, folders of them, or tables with a column `file`.
    #[schemars(length(min = 1, max = 1000))]
    pub files: Vec<FileRef>,
    /// Longest stretch in seconds that the model sees at once; without it as it was evaluated.
    #[serde(default)]
    pub max_duration: Option<f64>,
    /// Make a time line: a prediction for each window of so many seconds, instead of one for a clip;
    /// not together with `max_duration`.
    #[serde(default)]
    pub window: Option<f64>,
    /// Seconds from one window of the time line to the next; without it as long as a window.
    #[serde(default)]
    pub hop: Option<f64>,
    /// The device, by its id; without it, or with `auto`, a graphics card that is free, else the CPU.
    #[serde(default)]
    pub device: Option<String>,
}

/// What a model said.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PredictReply {
    /// One a stretch, in the order of the files.
    pub predictions: Vec<Predicted>,
    /// What was left out, and why.
    pub warnings: Vec<String>,
    /// The device that computed it.
    #[serde(default)]
    pub device: String,
}

/// What a model said of a stretch.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Predicted {
    /// The file.
    pub file: String,
    /// Start in seconds.
    pub start: f64,
    /// End in seconds; `None` is the file's end.
    pub end: Option<f64>,
    /// The class, or the value of a regression as text; empty of a regression of several values.
    pub predicted: String,
    /// Probability of each class; of a regression the value, as `value`, or each of several by its name.
    pub scores: IndexMap<String, Option<f64>>,
}
