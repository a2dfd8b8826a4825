//! Why a model cannot be exported.

use crate::checkpoint::CheckpointError;
use std::io;

/// Why a model cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// There is nothing to export but an encoder.
    #[error(
        "{folder} has no head: give a fine-tuned folder, for instance results/exp/models/run_0/torch"
    )]
    NoHead {
        /// The model folder.
        folder: String,
    },
    /// The head is of a kind that has no graph here.
    #[error(
        "{folder}: the head cannot be exported: {reason}; only Nkululeko's head can (pooling over time, then \
         head.net.1, head.net.4, ...)"
    )]
    Head {
        /// The model folder.
        folder: String,
        /// What is other.
        reason: String,
    },
    /// Protocol Buffers end at 2 GB.
    #[error("the model has {gigabytes:.1} GB of weights; a file of ONNX can hold 2 GB")]
    TooLarge {
        /// Size of all tensors.
        gigabytes: f64,
    },
    /// Reading the checkpoint failed.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The file cannot be written.
    #[error("the file cannot be written: {0}")]
    Write(#[from] io::Error),
}
