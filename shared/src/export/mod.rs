//! A fine-tuned model as ONNX, for programs that know neither Rust nor Python.
//!
//! The graph takes raw samples at 16 kHz and gives logits; normalisation and pooling are in it. It is
//! written straight from the checkpoint, one tensor in memory at a time. Operators are those of opset
//! 17 (LayerNormalization came with it), as <https://onnx.ai/onnx/operators> describes them.

mod encoder;
mod error;
mod graph;
mod head;
mod layer;

#[cfg(test)]
mod tests;

pub use error::ExportError;

use crate::{audio::FeatureExtractor, checkpoint::Checkpoint, data::TargetTransform};
use graph::Graph;
use serde_json::json;
use std::io::Write;

/// Name of the input: `[batch, samples]`, mono at 16 kHz, full scale is 1.
pub const INPUT: &str = "waveform";
/// Name of the output: `[batch, classes]`, or `[batch, 1]` for a regression.
pub const OUTPUT: &str = "logits";

/// What the graph was asked for.
#[derive(Debug, Clone)]
pub struct OnnxOptions<'a> {
    /// The checkpoint's preprocessing; what it does to samples becomes a part of the graph.
    pub extractor: &'a FeatureExtractor,
    /// Longest stretch in seconds that the model was evaluated with, for the description.
    pub max_duration: Option<f64>,
    /// How a predicted value is turned back to the table's unit, for the description.
    pub transform: &'a TargetTransform,
}

/// Writes the model of `checkpoint` to `out`.
///
/// All rows of a batch have the same length: the graph knows no padding.
///
/// # Errors
/// The folder has no head, or one of another kind; tensors that cannot be read; `out` fails.
pub fn onnx(
    checkpoint: &Checkpoint<'_>,
    options: &OnnxOptions<'_>,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let mut graph = Graph::new();
    let hidden = encoder::encoder(&mut graph, checkpoint, options.extractor)?;
    let outputs = head::head(&mut graph, checkpoint, &hidden)?;
    let config = &checkpoint.config;
    let mut notes = vec![
        ("sampling_rate", "16000".to_owned()),
        ("least_samples", config.receptive_field().to_string()),
    ];
    match config.labels()? {
        Some(labels) => notes.push(("labels", json!(labels).to_string())),
        None => notes.push(("task", "regression".to_owned())),
    }
    if let Some(seconds) = options.max_duration {
        notes.push(("max_duration", seconds.to_string()));
    }
    if !options.transform.is_identity() {
        notes.push(("transform", json!(options.transform).to_string()));
    }
    graph.write(checkpoint, outputs, &notes, out)
}
