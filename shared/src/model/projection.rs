//! From the convolutional encoder's channels to the transformer's width.

use super::{
    config::ModelConfig,
    linear::{LayerNorm, Linear},
    noise::Noise,
    params::{Parameters, Visitor, join},
};
use crate::config::Precision;
use burn::tensor::{Device, Tensor};

/// Norm, linear layer, dropout.
#[derive(Debug, Clone)]
pub(super) struct FeatureProjection {
    norm: Option<LayerNorm>,
    projection: Linear,
    dropout: f64,
}

impl FeatureProjection {
    pub(super) fn new(config: &ModelConfig, device: &Device) -> Self {
        let channels = config.conv_dim.last().copied().unwrap_or(1);
        Self {
            norm: config
                .feat_proj_layer_norm
                .then(|| LayerNorm::new(channels, config.layer_norm_eps, device)),
            projection: Linear::zeros(channels, config.hidden_size, device),
            dropout: config.feat_proj_dropout,
        }
    }

    /// Sets the format of the product.
    pub(super) fn set_precision(&mut self, precision: Precision) {
        self.projection.set_precision(precision);
    }

    /// `[B, T, C]` to the normalised `[B, T, C]` and the projected `[B, T, H]`.
    pub(super) fn forward(&self, x: Tensor<3>, noise: &mut Noise) -> (Tensor<3>, Tensor<3>) {
        let normed = match &self.norm {
            Some(norm) => norm.forward(x),
            None => x,
        };
        let projected = self.projection.forward(normed.clone(), noise);
        (normed, noise.dropout(projected, self.dropout))
    }
}

impl Parameters for FeatureProjection {
    fn visit(&mut self, prefix: &str, visit: &mut Visitor<'_>) {
        if let Some(norm) = &mut self.norm {
            norm.visit(&join(prefix, "layer_norm"), visit);
        }
        self.projection.visit(&join(prefix, "projection"), visit);
    }
}
