//! How much there is to compute.

use super::{Load, outputs};
use crate::{audio::RATE, checkpoint::ModelConfig, config::DeviceChoice};

/// How fast a device is with products of matrices in 32 bits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speed {
    /// Floating-point operations a second.
    pub operations: f64,
}

impl Speed {
    /// A first guess, right to a factor of three or so: what two cores of a Sapphire Rapids did in training a
    /// base model, 30 thousand million operations a second each, and for graphics cards what one of
    /// 4 GB does without its units for matrices.
    #[must_use]
    pub fn guess(device: DeviceChoice, cores: usize) -> Self {
        let operations = match device {
            DeviceChoice::Cpu => 3e10 * cores.max(1) as f64,
            DeviceChoice::Auto | DeviceChoice::Vulkan(_) | DeviceChoice::Cuda(_) => 1e12,
        };
        Self { operations }
    }

    /// Of the processor in a browser, with 128-bit instructions: two cores of a Sapphire Rapids did 19 thousand million
    /// operations a second in training the demo's model, one of them 15.
    #[must_use]
    pub fn wasm(cores: usize) -> Self {
        Self {
            operations: 1.2e10 * (cores.max(1) as f64).powf(0.6),
        }
    }

    /// Of a graphics adapter that computes on the processor: with SwiftShader in a browser the same two cores did 1.5
    /// thousand million.
    #[must_use]
    pub fn software(cores: usize) -> Self {
        Self {
            operations: 7.5e8 * cores.max(1) as f64,
        }
    }
}

/// Floating-point operations for a second of audio in the first epoch and in a later one, forward and
/// backward: products of matrices alone, a multiplication and an addition being two.
pub(super) fn operations(model: &ModelConfig, load: &Load, layers: usize) -> [u64; 2] {
    let samples = (load.seconds.max(0.1) * f64::from(RATE)).min(1e12) as u64;
    let seconds = samples as f64 / f64::from(RATE);
    let sizes = outputs(model, samples);
    let frames = sizes.last().map_or(0, |(frames, _)| *frames) as f64;
    let mut inputs = 1.0;
    let mut convolutions = 0.0;
    for ((frames, channels), taps) in sizes.iter().zip(&model.conv_kernel) {
        convolutions += 2.0 * *frames as f64 * inputs * *taps as f64 * *channels as f64;
        inputs = *channels as f64;
    }
    let (width, inner) = (model.hidden_size as f64, model.intermediate_size as f64);
    let groups = model.num_conv_pos_embedding_groups.max(1) as f64;
    let positions = width / groups * model.num_conv_pos_embeddings as f64;
    let below = 2.0 * frames * width * (inputs + positions);
    let layer = 2.0 * frames * (4.0 * width * width + 2.0 * width * inner + 2.0 * frames * width);

    let layers = layers as f64;
    let passed = (layers - load.lowest() as f64).max(0.0);
    let trained = if load.lora_rank.is_some() {
        0.0
    } else {
        (layers - load.freeze_layers as f64).max(0.0)
    };
    let below_is_trained = load.lora_rank.is_none() && !load.freeze_below;
    let forward = convolutions + below + layers * layer;
    // As much for the gradients of inputs, and again for those of weights.
    let backward = passed * layer * if load.recompute { 2.0 } else { 1.0 }
        + trained * layer
        + if below_is_trained { 2.0 * below } else { 0.0 }
        + if load.freeze_cnn {
            0.0
        } else {
            2.0 * convolutions
        };
    let once = match (load.cached && load.freeze_cnn, load.freeze_below) {
        (false, _) => 0.0,
        (true, false) => convolutions,
        (true, true) => convolutions + below + (layers - passed) * layer,
    };
    [forward + backward, forward + backward - once].map(|sum| (sum / seconds) as u64)
}
