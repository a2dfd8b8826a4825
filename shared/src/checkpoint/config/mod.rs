//! `config.json`: the sizes and rates of a model.

mod fields;
mod head;
mod limits;

use super::CheckpointError;
use fields::Fields;
use serde_json::{Map, Value};

/// The three families that are fine-tuned; they differ in attention and in a few layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// `model_type` `wav2vec2`.
    Wav2Vec2,
    /// `model_type` `hubert`.
    Hubert,
    /// `model_type` `wavlm`: attention has a gated relative position bias.
    WavLm,
}

impl Family {
    /// The word that `model_type` has.
    #[must_use]
    pub fn model_type(self) -> &'static str {
        match self {
            Self::Wav2Vec2 => "wav2vec2",
            Self::Hubert => "hubert",
            Self::WavLm => "wavlm",
        }
    }

    /// Hugging Face's class of the bare encoder, which stands in `architectures`.
    #[must_use]
    pub fn encoder_class(self) -> &'static str {
        match self {
            Self::Wav2Vec2 => "Wav2Vec2Model",
            Self::Hubert => "HubertModel",
            Self::WavLm => "WavLMModel",
        }
    }

    /// Hugging Face's class of the encoder with a head for whole recordings.
    #[must_use]
    pub fn sequence_class(self) -> String {
        let stem = self.encoder_class().trim_end_matches("Model");
        format!("{stem}ForSequenceClassification")
    }
}

/// `hidden_act` and `feat_extract_activation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Activation {
    /// x Phi(x) with the exact error function (`gelu`).
    Gelu,
    /// GELU by tanh (`gelu_new`, `gelu_pytorch_tanh`, `gelu_fast`).
    GeluTanh,
    /// max(0, x) (`relu`).
    Relu,
    /// x sigmoid(x) (`silu`, `swish`).
    Silu,
}

impl Activation {
    pub(super) const WORDS: &[(&str, Self)] = &[
        ("gelu", Self::Gelu),
        ("gelu_new", Self::GeluTanh),
        ("gelu_pytorch_tanh", Self::GeluTanh),
        ("gelu_fast", Self::GeluTanh),
        ("relu", Self::Relu),
        ("silu", Self::Silu),
        ("swish", Self::Silu),
    ];
}

/// `feat_extract_norm`: where the convolutional encoder normalises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeatureNorm {
    /// One group a channel over time, after the first convolution only (`group`).
    Group,
    /// Over the channels, after each convolution (`layer`).
    Layer,
}

/// A checked `config.json`.
///
/// Absent values have the defaults of Hugging Face's configuration classes. Keys that are not
/// named here are kept as they are and written again by [`ModelConfig::to_json`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ModelConfig {
    /// `model_type`.
    pub family: Family,
    /// Width of the transformer.
    pub hidden_size: usize,
    /// Transformer layers.
    pub num_hidden_layers: usize,
    /// Attention heads; they divide `hidden_size`.
    pub num_attention_heads: usize,
    /// Width of the feed-forward layers.
    pub intermediate_size: usize,
    /// Activation of the feed-forward layers.
    pub hidden_act: Activation,
    /// Activation of the convolutional encoder and of the positional convolution.
    pub feat_extract_activation: Activation,
    /// Normalisation of the convolutional encoder.
    pub feat_extract_norm: FeatureNorm,
    /// Channels of each convolution.
    pub conv_dim: Vec<usize>,
    /// Taps of each convolution.
    pub conv_kernel: Vec<usize>,
    /// Stride of each convolution.
    pub conv_stride: Vec<usize>,
    /// Whether the convolutions have a bias.
    pub conv_bias: bool,
    /// Whether the features are normalised before the projection (always, but for HuBERT).
    pub feat_proj_layer_norm: bool,
    /// Taps of the positional convolution.
    pub num_conv_pos_embeddings: usize,
    /// Groups of the positional convolution; they divide `hidden_size`.
    pub num_conv_pos_embedding_groups: usize,
    /// Layer norm before attention and feed-forward (large kind) instead of after them.
    pub do_stable_layer_norm: bool,
    /// Epsilon of the transformer's and the projection's layer norms.
    pub layer_norm_eps: f64,
    /// Dropout after attention and feed-forward, 0 to 1.
    pub hidden_dropout: f64,
    /// Dropout of the attention weights, 0 to 1.
    pub attention_dropout: f64,
    /// Dropout inside the feed-forward layers, 0 to 1.
    pub activation_dropout: f64,
    /// Dropout after the feature projection, 0 to 1.
    pub feat_proj_dropout: f64,
    /// Probability that a layer is left out in training, 0 to 1.
    pub layerdrop: f64,
    /// Standard deviation of new linear weights.
    pub initializer_range: f64,
    /// Whether SpecAugment acts in training.
    pub apply_spec_augment: bool,
    /// Share of frames that are masked, 0 to 1.
    pub mask_time_prob: f64,
    /// Frames of a mask.
    pub mask_time_length: usize,
    /// Least number of time masks.
    pub mask_time_min_masks: usize,
    /// Share of channels that are masked, 0 to 1.
    pub mask_feature_prob: f64,
    /// Channels of a mask.
    pub mask_feature_length: usize,
    /// Least number of channel masks.
    pub mask_feature_min_masks: usize,
    /// WavLM: rows of the table of relative positions.
    pub num_buckets: usize,
    /// WavLM: distance in frames from which all positions share a bucket.
    pub max_bucket_distance: usize,
    /// The file's own text, key by key.
    raw: Map<String, Value>,
    path: String,
}

impl ModelConfig {
    /// Reads the text of a `config.json`; `path` stands in errors.
    ///
    /// # Errors
    /// [`CheckpointError::Json`] for text that is no JSON object, [`CheckpointError::Config`] for an
    /// unknown `model_type`, a value of the wrong type or out of range, and for what this program
    /// cannot compute (adapters, batch norm in the positional convolution).
    pub fn from_json(text: &str, path: &str) -> Result<Self, CheckpointError> {
        let raw: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| CheckpointError::Json {
                path: path.to_owned(),
                reason: error.to_string(),
            })?;
        let fields = Fields { raw: &raw, path };
        let family = fields.family()?;
        let config = Self {
            family,
            hidden_size: fields.get("hidden_size", 768)?,
            num_hidden_layers: fields.get("num_hidden_layers", 12)?,
            num_attention_heads: fields.get("num_attention_heads", 12)?,
            intermediate_size: fields.get("intermediate_size", 3072)?,
            hidden_act: fields.word("hidden_act", Activation::WORDS, Activation::Gelu)?,
            feat_extract_activation: fields.word(
                "feat_extract_activation",
                Activation::WORDS,
                Activation::Gelu,
            )?,
            feat_extract_norm: fields.word(
                "feat_extract_norm",
                &[("group", FeatureNorm::Group), ("layer", FeatureNorm::Layer)],
                FeatureNorm::Group,
            )?,
            conv_dim: fields.get("conv_dim", vec![512; 7])?,
            conv_kernel: fields.get("conv_kernel", vec![10, 3, 3, 3, 3, 2, 2])?,
            conv_stride: fields.get("conv_stride", vec![5, 2, 2, 2, 2, 2, 2])?,
            conv_bias: fields.get("conv_bias", false)?,
            feat_proj_layer_norm: family != Family::Hubert
                || fields.get("feat_proj_layer_norm", true)?,
            num_conv_pos_embeddings: fields.get("num_conv_pos_embeddings", 128)?,
            num_conv_pos_embedding_groups: fields.get("num_conv_pos_embedding_groups", 16)?,
            do_stable_layer_norm: fields.get("do_stable_layer_norm", false)?,
            layer_norm_eps: fields.get("layer_norm_eps", 1e-5)?,
            hidden_dropout: fields.get("hidden_dropout", 0.1)?,
            attention_dropout: fields.get("attention_dropout", 0.1)?,
            activation_dropout: fields.get("activation_dropout", 0.1)?,
            feat_proj_dropout: fields.get("feat_proj_dropout", 0.0)?,
            layerdrop: fields.get("layerdrop", 0.1)?,
            initializer_range: fields.get("initializer_range", 0.02)?,
            apply_spec_augment: fields.get("apply_spec_augment", true)?,
            mask_time_prob: fields.get("mask_time_prob", 0.05)?,
            mask_time_length: fields.get("mask_time_length", 10)?,
            mask_time_min_masks: fields.get("mask_time_min_masks", 2)?,
            mask_feature_prob: fields.get("mask_feature_prob", 0.0)?,
            mask_feature_length: fields.get("mask_feature_length", 10)?,
            mask_feature_min_masks: fields.get("mask_feature_min_masks", 0)?,
            num_buckets: fields.get("num_buckets", 320)?,
            max_bucket_distance: fields.get("max_bucket_distance", 800)?,
            path: path.to_owned(),
            raw: Map::new(),
        };
        fields.refuse_unsupported()?;
        config.check()?;
        Ok(Self { raw, ..config })
    }

    /// Width of an attention head.
    #[must_use]
    pub fn head_dim(&self) -> usize {
        self.hidden_size / self.num_attention_heads
    }

    /// Frames that the convolutions make of `samples` samples; 0 if it is too short for one.
    #[must_use]
    pub fn frames(&self, samples: usize) -> usize {
        let mut length = samples;
        for (&kernel, &stride) in self.conv_kernel.iter().zip(&self.conv_stride) {
            if length < kernel {
                return 0;
            }
            length = (length - kernel) / stride + 1;
        }
        length
    }

    /// The least number of samples that make a frame (400 in all popular models).
    #[must_use]
    pub fn receptive_field(&self) -> usize {
        let layers = self.conv_kernel.iter().zip(&self.conv_stride);
        layers.rev().fold(1, |length, (&kernel, &stride)| {
            (length - 1) * stride + kernel
        })
    }

    /// The value of a key that has no field here, such as `finetuning_task`.
    #[must_use]
    pub fn raw(&self, key: &str) -> Option<&Value> {
        self.raw.get(key)
    }

    /// Sets a key that has no field here; one that has is overwritten by [`Self::to_json`].
    pub fn set_raw(&mut self, key: &str, value: Value) {
        self.raw.insert(key.to_owned(), value);
    }

    /// The text of a `config.json` with all keys that were read, and the fields' present values.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut raw = self.raw.clone();
        fields::put(&mut raw, self);
        let mut text = format!("{:#}", Value::Object(raw));
        text.push('\n');
        text
    }
}

#[cfg(test)]
mod tests;
