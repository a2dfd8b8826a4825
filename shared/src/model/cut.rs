//! Where what never changes in training ends: what stands below is computed once a clip.

use super::{Parameters, SpeechModel, Waves, speech_model::layer_of};
use burn::tensor::Tensor;

/// How far up nothing is trained and nothing is random.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cut {
    /// The output of the convolutional encoder is the same each time.
    Features,
    /// The input of this layer is; of as many layers as there are, the last one's output.
    Layer(usize),
}

/// What was kept of clips, as a batch.
#[derive(Debug, Clone)]
pub struct Kept {
    /// What it is.
    pub cut: Cut,
    /// `[B, T, C]` or `[B, T, H]`, padded with zeros.
    pub values: Tensor<3>,
    /// Frames of each row that are not padding.
    pub frames: Vec<usize>,
}

/// What a model begins with.
#[derive(Debug, Clone)]
pub enum Input {
    /// Samples.
    Waves(Waves),
    /// What was made of them before.
    Kept(Kept),
}

impl From<Waves> for Input {
    fn from(waves: Waves) -> Self {
        Self::Waves(waves)
    }
}

impl From<Kept> for Input {
    fn from(kept: Kept) -> Self {
        Self::Kept(kept)
    }
}

impl SpeechModel {
    /// Up to where training leaves the model as it is, and runs it without noise; `None` where not even
    /// the convolutions are frozen.
    #[must_use]
    pub fn cut(&self) -> Option<Cut> {
        let config = self.encoder.config();
        let depth = config.num_hidden_layers;
        let (mut convolutions, mut below, mut mask, mut first) = (false, false, false, depth);
        let mut model = self.encoder.clone();
        model.visit("", &mut |name, param| {
            if !param.is_trained() {
                return;
            }
            match layer_of(name) {
                Some(index) => first = first.min(index),
                None if name.starts_with("feature_extractor.") => convolutions = true,
                None if name == "masked_spec_embed" => mask = true,
                // The norm of the stable kind stands above the layers.
                None if config.do_stable_layer_norm && name.starts_with("encoder.layer_norm.") => {}
                None => below = true,
            }
        });
        if convolutions {
            return None;
        }
        let masks = config.apply_spec_augment
            && (config.mask_time_prob > 0.0 || config.mask_feature_prob > 0.0);
        let noise_below = masks || config.feat_proj_dropout > 0.0 || config.hidden_dropout > 0.0;
        let noise = noise_below
            || config.attention_dropout > 0.0
            || config.activation_dropout > 0.0
            || config.layerdrop > 0.0;
        let loud = |layer| !self.encoder.is_still(layer);
        if below || (noise_below && loud(None)) || (mask && masks && loud(None)) {
            return Some(Cut::Features);
        }
        if self.head.needs_all_states() {
            return Some(Cut::Layer(0));
        }
        let first_loud = (0..first).find(|&layer| noise && loud(Some(layer)));
        Some(Cut::Layer(first_loud.unwrap_or(first)))
    }
}

impl Cut {
    /// Numbers a frame.
    #[must_use]
    pub fn width(self, config: &crate::checkpoint::ModelConfig) -> usize {
        match self {
            Self::Features => config.conv_dim.last().copied().unwrap_or(1),
            Self::Layer(_) => config.hidden_size,
        }
    }

    /// What is computed once, for people.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Features => "the convolutions".to_owned(),
            Self::Layer(0) => "all below the layers".to_owned(),
            Self::Layer(1) => "all up to the first layer".to_owned(),
            Self::Layer(count) => format!("all up to layer {count}"),
        }
    }
}
