//! The speech encoder: convolutions, projection, positions, transformer layers.

mod adjust;
mod disturb;

use super::{
    ModelError,
    attention::ScoreBias,
    config::{Checkpoint, Family, FeatureNorm, ModelConfig},
    cut::{Cut, Input, Kept},
    feature_encoder::FeatureEncoder,
    layer::EncoderLayer,
    linear::LayerNorm,
    noise::Noise,
    params::{ParamMut, Parameters, Visitor, join},
    pos_conv::PositionalConv,
    projection::FeatureProjection,
    relative_position::RelativeEmbedding,
};
use burn::tensor::{Device, Tensor, TensorData};

/// Added to the scores of padded keys: far below any score, and its exponential is 0 in f32.
const MASKED_SCORE: f32 = -1e9;

/// A batch of normalised samples, padded at the end.
#[derive(Debug, Clone)]
pub struct Waves {
    /// `[B, L]`
    pub samples: Tensor<2>,
    /// Samples of each row that are not padding; `None` treats padding as signal, which is how
    /// the reference runs without an attention mask.
    pub lengths: Option<Vec<usize>>,
}

/// What stands below the transformer layers, on the way there.
#[derive(Debug, Clone)]
pub struct Early {
    /// `[B, T, C]`: the convolutional encoder's output.
    pub conv_features: Tensor<3>,
    /// `[B, T, C]`: the same after the projection's norm.
    pub extract_features: Tensor<3>,
    /// `[B, T, H]`: after the projection.
    pub projected: Tensor<3>,
    /// `[B, T, H]`: the position embedding.
    pub positions: Tensor<3>,
}

/// What the encoder makes of a batch.
#[derive(Debug, Clone)]
pub struct Hidden {
    /// `None` where the encoder began above it.
    pub early: Option<Early>,
    /// `[B, T, H]` each: the input of layer 0, then the output of every layer. Only the last
    /// one is there unless all were asked for.
    pub states: Vec<Tensor<3>>,
    /// `[B, T, H]`
    pub last: Tensor<3>,
    /// Frames of each row that are not padding; `None` if there was no mask.
    pub frames: Option<Vec<usize>>,
    /// WavLM's position bias `[heads, T, T]`.
    pub position_bias: Option<Tensor<3>>,
}

/// The speech encoder of wav2vec2, `HuBERT` and `WavLM`.
#[derive(Debug, Clone)]
pub struct Encoder {
    config: ModelConfig,
    masked_spec_embed: Option<Tensor<1>>,
    features: FeatureEncoder,
    projection: FeatureProjection,
    positions: PositionalConv,
    norm: LayerNorm,
    relative: Option<RelativeEmbedding>,
    layers: Vec<EncoderLayer>,
    /// What stands below this layer runs as in evaluation, also in training.
    still: Option<usize>,
}

/// What the transformer layers begin with.
#[derive(Debug, Clone)]
pub(in crate::model) struct Below {
    early: Option<Early>,
    pub(in crate::model) frames: Option<Vec<usize>>,
    /// `[B, T, H]`: the input of layer `first`.
    pub(in crate::model) x: Tensor<3>,
    /// The first layer that is still to run.
    pub(in crate::model) first: usize,
    pub(in crate::model) bias: ScoreBias,
}

impl Below {
    /// With what the layers made of it.
    pub(in crate::model) fn hidden(self, states: Vec<Tensor<3>>, last: Tensor<3>) -> Hidden {
        Hidden {
            early: self.early,
            states,
            last,
            frames: self.frames,
            position_bias: self.bias.position,
        }
    }
}

/// One number for frames and another for padding, row by row.
fn flags(frames: &[usize], time: usize, inside: f32, outside: f32) -> Vec<f32> {
    let row = |n: &usize| {
        (0..time)
            .map(|t| if t < *n { inside } else { outside })
            .collect::<Vec<_>>()
    };
    frames.iter().flat_map(row).collect()
}

/// The same tensor for another use: gradients of all uses behind it are summed before the others are
/// added, so that their order is the one of [`super::recompute`].
pub(in crate::model) fn apart<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let shape = x.dims();
    x.reshape(shape)
}

impl Encoder {
    /// An encoder of the given shape whose parameters are still to be loaded.
    #[must_use]
    pub fn new(config: &ModelConfig, device: &Device) -> Self {
        let gated = config.family == Family::WavLm;
        let masks = config.mask_time_prob > 0.0 || config.mask_feature_prob > 0.0;
        Self {
            masked_spec_embed: masks.then(|| Tensor::zeros([config.hidden_size], device)),
            features: FeatureEncoder::new(config, device),
            projection: FeatureProjection::new(config, device),
            positions: PositionalConv::new(config, device),
            norm: LayerNorm::new(config.hidden_size, config.layer_norm_eps, device),
            relative: gated.then(|| RelativeEmbedding::new(config, device)),
            layers: (0..config.num_hidden_layers)
                .map(|_| EncoderLayer::new(config, gated, device))
                .collect(),
            still: None,
            config: config.clone(),
        }
    }

    /// An encoder with the parameters of `checkpoint`.
    ///
    /// # Errors
    /// Unreadable files.
    pub fn load(checkpoint: &Checkpoint<'_>, device: &Device) -> Result<Self, ModelError> {
        let mut encoder = Self::new(&checkpoint.config, device);
        let mut failure = None;
        encoder.visit("", &mut |name, param| {
            // Only `masked_spec_embed` can be missing, and nothing is masked here.
            if failure.is_none() && checkpoint.shape(name).is_some() {
                match checkpoint.read_f32(name) {
                    Ok(values) => param.fill(values),
                    Err(error) => failure = Some(error),
                }
            }
        });
        match failure {
            Some(error) => Err(error.into()),
            None => Ok(encoder),
        }
    }

    /// The shape it was made of.
    #[must_use]
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// Samples to convolutional features `[B, T, C]`.
    #[must_use]
    pub fn conv_features(&self, samples: Tensor<2>) -> Tensor<3> {
        self.features.forward(samples)
    }

    /// Runs the whole encoder, or what of it is left to run. With `all` every layer's output is kept.
    pub fn forward(&self, input: impl Into<Input>, all: bool, noise: &mut Noise) -> Hidden {
        let below = self.begin(input.into(), noise);
        self.run_layers(below, all, noise)
    }

    /// What the transformer layers begin with.
    pub(in crate::model) fn begin(&self, input: Input, noise: &mut Noise) -> Below {
        match input {
            Input::Waves(waves) => {
                let frames = self.frames(waves.lengths);
                let features = self.conv_features(waves.samples);
                self.below(features, frames, None, noise)
            }
            Input::Kept(Kept {
                cut,
                values,
                frames,
            }) => match cut {
                Cut::Features => self.below(values, Some(frames), None, noise),
                Cut::Layer(first) => {
                    for index in 0..first {
                        // What is drawn above is the same, whether this was kept or not.
                        self.drops_layer(index, noise);
                    }
                    let bias = self.score_bias(&values, Some(&frames));
                    Below {
                        early: None,
                        frames: Some(frames),
                        x: values,
                        first,
                        bias,
                    }
                }
            },
        }
    }

    /// Runs the whole encoder for evaluation: what comes out for a row is what comes out for it
    /// alone, whatever it is padded to.
    ///
    /// The norm over time of the base kind is the one part of [`Self::forward`] that sees padding;
    /// here each row is convolved by itself.
    #[must_use]
    pub fn evaluate(&self, waves: Waves, all: bool) -> Hidden {
        let noise = &mut Noise::off();
        let [batch, samples] = waves.samples.dims();
        let apart = self.config.feat_extract_norm == FeatureNorm::Group;
        let lengths = match waves.lengths {
            Some(lengths) if apart && lengths.iter().any(|n| *n < samples) => lengths,
            lengths => return self.forward(Waves { lengths, ..waves }, all, noise),
        };
        let frames: Vec<usize> = lengths.iter().map(|n| self.config.frames(*n)).collect();
        let time = frames.iter().copied().max().unwrap_or(0);
        let rows = (0..batch).map(|row| {
            let wave = waves.samples.clone().narrow(0, row, 1);
            let features = self.conv_features(wave.narrow(1, 0, lengths[row]));
            let [_, own, width] = features.dims();
            let margin = Tensor::<3>::zeros([1, time - own, width], &features.device());
            Tensor::cat(vec![features, margin], 1)
        });
        let features = Tensor::cat(rows.collect(), 0);
        self.forward_features(features, Some(frames), None, all, noise)
    }

    /// Runs everything above the convolutional encoder.
    ///
    /// `features` is `[B, T, C]`, `frames` the frames of each row that are not padding, `spec_mask`
    /// (`B * T`) says which frames are replaced by the mask embedding; `None` draws them in
    /// training.
    pub fn forward_features(
        &self,
        features: Tensor<3>,
        frames: Option<Vec<usize>>,
        spec_mask: Option<Vec<bool>>,
        all: bool,
        noise: &mut Noise,
    ) -> Hidden {
        let below = self.below(features, frames, spec_mask, noise);
        self.run_layers(below, all, noise)
    }

    fn run_layers(&self, below: Below, all: bool, noise: &mut Noise) -> Hidden {
        let mut x = below.x.clone();
        let mut bias = below.bias.clone();
        let mut states = Vec::new();
        for (i, layer) in self.layers.iter().enumerate().skip(below.first) {
            if all {
                states.push(x.clone());
                x = apart(x);
            }
            if self.drops_layer(i, noise) {
                continue;
            }
            let above = bias.position.clone().map(apart);
            x = self.hush(Some(i), noise, |noise| layer.forward(x, &bias, noise));
            bias.position = above;
        }
        states.push(x.clone());
        let last = self.above(x);
        below.hidden(states, last)
    }

    /// The last hidden state for the last layer's output.
    pub(in crate::model) fn above(&self, x: Tensor<3>) -> Tensor<3> {
        if self.config.do_stable_layer_norm {
            self.norm.forward(x)
        } else {
            x
        }
    }

    /// Everything below the transformer layers.
    pub(in crate::model) fn below(
        &self,
        features: Tensor<3>,
        frames: Option<Vec<usize>>,
        spec_mask: Option<Vec<bool>>,
        noise: &mut Noise,
    ) -> Below {
        self.hush(None, noise, |noise| {
            self.noisy_below(features, frames, spec_mask, noise)
        })
    }

    fn noisy_below(
        &self,
        features: Tensor<3>,
        frames: Option<Vec<usize>>,
        spec_mask: Option<Vec<bool>>,
        noise: &mut Noise,
    ) -> Below {
        let [batch, time, _] = features.dims();
        let device = features.device().inner();
        let (extracted, projected) = self.projection.forward(features.clone(), noise);

        let mut x = self.spec_augment(projected.clone(), frames.as_deref(), spec_mask, noise);
        if let Some(frames) = &frames {
            let keep = TensorData::new(flags(frames, time, 1.0, 0.0), [batch, time, 1]);
            x = x * Tensor::<3>::from_data(keep, &device);
        }
        let bias = self.score_bias(&x, frames.as_deref());

        let positions = self.positions.forward(x.clone());
        x = x + positions.clone();
        if !self.config.do_stable_layer_norm {
            x = self.norm.forward(x);
        }
        x = noise.dropout(x, self.config.hidden_dropout);
        Below {
            early: Some(Early {
                conv_features: features,
                extract_features: extracted,
                projected,
                positions,
            }),
            frames,
            x,
            first: 0,
            bias,
        }
    }

    /// What is added to the scores of all layers for `x` `[B, T, _]`.
    fn score_bias(&self, x: &Tensor<3>, frames: Option<&[usize]>) -> ScoreBias {
        let [batch, time, _] = x.dims();
        let padding = frames
            .filter(|frames| frames.iter().any(|n| *n < time))
            .map(|frames| {
                let scores = flags(frames, time, 0.0, MASKED_SCORE);
                let scores = TensorData::new(scores, [batch, 1, 1, time]);
                Tensor::from_data(scores, &x.device().inner())
            });
        ScoreBias {
            padding,
            position: self
                .relative
                .as_ref()
                .map(|relative| relative.forward(time)),
        }
    }

    /// What the encoder has made of one wave `[1, L]` without padding, up to `cut`: `[1, T, _]`.
    #[must_use]
    pub fn lift(&self, wave: Tensor<2>, cut: Cut) -> Tensor<3> {
        let features = self.conv_features(wave);
        let Cut::Layer(first) = cut else {
            return features;
        };
        let noise = &mut Noise::off();
        let frames = vec![features.dims()[1]];
        let below = self.noisy_below(features, Some(frames), None, noise);
        self.layers[..first]
            .iter()
            .fold(below.x, |x, layer| layer.forward(x, &below.bias, noise))
    }

    /// The transformer layers.
    pub(in crate::model) fn layers(&self) -> &[EncoderLayer] {
        &self.layers
    }

    /// Frames of each row that are not padding.
    pub(in crate::model) fn frames(&self, lengths: Option<Vec<usize>>) -> Option<Vec<usize>> {
        lengths.map(|lengths| lengths.iter().map(|n| self.config.frames(*n)).collect())
    }

    /// The gated position bias `[B, heads, T, T]` of layer `index` for its input `x`.
    #[must_use]
    pub fn gated_position_bias(&self, index: usize, x: Tensor<3>) -> Option<Tensor<4>> {
        let layer = self.layers.get(index)?;
        let [_, time, _] = x.dims();
        let bias = ScoreBias {
            padding: None,
            position: Some(self.relative.as_ref()?.forward(time)),
        };
        let x = if self.config.do_stable_layer_norm {
            layer.norm.forward(x)
        } else {
            x
        };
        layer.attention.position_bias(x, &bias)
    }
}

impl Parameters for Encoder {
    fn visit(&mut self, prefix: &str, visit: &mut Visitor<'_>) {
        if let Some(embed) = &mut self.masked_spec_embed {
            visit(&join(prefix, "masked_spec_embed"), ParamMut::D1(embed));
        }
        self.features
            .visit(&join(prefix, "feature_extractor"), visit);
        self.projection
            .visit(&join(prefix, "feature_projection"), visit);
        let prefix = join(prefix, "encoder");
        self.positions
            .visit(&join(&prefix, "pos_conv_embed"), visit);
        self.norm.visit(&join(&prefix, "layer_norm"), visit);
        for (i, layer) in self.layers.iter_mut().enumerate() {
            let prefix = join(&prefix, &format!("layers.{i}"));
            layer.visit(&prefix, visit);
            if let (0, Some(relative)) = (i, &mut self.relative) {
                relative.visit(&join(&prefix, "attention.rel_attn_embed"), visit);
            }
        }
    }
}
