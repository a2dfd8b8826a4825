//! What a run is expected to need, from the model's shape alone, and what of it fits.

mod fit;
mod work;

pub use fit::{Change, Fit, Limits};
pub use work::Speed;

use crate::{
    audio::RATE,
    checkpoint::{Family, ModelConfig},
    config::{Cache, Experiment, LoraTarget},
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
    /// Bytes of the optimiser's moments, and of the best state besides the present one.
    pub training: u64,
    /// Bytes of what a batch leaves behind for the way back, in whose place gradients come.
    pub activations: u64,
    /// Bytes of the largest tensor.
    #[serde(default)]
    pub largest: u64,
    /// Floating-point operations for a second of audio in the first epoch.
    #[serde(default)]
    pub operations: u64,
    /// In a later epoch, where what is frozen was computed before.
    #[serde(default)]
    pub later_operations: u64,
}

/// What of an experiment decides how much memory and time a model needs.
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
    /// Whether nothing below the first trained layer is.
    pub freeze_below: bool,
    /// Rank of low-rank additions, which are then all that is trained of the encoder.
    pub lora_rank: Option<usize>,
    /// Linear layers of a layer that have additions: of its attention, and of its feed-forward half.
    pub lora_targets: [usize; 2],
    /// Whether layers are computed twice.
    pub recompute: bool,
    /// Whether what is frozen is computed once a clip, and each clip by itself.
    pub cached: bool,
}

impl Load {
    /// What `experiment` asks of its model.
    #[must_use]
    pub fn of(experiment: &Experiment) -> Self {
        let tuning = &experiment.tuning;
        let lora = tuning.lora.as_ref();
        let count = |feeds: bool| {
            let is_feed = |target: &&LoraTarget| {
                matches!(target, LoraTarget::Intermediate | LoraTarget::FeedForward) == feeds
            };
            lora.map_or(0, |lora| lora.targets.iter().filter(is_feed).count())
        };
        Self {
            batch_size: tuning.batch_size,
            seconds: tuning.max_duration,
            num_layers: tuning.num_layers,
            freeze_layers: tuning.freeze_layers,
            freeze_cnn: tuning.freeze_cnn || lora.is_some() || tuning.freeze_below,
            freeze_below: tuning.freeze_below,
            lora_rank: lora.map(|lora| lora.rank),
            lora_targets: [count(false), count(true)],
            recompute: tuning.recompute,
            cached: tuning.cache != Cache::Off && !tuning.augmentation.is_on(),
        }
    }

    /// The lowest layer that keeps something for the way back.
    fn lowest(&self) -> usize {
        // Else gradients go down to the projection, through frozen layers too.
        if self.lora_rank.is_some() || self.freeze_below {
            self.freeze_layers
        } else {
            0
        }
    }
}

/// Bytes of the program besides tensors.
const PROGRAM: u64 = 128 << 20;
/// Bytes of a number: everything is computed in 32 bits.
const NUMBER: u64 = 4;

impl Estimate {
    /// What training `model` under `load` needs.
    ///
    /// Parameters are counted exactly, but for the head. Activations are those of one batch of
    /// clips of full length: in each layer that gradients pass ten vectors of the model's width a frame
    /// (inputs of norms and products, queries, keys, values and what dropout keeps), three of the
    /// feed-forward width, and three tables of frames times frames for each attention head (20, three and four
    /// with low-rank additions); of layers that are computed twice one vector, and all of this for one of them. Convolutions that are not trained keep
    /// nothing, but the largest two of their outputs are there at once, of one clip where they are kept.
    #[must_use]
    pub fn of(model: &ModelConfig, load: &Load) -> Self {
        let layers = load
            .num_layers
            .unwrap_or(usize::MAX)
            .min(model.num_hidden_layers);
        let passed = layers.saturating_sub(load.lowest());
        let trained_layers = layers.saturating_sub(load.freeze_layers) as u64;
        let (convolutions, layer, rest) = (convolutions(model), layer(model), rest(model));
        let parameters = convolutions + layer * layers as u64 + rest;
        let (width, inner) = (model.hidden_size as u64, model.intermediate_size as u64);
        let trained = match load.lora_rank {
            Some(rank) => {
                let [attention, feeds] = load.lora_targets.map(|count| count as u64);
                let ends = attention * 2 * width + feeds * (width + inner);
                trained_layers * rank as u64 * ends
            }
            None => {
                let below = if load.freeze_below { 0 } else { rest };
                trained_layers * layer + below + if load.freeze_cnn { 0 } else { convolutions }
            }
        };

        let samples = (load.seconds.max(0.0) * f64::from(RATE)).min(1e12) as u64;
        let outputs = outputs(model, samples);
        let frames = outputs.last().map_or(0, |(frames, _)| *frames);
        let table = model.num_attention_heads as u64 * frames * frames;
        // Additions stand between the products of attention, which then keep more.
        let (vectors, tables) = if load.lora_rank.is_some() {
            (20, 4)
        } else {
            (10, 3)
        };
        let in_layer = frames * (vectors * width + 3 * inner) + tables * table;
        let mut sizes: Vec<u64> = outputs
            .iter()
            .map(|(frames, channels)| frames * channels)
            .collect();
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        let batch = load.batch_size as u64;
        let rows = if load.freeze_cnn && load.cached {
            1
        } else {
            batch
        };
        let in_convolutions = if load.freeze_cnn {
            rows * sizes.iter().take(2).sum::<u64>()
        } else {
            rows * 3 * sizes.iter().sum::<u64>()
        };
        // Layers below those that are passed are computed and forgotten, one at a time.
        let kept = if load.recompute {
            in_layer + frames * width * passed as u64
        } else {
            in_layer * passed.max(1) as u64
        };
        let in_batch = batch * (kept + 4 * frames * width);
        // Frozen convolutions have let go of their memory when the layers are at work.
        let activations = if load.freeze_cnn {
            in_convolutions.max(in_batch)
        } else {
            in_convolutions + in_batch
        };
        let largest = [
            batch * table,
            batch * frames * inner,
            rows * sizes.first().copied().unwrap_or(0),
            width * inner,
        ];
        let [operations, later_operations] = work::operations(model, load, layers);
        Self {
            parameters,
            trained,
            weights: NUMBER * parameters,
            // Two moments, and the best state.
            training: 3 * NUMBER * trained,
            activations: NUMBER * activations.max(trained),
            largest: NUMBER * largest.into_iter().max().unwrap_or(0),
            operations,
            later_operations,
        }
    }

    /// Bytes in all, with those of the program itself. What a batch leaves behind is gone when the weights are
    /// read for saving.
    ///
    /// `docs/memory.md` has what it was compared with.
    #[must_use]
    pub fn memory(&self) -> u64 {
        PROGRAM + self.weights + self.training + self.activations.max(self.weights)
    }

    /// Seconds for so many epochs of so many seconds of audio, by a device that does so many operations a
    /// second.
    #[must_use]
    pub fn seconds(&self, audio: f64, epochs: u32, speed: Speed) -> f64 {
        let later = f64::from(epochs.saturating_sub(1)) * self.later_operations as f64;
        audio * (self.operations as f64 * f64::from(epochs.min(1)) + later) / speed.operations
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
            freeze_below: false,
            lora_rank: None,
            lora_targets: [2, 0],
            recompute: false,
            cached: true,
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
    fn additions_are_counted() {
        // Rank 8 for queries and values: 12 layers of 2 x 8 x (768 + 768).
        let lora = Load {
            lora_rank: Some(8),
            ..load(4, 5.0)
        };
        let estimate = Estimate::of(&base(), &lora);
        assert_eq!(estimate.trained, 294_912);
        let upper = Load {
            freeze_layers: 8,
            freeze_below: true,
            ..lora
        };
        let less = Estimate::of(&base(), &upper);
        assert_eq!(less.trained, 294_912 / 3);
        let short = Load {
            lora_rank: Some(8),
            ..load(1, 4.0)
        };
        let whole = Estimate::of(&base(), &load(1, 4.0));
        assert!(Estimate::of(&base(), &short).memory() < whole.memory() / 2);
        assert!(less.activations < estimate.activations / 2);
    }

    #[test]
    fn later_epochs_compute_what_is_trained() {
        let usual = Estimate::of(&base(), &load(8, 8.0));
        // The convolutions: 24.5 thousand million operations for five seconds.
        let saved = usual.operations - usual.later_operations;
        assert!((4_700_000_000..5_100_000_000).contains(&saved), "{saved}");
        let upper = Load {
            freeze_layers: 10,
            freeze_below: true,
            ..load(8, 8.0)
        };
        let upper = Estimate::of(&base(), &upper);
        assert!(upper.later_operations < upper.operations / 2);
        let off = Load {
            cached: false,
            ..load(8, 8.0)
        };
        let off = Estimate::of(&base(), &off);
        assert_eq!(off.operations, off.later_operations);
        let speed = Speed { operations: 1e9 };
        assert_eq!(usual.seconds(10.0, 0, speed), 0.0);
        let ratio = usual.seconds(10.0, 3, speed) / off.seconds(10.0, 3, speed);
        assert!(ratio < 1.0, "{ratio}");
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
                recompute: true,
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
