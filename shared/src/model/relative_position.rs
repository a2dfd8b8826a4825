//! WavLM's gated relative position bias (Chen et al. 2022, section III-B).

use super::{
    config::ModelConfig,
    linear::Linear,
    noise::Noise,
    params::{ParamMut, Parameters, Visitor, join},
};
use crate::ops;
use burn::tensor::{Device, Int, Tensor, TensorData};

/// The bucketed bias that all layers share; it is a parameter of the first one.
#[derive(Debug, Clone)]
pub(super) struct RelativeEmbedding {
    /// `[buckets, heads]`
    weight: Tensor<2>,
    max_distance: usize,
}

impl RelativeEmbedding {
    pub(super) fn new(config: &ModelConfig, device: &Device) -> Self {
        Self {
            weight: Tensor::zeros([config.num_buckets, config.num_attention_heads], device),
            max_distance: config.max_bucket_distance,
        }
    }

    /// `[heads, T, T]`, query by key.
    #[must_use]
    pub(super) fn forward(&self, time: usize) -> Tensor<3> {
        let [buckets, heads] = self.weight.dims();
        // The bias depends on key - query alone: look 2T - 1 distances up, then lay them out.
        let last = time as i64 - 1;
        let by_distance: Vec<i32> = (-last..=last)
            .map(|distance| bucket(distance, buckets, self.max_distance) as i32)
            .collect();
        let row = |query: usize| &by_distance[time - 1 - query..2 * time - 1 - query];
        let ids: Vec<i32> = (0..time).flat_map(|query| row(query).to_vec()).collect();
        let device = self.weight.device().inner();
        let ids = Tensor::<1, Int>::from_data(TensorData::new(ids, [time * time]), &device);
        // Head by head, as every layer reads it.
        self.weight
            .clone()
            .transpose()
            .select(1, ids)
            .reshape([heads, time, time])
    }

    pub(super) fn visit(&mut self, prefix: &str, visit: &mut Visitor<'_>) {
        visit(&join(prefix, "weight"), ParamMut::D2(&mut self.weight));
    }
}

/// Bucket of the distance key - query: half of the buckets for each direction, the near half of
/// those exact, the others logarithmic up to `max_distance` (Raffel et al. 2020).
#[must_use]
pub fn bucket(distance: i64, buckets: usize, max_distance: usize) -> usize {
    let half = buckets / 2;
    let offset = if distance > 0 { half } else { 0 };
    let distance = distance.unsigned_abs() as usize;
    let exact = half / 2;
    if distance < exact {
        return offset + distance;
    }
    // In f32 and in this order, as the reference computes it: other roundings move whole buckets.
    let log = (distance as f32 / exact as f32).ln();
    let scale = (max_distance as f64 / exact as f64).ln() as f32;
    let far = (log / scale * (half - exact) as f32) as usize;
    offset + (exact + far).min(half - 1)
}

/// A layer's gate on the shared bias.
#[derive(Debug, Clone)]
pub(super) struct PositionGate {
    /// head_dim to 8
    linear: Linear,
    /// `[1, heads, 1, 1]`
    constant: Tensor<4>,
}

impl PositionGate {
    pub(super) fn new(config: &ModelConfig, device: &Device) -> Self {
        let heads = config.num_attention_heads;
        Self {
            linear: Linear::zeros(config.hidden_size / heads, 8, device),
            constant: Tensor::ones([1, heads, 1, 1], device),
        }
    }

    /// The attention's input `[B, T, H]` and the shared bias `[heads, T, T]` to the
    /// layer's bias `[B, heads, T, T]`.
    #[must_use]
    pub(super) fn forward(&self, x: Tensor<3>, bias: Tensor<3>) -> Tensor<4> {
        let [batch, time, width] = x.dims();
        let [_, heads, ..] = self.constant.dims();
        let x = x.reshape([batch * time * heads, width / heads]);
        let p = self.linear.rows(x, &mut Noise::off());
        let p = p.reshape([batch, time, heads, 8]);
        ops::gated_bias(p, self.constant.clone().reshape([heads]), bias)
    }
}

impl Parameters for PositionGate {
    fn visit(&mut self, prefix: &str, visit: &mut Visitor<'_>) {
        visit(
            &join(prefix, "gru_rel_pos_const"),
            ParamMut::D4(&mut self.constant),
        );
        self.linear
            .visit(&join(prefix, "gru_rel_pos_linear"), visit);
    }
}
