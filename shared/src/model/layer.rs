//! One transformer layer, with the norm after (base kind) or before (stable kind) each half.

use super::{
    activation,
    attention::{Attention, ScoreBias},
    config::{Activation, ModelConfig},
    linear::{LayerNorm, Linear},
    noise::Noise,
    params::{Parameters, Visitor, join},
};
use crate::config::{LoraTarget, Precision};
use burn::tensor::{Device, Tensor};

/// One transformer layer.
#[derive(Debug, Clone)]
pub(super) struct EncoderLayer {
    pub(super) attention: Attention,
    pub(super) norm: LayerNorm,
    intermediate: Linear,
    output: Linear,
    final_norm: LayerNorm,
    activation: Activation,
    stable: bool,
    hidden_dropout: f64,
    activation_dropout: f64,
}

impl EncoderLayer {
    pub(super) fn new(config: &ModelConfig, gated: bool, device: &Device) -> Self {
        let width = config.hidden_size;
        let norm = || LayerNorm::new(width, config.layer_norm_eps, device);
        Self {
            attention: Attention::new(config, gated, device),
            norm: norm(),
            intermediate: Linear::zeros(width, config.intermediate_size, device),
            output: Linear::zeros(config.intermediate_size, width, device),
            final_norm: norm(),
            activation: config.hidden_act,
            stable: config.do_stable_layer_norm,
            hidden_dropout: config.hidden_dropout,
            activation_dropout: config.activation_dropout,
        }
    }

    /// `[B, T, H]` to the same shape.
    pub(super) fn forward(&self, x: Tensor<3>, bias: &ScoreBias, noise: &mut Noise) -> Tensor<3> {
        if self.stable {
            let attended = self
                .attention
                .forward(self.norm.forward(x.clone()), bias, noise);
            let x = x + noise.dropout(attended, self.hidden_dropout);
            let fed = self.feed_forward(self.final_norm.forward(x.clone()), noise);
            x + noise.dropout(fed, self.hidden_dropout)
        } else {
            let device = x.device().inner();
            let attended = self.attention.forward(x.clone(), bias, noise);
            let kept = noise.kept(attended.dims(), self.hidden_dropout, &device);
            let x = self.norm.forward_sum(x, attended, kept);
            let fed = self.feed_forward(x.clone(), noise);
            let kept = noise.kept(fed.dims(), self.hidden_dropout, &device);
            self.final_norm.forward_sum(x, fed, kept)
        }
    }

    fn feed_forward(&self, x: Tensor<3>, noise: &mut Noise) -> Tensor<3> {
        let x = self.intermediate.forward(x, noise);
        let kept = noise.kept(x.dims(), self.activation_dropout, &x.device().inner());
        let x = activation::apply_dropped(self.activation, x, kept);
        self.output.forward(x, noise)
    }

    /// Sets the format of the products.
    pub(super) fn set_precision(&mut self, precision: Precision) {
        self.attention.set_precision(precision);
        self.intermediate.set_precision(precision);
        self.output.set_precision(precision);
    }

    /// The linear layer of this name.
    pub(super) fn linear(&mut self, target: LoraTarget) -> Option<&mut Linear> {
        match target {
            LoraTarget::Intermediate => Some(&mut self.intermediate),
            LoraTarget::FeedForward => Some(&mut self.output),
            of_attention => self.attention.linear(of_attention),
        }
    }
}

impl Parameters for EncoderLayer {
    fn visit(&mut self, prefix: &str, visit: &mut Visitor<'_>) {
        self.attention.visit(&join(prefix, "attention"), visit);
        self.norm.visit(&join(prefix, "layer_norm"), visit);
        self.intermediate
            .visit(&join(prefix, "feed_forward.intermediate_dense"), visit);
        self.output
            .visit(&join(prefix, "feed_forward.output_dense"), visit);
        self.final_norm
            .visit(&join(prefix, "final_layer_norm"), visit);
    }
}
