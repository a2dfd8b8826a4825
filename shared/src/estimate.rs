//! What a run is expected to need, from the model's shape alone.

use crate::{
    audio::RATE,
    checkpoint::{Family, ModelConfig},
    config::Experiment,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a run is expected to need, before anything was run. Bytes are of the device's memory, which
/// is the machine's for the CPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// All parameters, without the head.
    pub parameters: u64,
    /// Trained parameters, without the head.
    pub trained: u64,
    /// Bytes of the weights.
    pub weights: u64,
    /// Bytes of gradients and of the optimiser's moments.
    pub training: u64,
    /// Bytes of what a batch leaves behind for the way back.
    pub activations: u64,
}

/// What of an experiment decides how much memory a model needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    /// Clips in a batch.
    pub batch_size: usize,
    /// Longest stretch of a clip that the model sees.
    pub seconds: f64,
    /// Layers that are used; `None` is all.
    pub num_layers: Option<usize>,
    /// Layers that are not trained.
    pub freeze_layers: usize,
    /// Whether the convolutional encoder is not trained.
    pub freeze_cnn: bool,
}

impl Load {
    /// What `experiment` asks of its model.
    #[must_use]
    pub fn of(experiment: &Experiment) -> Self {
        let tuning = &experiment.tuning;
        Self {
            batch_size: tuning.batch_size,
            seconds: tuning.max_duration,
            num_layers: tuning.num_layers,
            freeze_layers: tuning.freeze_layers,
            freeze_cnn: tuning.freeze_cnn,
        }
    }
}

/// Bytes of a number: everything is computed in 32 bits.
const NUMBER: u64 = 4;

impl Estimate {
    /// What training `model` under `load` needs.
    ///
    /// Parameters are counted exactly, but for the head. Activations are those of one batch of
    /// clips of full length: in each trained layer ten vectors of the model's width a frame (inputs
    /// of norms and products, queries, keys, values and what dropout keeps), three of the feed-forward
    /// width, and three tables of frames times frames for each attention head. Convolutions that are
    /// not trained keep nothing, but the largest two of their outputs are there at once.
    #[must_use]
    pub fn of(model: &ModelConfig, load: &Load) -> Self {
        let layers = load
            .num_layers
            .unwrap_or(usize::MAX)
            .min(model.num_hidden_layers);
        let trained_layers = layers.saturating_sub(load.freeze_layers);
        let (convolutions, layer, rest) = (convolutions(model), layer(model), rest(model));
        let parameters = convolutions + layer * layers as u64 + rest;
        let trained =
            trained_layers as u64 * layer + rest + if load.freeze_cnn { 0 } else { convolutions };

        let samples = (load.seconds.max(0.0) * f64::from(RATE)).min(1e12) as u64;
        let outputs = outputs(model, samples);
        let frames = outputs.last().map_or(0, |(frames, _)| *frames);
        let (width, inner) = (model.hidden_size as u64, model.intermediate_size as u64);
        let attention = 3 * model.num_attention_heads as u64 * frames * frames;
        let in_layer = frames * (10 * width + 3 * inner) + attention;
        let mut sizes: Vec<u64> = outputs
            .iter()
            .map(|(frames, channels)| frames * channels)
            .collect();
        let in_convolutions = if load.freeze_cnn {
            sizes.sort_unstable();
            sizes.iter().rev().take(2).sum()
        } else {
            3 * sizes.iter().sum::<u64>()
        };
        // Layers below the lowest trained one are computed and forgotten, one at a time.
        let clip = in_convolutions + in_layer * trained_layers.max(1) as u64 + 4 * frames * width;
        Self {
            parameters,
            trained,
            weights: NUMBER * parameters,
            // A gradient and two moments each.
            training: 3 * NUMBER * trained,
            activations: NUMBER * clip * load.batch_size as u64,
        }
    }

    /// Bytes in all.
    #[must_use]
    pub fn memory(&self) -> u64 {
        self.weights + self.training + self.activations
    }
}

/// Parameters of the convolutional encoder.
fn convolutions(model: &ModelConfig) -> u64 {
    let mut inputs = 1;
    let mut sum = 0;
    for (index, (&channels, &taps)) in model.conv_dim.iter().zip(&model.conv_kernel).enumerate() {
        sum += inputs * channels * taps;
        if model.conv_bias {
            sum += channels;
        }
        let normed = match model.feat_extract_norm {
            crate::checkpoint::FeatureNorm::Group => index == 0,
            crate::checkpoint::FeatureNorm::Layer => true,
        };
        if normed {
            sum += 2 * channels;
        }
        inputs = channels;
    }
    sum as u64
}

/// Parameters of a transformer layer.
fn layer(model: &ModelConfig) -> u64 {
    let (width, inner) = (model.hidden_size, model.intermediate_size);
    let attention = 4 * (width * width + width);
    let feed_forward = 2 * width * inner + inner + width;
    let norms = 4 * width;
    // The gate of the relative position bias: a linear map of a head's width to 8, and a constant a head.
    let gate = match model.family {
        Family::WavLm => {
            let heads = model.num_attention_heads.max(1);
            8 * (width / heads) + 8 + heads
        }
        Family::Wav2Vec2 | Family::Hubert => 0,
    };
    (attention + feed_forward + norms + gate) as u64
}

/// Parameters of all else: projection, positional convolution, norms.
fn rest(model: &ModelConfig) -> u64 {
    let width = model.hidden_size;
    let features = model.conv_dim.last().copied().unwrap_or(0);
    let norm = if model.feat_proj_layer_norm {
        2 * features
    } else {
        0
    };
    let projection = features * width + width + norm;
    let (taps, groups) = (
        model.num_conv_pos_embeddings,
        model.num_conv_pos_embedding_groups.max(1),
    );
    // With weight norm: a length a tap besides the directions.
    let positions = width * (width / groups) * taps + taps + width;
    // One table of relative positions, which all layers share.
    let table = match model.family {
        Family::WavLm => model.num_buckets * model.num_attention_heads,
        Family::Wav2Vec2 | Family::Hubert => 0,
    };
    // SpecAugment's mask vector, and the encoder's norm.
    (projection + positions + 3 * width + table) as u64
}

/// Frames and channels behind each convolution, for so many samples.
fn outputs(model: &ModelConfig, samples: u64) -> Vec<(u64, u64)> {
    let mut frames = samples;
    let shapes = model
        .conv_dim
        .iter()
        .zip(&model.conv_kernel)
        .zip(&model.conv_stride);
    shapes
        .map(|((&channels, &taps), &stride)| {
            frames = match frames.checked_sub(taps as u64) {
                Some(rest) => rest / (stride.max(1) as u64) + 1,
                None => 0,
            };
            (frames, channels as u64)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(kind: &str) -> ModelConfig {
        let text = format!("{{\"model_type\": \"{kind}\"}}");
        ModelConfig::from_json(&text, "config.json").expect("a model")
    }

    fn base() -> ModelConfig {
        model("wav2vec2")
    }

    fn load(batch_size: usize, seconds: f64) -> Load {
        Load {
            batch_size,
            seconds,
            num_layers: None,
            freeze_layers: 0,
            freeze_cnn: true,
        }
    }

    #[test]
    fn parameters_are_those_of_transformers() {
        // `sum(p.numel() for p in Wav2Vec2Model(Wav2Vec2Config()).parameters())`, and so on.
        for (kind, parameters) in [
            ("wav2vec2", 94_371_712),
            ("hubert", 94_371_712),
            ("wavlm", 94_381_936),
        ] {
            let estimate = Estimate::of(&model(kind), &load(1, 1.0));
            assert_eq!(estimate.parameters, parameters, "{kind}");
        }
        // The convolutional encoder has 4,200,448 of them.
        assert_eq!(
            Estimate::of(&base(), &load(1, 1.0)).trained,
            94_371_712 - 4_200_448
        );
    }

    #[test]
    fn frames_are_those_of_the_convolutions() {
        let frames = |samples| outputs(&base(), samples).last().map(|(frames, _)| *frames);
        assert_eq!(frames(16_000), Some(49));
        assert_eq!(frames(399), Some(0));
    }

    #[test]
    fn less_to_train_needs_less() {
        let whole = Estimate::of(&base(), &load(8, 8.0));
        for smaller in [
            load(4, 8.0),
            load(8, 4.0),
            Load {
                freeze_layers: 6,
                ..load(8, 8.0)
            },
            Load {
                num_layers: Some(6),
                ..load(8, 8.0)
            },
        ] {
            assert!(
                Estimate::of(&base(), &smaller).memory() < whole.memory(),
                "{smaller:?}"
            );
        }
        let more = Load {
            freeze_cnn: false,
            ..load(8, 8.0)
        };
        assert!(Estimate::of(&base(), &more).memory() > whole.memory());
    }
}
