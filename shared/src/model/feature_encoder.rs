//! The convolutional encoder: samples to frames of 20 ms (Baevski et al. 2020, section 2).

use super::{
    activation,
    config::{Activation, FeatureNorm, ModelConfig},
    linear::LayerNorm,
    params::{ParamMut, Parameters, Visitor, join},
};
use crate::{config::Precision, ops};
use burn::tensor::{Device, Tensor};

/// Epsilon of the encoder's norms, whatever `layer_norm_eps` says.
const EPS: f64 = 1e-5;

#[derive(Debug, Clone)]
struct ConvLayer {
    /// `[O, C, K]`
    weight: Tensor<3>,
    bias: Option<Tensor<1>>,
    norm: Option<LayerNorm>,
    over_time: bool,
    stride: usize,
}

/// The convolutional encoder.
#[derive(Debug, Clone)]
pub(super) struct FeatureEncoder {
    layers: Vec<ConvLayer>,
    activation: Activation,
    precision: Precision,
}

impl FeatureEncoder {
    pub(super) fn new(config: &ModelConfig, device: &Device) -> Self {
        let group = config.feat_extract_norm == FeatureNorm::Group;
        let mut channels = 1;
        let layers = (0..config.conv_dim.len())
            .map(|i| {
                let out = config.conv_dim[i];
                let layer = ConvLayer {
                    weight: Tensor::zeros([out, channels, config.conv_kernel[i]], device),
                    bias: config.conv_bias.then(|| Tensor::zeros([out], device)),
                    norm: (!group || i == 0).then(|| LayerNorm::new(out, EPS, device)),
                    over_time: group,
                    stride: config.conv_stride[i],
                };
                channels = out;
                layer
            })
            .collect();
        Self {
            layers,
            activation: config.feat_extract_activation,
            precision: Precision::F32,
        }
    }

    /// The format of the products.
    pub(super) fn precision(&self) -> Precision {
        self.precision
    }

    /// Sets the format of the products.
    pub(super) fn set_precision(&mut self, precision: Precision) {
        self.precision = precision;
    }

    /// Samples `[B, L]` to `[B, T, C]`.
    #[must_use]
    pub(super) fn forward(&self, samples: Tensor<2>) -> Tensor<3> {
        self.layers
            .iter()
            .fold(samples.unsqueeze_dim(2), |x, layer| {
                let (weight, bias) = (layer.weight.clone(), layer.bias.clone());
                let x = ops::conv1d_in(x, weight, bias, layer.stride, self.precision);
                let x = match &layer.norm {
                    Some(norm) if layer.over_time => norm.forward_channels(x),
                    Some(norm) => norm.forward(x),
                    None => x,
                };
                activation::apply(self.activation, x)
            })
    }
}

impl Parameters for FeatureEncoder {
    fn visit(&mut self, prefix: &str, visit: &mut Visitor<'_>) {
        for (i, layer) in self.layers.iter_mut().enumerate() {
            let prefix = join(prefix, &format!("conv_layers.{i}"));
            visit(
                &join(&prefix, "conv.weight"),
                ParamMut::D3(&mut layer.weight),
            );
            if let Some(bias) = &mut layer.bias {
                visit(&join(&prefix, "conv.bias"), ParamMut::D1(bias));
            }
            if let Some(norm) = &mut layer.norm {
                norm.visit(&join(&prefix, "layer_norm"), visit);
            }
        }
    }
}
