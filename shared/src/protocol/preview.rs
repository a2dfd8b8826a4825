//! Looking at and listening to a recording on the runner.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A file below a data root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileRef {
    /// The root's id.
    pub root: String,
    /// The path below it, with `/`.
    pub path: String,
}

/// What a recording is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClipInfo {
    /// Sampling rate of the file in Hz.
    pub rate: u32,
    /// Its channels.
    pub channels: u16,
    /// Its length in seconds.
    pub seconds: f64,
    /// Bytes of the file.
    pub size: u64,
    /// What was, or would be, done to it, for people: resampled, mixed to mono, too short.
    pub notes: Vec<String>,
}

/// The outline of a stretch, for drawing: smallest and largest sample a bucket, of the 16 kHz mono
/// signal that a model sees before normalisation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Peaks {
    /// Start in seconds.
    pub start: f64,
    /// End in seconds.
    pub end: f64,
    /// Smallest sample of each bucket, from -1 to 1.
    pub min: Vec<f32>,
    /// Largest sample of each bucket, from -1 to 1.
    pub max: Vec<f32>,
    /// Whether samples at full scale follow each other: it is clipped.
    pub clipped: bool,
    /// Whether all samples are 0.
    pub silent: bool,
}
