//! The two layers that everything is made of.

use super::params::{ParamMut, Parameters, Visitor, join};
use crate::ops;
use burn::tensor::{Device, Tensor};

/// x Wᵀ + b.
#[derive(Debug, Clone)]
pub(super) struct Linear {
    /// `[out, in]`, PyTorch's order.
    pub weight: Tensor<2>,
    /// `[out]`
    pub bias: Tensor<1>,
}

impl Linear {
    /// Zeros of the right shapes, to be loaded or drawn.
    #[must_use]
    pub(super) fn zeros(input: usize, output: usize, device: &Device) -> Self {
        Self {
            weight: Tensor::zeros([output, input], device),
            bias: Tensor::zeros([output], device),
        }
    }

    /// `[B, T, in]` to `[B, T, out]`.
    #[must_use]
    pub(super) fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let [batch, time, input] = x.dims();
        self.rows(x.reshape([batch * time, input]))
            .reshape([batch as i32, time as i32, -1])
    }

    /// `[N, in]` to `[N, out]`.
    #[must_use]
    pub(super) fn rows(&self, x: Tensor<2>) -> Tensor<2> {
        ops::matmul(x, self.weight.clone().transpose()) + self.bias.clone().unsqueeze()
    }
}

impl Parameters for Linear {
    fn visit(&mut self, prefix: &str, visit: &mut Visitor<'_>) {
        visit(&join(prefix, "weight"), ParamMut::D2(&mut self.weight));
        visit(&join(prefix, "bias"), ParamMut::D1(&mut self.bias));
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
