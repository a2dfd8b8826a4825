//! wav2vec2, `HuBERT` and `WavLM` with a classification or regression head.
//!
//! The files follow the samples' way: `feature_encoder`, `projection`, `spec_augment`,
//! `pos_conv`, `attention` in `layer` in `encoder`, then `head`; [`SpeechModel`] is all of it.
//! Parameter names are the reference's, so a file's names are the model's.

mod activation;
mod attention;
mod cut;
mod encoder;
mod feature_encoder;
mod head;
mod init;
mod layer;
mod linear;
mod low_rank;
mod noise;
mod params;
mod pos_conv;
mod projection;
mod recompute;
mod relative_position;
mod spec_augment;
mod speech_model;

pub use cut::{Cut, Input, Kept};
pub use encoder::{Early, Encoder, Hidden, Waves};
pub use head::Head;
pub use noise::Noise;
pub(crate) use params::on_device;
pub use params::{ParamMut, Parameters, Visitor};
pub use relative_position::bucket;
pub use spec_augment::{SpanConfig, draw_spans};
pub(crate) use speech_model::read_back;
pub use speech_model::{HeadStart, LoadReport, SpeechModel, Stored};

use crate::checkpoint as config;

/// What can be wrong with a model.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// `num_layers` asks for more than there is.
    #[error("num_layers = {asked}, but the checkpoint has {depth} transformer layers")]
    Depth {
        /// `num_layers`.
        asked: usize,
        /// Of the checkpoint.
        depth: usize,
    },
    /// `freeze_layers` leaves nothing.
    #[error(
        "freeze_layers = {asked} must be below the number of transformer layers in use, {depth}"
    )]
    Freeze {
        /// `freeze_layers`.
        asked: usize,
        /// Layers in use.
        depth: usize,
    },
    /// The clip is shorter than the receptive field.
    #[error("a clip of {samples} samples is too short for the encoder, which needs {needed}")]
    TooShort {
        /// Of the clip.
        samples: usize,
        /// Receptive field.
        needed: usize,
    },
    /// Reading the checkpoint failed.
    #[error(transparent)]
    Checkpoint(#[from] crate::checkpoint::CheckpointError),
    /// The device failed to give a tensor back.
    #[error("reading parameter `{name}` back from the device failed: {detail}")]
    Readback {
        /// Parameter.
        name: String,
        /// What the device said.
        detail: String,
    },
}
