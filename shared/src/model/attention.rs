//! Multi-head self-attention (Vaswani et al. 2017).

use super::{
    config::ModelConfig,
    linear::Linear,
    noise::Noise,
    params::{Parameters, Visitor, join},
    relative_position::PositionGate,
};
use crate::{
    config::{LoraTarget, Precision},
    ops,
};
use burn::tensor::{Device, Tensor};

/// Self-attention, for WavLM with a gate on the shared position bias.
#[derive(Debug, Clone)]
pub(super) struct Attention {
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    gate: Option<PositionGate>,
    heads: usize,
    dropout: f64,
    precision: Precision,
}

/// What is added to the scores of every layer.
#[derive(Debug, Clone, Default)]
pub(super) struct ScoreBias {
    /// `[B, 1, 1, T]`: 0 for frames, a very negative number for padding.
    pub padding: Option<Tensor<4>>,
    /// `[heads, T, T]`: WavLM's position bias before the gate.
    pub position: Option<Tensor<3>>,
}

impl Attention {
    pub(super) fn new(config: &ModelConfig, gated: bool, device: &Device) -> Self {
        let width = config.hidden_size;
        let linear = || Linear::zeros(width, width, device);
        Self {
            query: linear(),
            key: linear(),
            value: linear(),
            output: linear(),
            gate: gated.then(|| PositionGate::new(config, device)),
            heads: config.num_attention_heads,
            dropout: config.attention_dropout,
            precision: Precision::F32,
        }
    }

    /// `[B, T, H]` to the same shape.
    pub(super) fn forward(&self, x: Tensor<3>, bias: &ScoreBias, noise: &mut Noise) -> Tensor<3> {
        let [batch, time, width] = x.dims();
        let head_dim = width / self.heads;
        let split = |x: Tensor<3>| {
            x.reshape([batch, time, self.heads, head_dim])
                .swap_dims(1, 2)
        };

        let scale = (head_dim as f64).powf(-0.5);
        let bias_of = |x: Tensor<3>| {
            let (gate, position) = (self.gate.as_ref()?, bias.position.clone()?);
            Some(gate.forward(x, position))
        };

        let linears = [&self.query, &self.key, &self.value].map(Linear::plain);
        if let [Some(query), Some(key), Some(value)] = linears {
            let shape = [batch, self.heads, time, time];
            let scores = ops::Scores {
                scale,
                bias: bias_of(x.clone()),
                padding: bias.padding.clone(),
                kept: noise.kept(shape, self.dropout, &x.device().inner()),
            };
            let weights = [query.0, key.0, value.0];
            let biases = [query.1, key.1, value.1];
            let mixed = ops::attend(x, weights, biases, scores, self.heads);
            return self.output.forward(mixed, noise);
        }

        let precision = self.precision;
        let input = ops::rounded(x.clone(), precision);
        let q = split(self.query.forward(input.clone(), noise));
        let k = split(self.key.forward(input.clone(), noise));
        let v = split(self.value.forward(input, noise));

        let mut scores = ops::scaled_matmul_in(q, k.swap_dims(2, 3), scale, precision);
        if let Some(bias) = bias_of(x) {
            scores = scores + bias;
        }
        if let Some(padding) = &bias.padding {
            scores = scores + padding.clone();
        }
        let weights = noise.dropout(ops::softmax(scores), self.dropout);
        let mixed = ops::matmul_in(weights, v, precision)
            .swap_dims(1, 2)
            .reshape([batch, time, width]);
        self.output.forward(mixed, noise)
    }

    /// Sets the format of the products, but for those of the gate.
    pub(super) fn set_precision(&mut self, precision: Precision) {
        self.precision = precision;
        for linear in [
            &mut self.query,
            &mut self.key,
            &mut self.value,
            &mut self.output,
        ] {
            linear.set_precision(precision);
        }
    }

    /// The linear layer of this name.
    pub(super) fn linear(&mut self, target: LoraTarget) -> Option<&mut Linear> {
        match target {
            LoraTarget::Query => Some(&mut self.query),
            LoraTarget::Key => Some(&mut self.key),
            LoraTarget::Value => Some(&mut self.value),
            LoraTarget::Output => Some(&mut self.output),
            LoraTarget::Intermediate | LoraTarget::FeedForward => None,
        }
    }

    /// The layer's position bias `[B, heads, T, T]` for the attention's input, if it has a gate.
    #[must_use]
    pub(super) fn position_bias(&self, x: Tensor<3>, bias: &ScoreBias) -> Option<Tensor<4>> {
        Some(self.gate.as_ref()?.forward(x, bias.position.clone()?))
    }
}

impl Parameters for Attention {
    fn visit(&mut self, prefix: &str, visit: &mut Visitor<'_>) {
        self.key.visit(&join(prefix, "k_proj"), visit);
        self.value.visit(&join(prefix, "v_proj"), visit);
        self.query.visit(&join(prefix, "q_proj"), visit);
        self.output.visit(&join(prefix, "out_proj"), visit);
        if let Some(gate) = &mut self.gate {
            gate.visit(prefix, visit);
        }
    }
}
