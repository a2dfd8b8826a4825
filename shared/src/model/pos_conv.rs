//! Positions from a wide grouped convolution with weight normalisation.

use super::{
    activation,
    config::{Activation, ModelConfig},
    params::{ParamMut, Parameters, Visitor, join},
};
use crate::ops;
use burn::tensor::{Device, Tensor};

/// Convolutional position embedding.
#[derive(Debug, Clone)]
pub(super) struct PositionalConv {
    /// Length of each tap, `[1, 1, K]`.
    g: Tensor<3>,
    /// Direction, `[H, H / groups, K]`.
    v: Tensor<3>,
    bias: Tensor<1>,
    groups: usize,
    activation: Activation,
}

impl PositionalConv {
    pub(super) fn new(config: &ModelConfig, device: &Device) -> Self {
        let width = config.hidden_size;
        let groups = config.num_conv_pos_embedding_groups;
        let kernel = config.num_conv_pos_embeddings;
        Self {
            g: Tensor::ones([1, 1, kernel], device),
            v: Tensor::ones([width, width / groups, kernel], device),
            bias: Tensor::zeros([width], device),
            groups,
            activation: config.feat_extract_activation,
        }
    }

    /// `[B, T, H]` to the same shape.
    #[must_use]
    pub(super) fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let [_, time, _] = x.dims();
        let [_, _, kernel] = self.g.dims();
        let y = ops::grouped_conv1d(x, self.weight(), self.bias.clone(), kernel / 2, self.groups);
        // An even kernel gives one frame too many.
        activation::apply(self.activation, y.narrow(1, 0, time))
    }

    /// g v / ‖v‖, the norm being over all channels of a tap (Salimans and Kingma 2016, `dim=2`).
    fn weight(&self) -> Tensor<3> {
        let square = self.v.clone() * self.v.clone();
        let norm = square.sum_dim(0).sum_dim(1).sqrt();
        self.v.clone() * (self.g.clone() / norm)
    }
}

impl Parameters for PositionalConv {
    fn visit(&mut self, prefix: &str, visit: &mut Visitor<'_>) {
        visit(&join(prefix, "conv.bias"), ParamMut::D1(&mut self.bias));
        let weight = join(prefix, "conv.parametrizations.weight");
        visit(&join(&weight, "original0"), ParamMut::D3(&mut self.g));
        visit(&join(&weight, "original1"), ParamMut::D3(&mut self.v));
    }
}
