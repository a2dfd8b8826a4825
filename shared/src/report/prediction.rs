//! What a model said of a set of utterances.

use serde::{Deserialize, Serialize};

/// What a model said of one utterance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The file as its table names it.
    pub file: String,
    /// Start in the file, in seconds.
    pub start: f64,
    /// End in the file, in seconds; `None` is the file's end.
    pub end: Option<f64>,
    /// Speaker, where one is known.
    pub speaker: Option<String>,
    /// Class index or target value; `None` where no label is known.
    pub truth: Option<f64>,
    /// Logits, one a class; for a regression the one predicted value.
    pub scores: Vec<f32>,
}

/// What a model said of a set of utterances.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PredictionSet {
    /// Class names in the order of the logits; empty for a regression.
    pub labels: Vec<String>,
    /// One entry an utterance, in the order of the data.
    pub predictions: Vec<Prediction>,
}
