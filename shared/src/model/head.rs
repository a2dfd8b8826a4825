//! Nkululeko's head: pooled hidden states to logits.

use super::{
    linear::Linear,
    noise::Noise,
    params::{ParamMut, Parameters, Visitor, join},
};
use crate::{
    config::{HeadActivation, HeadConfig, LayerPooling, Pooling},
    ops,
};
use burn::tensor::{Device, Int, Tensor, TensorData, activation};

/// Pooling over layers and time, then linear layers.
#[derive(Debug, Clone)]
pub struct Head {
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
        Self {
            layer_weights: (config.layer_pooling == LayerPooling::Weighted)
                .then(|| Tensor::zeros([depth + 1], device)),
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
    #[must_use]
    pub fn pool_layers(&self, states: &[Tensor<3>], last: Tensor<3>) -> Tensor<3> {
        let Some(weights) = &self.layer_weights else {
            return last;
        };
        // The final norm belongs to the last state.
        let below = &states[..states.len().saturating_sub(1)];
        let weights = ops::softmax(weights.clone());
        below
            .iter()
            .chain([&last])
            .enumerate()
            .map(|(i, state)| state.clone() * weights.clone().narrow(0, i, 1).unsqueeze::<3>())
            .reduce(|sum, part| sum + part)
            .unwrap_or(last)
    }

    /// `[B, T, H]` to `[B, H]`, or `[B, 2 H]` with the variance (population, not below 0).
    ///
    /// With `frames` only a row's first frames count, and the divisor is their number + 1e-6.
    #[must_use]
    pub fn pool_time(&self, x: Tensor<3>, frames: Option<&[usize]>) -> Tensor<2> {
        let [batch, time, width] = x.dims();
        let mean = |x: Tensor<3>| match frames {
            Some(frames) => {
                let weights: Vec<f32> = frames
                    .iter()
                    .flat_map(|n| {
                        (0..time).map(move |t| {
                            if t < *n {
                                1.0 / (*n as f32 + 1e-6)
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

    /// Puts the outputs in another order: output i becomes the one that was at `order[i]`.
    pub fn reorder(&mut self, order: &[usize]) {
        let Some(last) = self.layers.last_mut() else {
            return;
        };
        let ids: Vec<i32> = order.iter().map(|&index| index as i32).collect();
        let device = last.bias.device();
        let ids = Tensor::<1, Int>::from_data(TensorData::new(ids, [order.len()]), &device);
        last.weight = last.weight.clone().select(0, ids.clone());
        last.bias = last.bias.clone().select(0, ids);
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
                if i == last {
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
        for (i, layer) in self.layers.iter_mut().enumerate() {
            // Each linear layer stands behind a dropout and before an activation.
            layer.visit(&join(prefix, &format!("net.{}", 3 * i + 1)), visit);
        }
    }
}
