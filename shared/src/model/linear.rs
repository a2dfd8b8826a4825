//! The two layers that everything is made of.

use super::{
    low_rank::LowRank,
    noise::Noise,
    params::{ParamMut, Parameters, Visitor, join},
};
use crate::{
    config::{Lora, Precision},
    ops,
};
use burn::tensor::{Device, Tensor};
use rand_chacha::ChaCha8Rng;

/// x Wᵀ + b, and a low-rank addition where there is one.
#[derive(Debug, Clone)]
pub(super) struct Linear {
    /// `[out, in]`, PyTorch's order.
    pub weight: Tensor<2>,
    /// `[out]`
    pub bias: Tensor<1>,
    low_rank: Option<LowRank>,
    precision: Precision,
}

impl Linear {
    /// Zeros of the right shapes, to be loaded or drawn.
    #[must_use]
    pub(super) fn zeros(input: usize, output: usize, device: &Device) -> Self {
        Self {
            weight: Tensor::zeros([output, input], device),
            bias: Tensor::zeros([output], device),
            low_rank: None,
            precision: Precision::F32,
        }
    }

    /// Sets the format of the products.
    pub(super) fn set_precision(&mut self, precision: Precision) {
        self.precision = precision;
    }

    /// Weight and bias, where they are all that there is and products are in single precision.
    pub(super) fn plain(&self) -> Option<(Tensor<2>, Tensor<1>)> {
        let plain = self.low_rank.is_none() && self.precision == Precision::F32;
        plain.then(|| (self.weight.clone(), self.bias.clone()))
    }

    /// Gives it a low-rank addition, which is 0 at first.
    pub(super) fn add_low_rank(&mut self, config: &Lora, rng: &mut ChaCha8Rng) {
        let [output, input] = self.weight.dims();
        let device = self.weight.device().inner();
        self.low_rank = Some(LowRank::draw(config, input, output, &device, rng));
    }

    /// Adds the low-rank addition to the weight.
    pub(super) fn merge(&mut self) {
        if let Some(low_rank) = self.low_rank.take() {
            self.weight = self.weight.clone() + low_rank.weight();
        }
    }

    /// `[B, T, in]` to `[B, T, out]`.
    pub(super) fn forward(&self, x: Tensor<3>, noise: &mut Noise) -> Tensor<3> {
        let [batch, time, input] = x.dims();
        self.rows(x.reshape([batch * time, input]), noise)
            .reshape([batch as i32, time as i32, -1])
    }

    /// `[N, in]` to `[N, out]`.
    pub(super) fn rows(&self, x: Tensor<2>, noise: &mut Noise) -> Tensor<2> {
        let x = ops::rounded(x, self.precision);
        let (weight, bias) = (self.weight.clone(), self.bias.clone());
        let y = if self.precision == Precision::F32 {
            ops::affine(x.clone(), weight, bias)
        } else {
            ops::matmul_in(x.clone(), weight.transpose(), self.precision) + bias.unsqueeze()
        };
        match &self.low_rank {
            Some(low_rank) => y + low_rank.rows(x, self.precision, noise),
            None => y,
        }
    }
}

impl Parameters for Linear {
    fn visit(&mut self, prefix: &str, visit: &mut Visitor<'_>) {
        visit(&join(prefix, "weight"), ParamMut::D2(&mut self.weight));
        visit(&join(prefix, "bias"), ParamMut::D1(&mut self.bias));
        if let Some(low_rank) = &mut self.low_rank {
            low_rank.visit(prefix, visit);
        }
    }
}

/// Normalisation of the last axis with scale and shift.
#[derive(Debug, Clone)]
pub(super) struct LayerNorm {
    /// `[C]`
    pub weight: Tensor<1>,
    /// `[C]`
    pub bias: Tensor<1>,
    eps: f64,
}

impl LayerNorm {
    /// Scale 1, shift 0.
    #[must_use]
    pub(super) fn new(width: usize, eps: f64, device: &Device) -> Self {
        Self {
            weight: Tensor::ones([width], device),
            bias: Tensor::zeros([width], device),
            eps,
        }
    }

    /// `[B, T, C]` to the same shape.
    #[must_use]
    pub(super) fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        ops::layer_norm(x, self.weight.clone(), self.bias.clone(), self.eps)
    }

    /// [`Self::forward`] of `x + y`, where `kept` is there of `x + y kept`.
    #[must_use]
    pub(super) fn forward_sum(
        &self,
        x: Tensor<3>,
        y: Tensor<3>,
        kept: Option<Tensor<3>>,
    ) -> Tensor<3> {
        let (weight, bias) = (self.weight.clone(), self.bias.clone());
        match kept {
            Some(kept) => ops::norm_of_dropped_sum(x, y, kept, weight, bias, self.eps),
            None => ops::norm_of_sum(x, y, weight, bias, self.eps),
        }
    }

    /// As [`Self::forward`], over time instead of channels.
    #[must_use]
    pub(super) fn forward_channels(&self, x: Tensor<3>) -> Tensor<3> {
        ops::channel_norm(x, self.weight.clone(), self.bias.clone(), self.eps)
    }
}

impl Parameters for LayerNorm {
    fn visit(&mut self, prefix: &str, visit: &mut Visitor<'_>) {
        visit(&join(prefix, "weight"), ParamMut::D1(&mut self.weight));
        visit(&join(prefix, "bias"), ParamMut::D1(&mut self.bias));
    }
}
