//! The head: pooled hidden states to logits.

use super::{
    linear::Linear,
    noise::Noise,
    params::{ParamMut, Parameters, Visitor, join},
};
use crate::{
    config::{HeadActivation, HeadConfig, HeadStyle, LayerPooling, Pooling},
    ops,
};
use burn::tensor::{Device, Tensor, TensorData, activation};

/// Pooling over layers and time, then linear layers.
#[derive(Debug, Clone)]
pub struct Head {
    style: HeadStyle,
    /// `[L + 1]`, for weighted layer pooling.
    layer_weights: Option<Tensor<1>>,
    layers: Vec<Linear>,
    activation: HeadActivation,
    pooling: Pooling,
    drop: f64,
}

impl Head {
    /// A head over hidden states of `width` from `depth` layers to `outputs` logits, all zeros.
    #[must_use]
    pub fn new(
        config: &HeadConfig,
        width: usize,
        depth: usize,
        outputs: usize,
        device: &Device,
    ) -> Self {
        let hidden = config.layers.clone().unwrap_or_else(|| vec![width]);
        let mut input = match config.pooling {
            Pooling::Mean => width,
            Pooling::MeanVar => 2 * width,
        };
        let mut layers = Vec::new();
        for output in hidden.into_iter().chain([outputs]) {
            layers.push(Linear::zeros(input, output, device));
            input = output;
        }
        // Any number does, since a softmax follows; these are the reference's.
        let weight = match config.style {
            HeadStyle::SequenceClassification => 1.0 / (depth + 1) as f64,
            HeadStyle::Nkululeko | HeadStyle::Audeering => 0.0,
        };
        Self {
            style: config.style,
            layer_weights: (config.layer_pooling == LayerPooling::Weighted)
                .then(|| Tensor::full([depth + 1], weight, device)),
            layers,
            activation: config.activation,
            pooling: config.pooling,
            drop: config.drop,
        }
    }

    /// Whether every layer's output is needed.
    #[must_use]
    pub fn needs_all_states(&self) -> bool {
        self.layer_weights.is_some()
    }

    /// Σ softmax(a)ᵢ hᵢ over the encoder's input and the layers' outputs, or the last state.
    ///
    /// Where a norm follows the last layer, Nkululeko's sum has the state behind it, and the one of
    /// Hugging Face's classes the state before it (as transformers 5 has it; 4 had the other).
    #[must_use]
    pub fn pool_layers(&self, states: &[Tensor<3>], last: Tensor<3>) -> Tensor<3> {
        let Some(weights) = &self.layer_weights else {
            return last;
        };
        let (below, top) = match states.split_last() {
            Some((top, below)) if self.style == HeadStyle::SequenceClassification => (below, top),
            Some((_, below)) => (below, &last),
            None => return last,
        };
        let weights = ops::softmax(weights.clone());
        below
            .iter()
            .chain([top])
            .enumerate()
            .map(|(i, state)| state.clone() * weights.clone().narrow(0, i, 1).unsqueeze::<3>())
            .reduce(|sum, part| sum + part)
            .unwrap_or(last)
    }

    /// `[B, T, H]` to `[B, H]`, or `[B, 2 H]` with the variance (population, not below 0).
    ///
    /// With `frames` only a row's first frames count; Nkululeko's divisor is their number + 1e-6.
    #[must_use]
    pub fn pool_time(&self, x: Tensor<3>, frames: Option<&[usize]>) -> Tensor<2> {
        let [batch, time, width] = x.dims();
        let margin = match self.style {
            HeadStyle::Nkululeko => 1e-6,
            HeadStyle::SequenceClassification | HeadStyle::Audeering => 0.0,
        };
        let mean = |x: Tensor<3>| match frames {
            Some(frames) => {
                let weights: Vec<f32> = frames
                    .iter()
                    .flat_map(|n| {
                        (0..time).map(move |t| {
                            if t < *n {
                                1.0 / (*n as f32 + margin)
                            } else {
                                0.0
                            }
                        })
                    })
                    .collect();
                let data = TensorData::new(weights, [batch, time, 1]);
                let weights = Tensor::<3>::from_data(data, &x.device().inner());
                (x * weights).sum_dim(1).reshape([batch, width])
            }
            None => x.mean_dim(1).reshape([batch, width]),
        };
        match self.pooling {
            Pooling::Mean => mean(x),
            Pooling::MeanVar => {
                let square = mean(x.clone() * x.clone());
                let mean = mean(x);
                let variance = (square - mean.clone() * mean.clone()).clamp_min(0.0);
                Tensor::cat(vec![mean, variance], 1)
            }
        }
    }

    /// Names of the linear layers; the last is the output layer.
    fn layer_names(&self, prefix: &str) -> Vec<String> {
        let fixed = |names: [&str; 2]| names.map(str::to_owned).to_vec();
        match self.style {
            // Each linear layer stands behind a dropout and before an activation.
            HeadStyle::Nkululeko => (0..self.layers.len())
                .map(|i| join(prefix, &format!("net.{}", 3 * i + 1)))
                .collect(),
            HeadStyle::SequenceClassification => fixed(["projector", "classifier"]),
            HeadStyle::Audeering => fixed(["classifier.dense", "classifier.out_proj"]),
        }
    }

    /// Whether `name`, as [`SpeechModel`](super::SpeechModel) has it, is of the output layer.
    #[must_use]
    pub fn is_output(&self, name: &str) -> bool {
        let names = self.layer_names("head");
        let layer = name.rsplit_once('.').map_or(name, |(layer, _)| layer);
        names.last().is_some_and(|last| last == layer)
    }

    /// Pooled `[B, D]` to logits `[B, K]`.
    pub fn forward(&self, pooled: Tensor<2>, noise: &mut Noise) -> Tensor<2> {
        let last = self.layers.len() - 1;
        self.layers
            .iter()
            .enumerate()
            .fold(pooled, |x, (i, layer)| {
                let x = noise.dropout(x, self.drop);
                let x = layer.rows(x, noise);
                // Of a projection the mean is the projection of the mean.
                if i == last || self.style == HeadStyle::SequenceClassification {
                    return x;
                }
                match self.activation {
                    HeadActivation::Relu => activation::relu(x),
                    HeadActivation::Tanh => ops::tanh(x),
                    HeadActivation::Sigmoid => activation::sigmoid(x),
                    HeadActivation::LeakyRelu => activation::leaky_relu(x, 0.01),
                }
            })
    }
}

impl Parameters for Head {
    fn visit(&mut self, prefix: &str, visit: &mut Visitor<'_>) {
        if let Some(weights) = &mut self.layer_weights {
            visit("layer_weights", ParamMut::D1(weights));
        }
        let names = self.layer_names(prefix);
        for (layer, name) in self.layers.iter_mut().zip(names) {
            layer.visit(&name, visit);
        }
    }
}
