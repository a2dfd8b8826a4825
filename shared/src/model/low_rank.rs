//! Low-rank additions to frozen linear layers (Hu et al. 2021), as Python's `peft` has them.

use super::{
    noise::Noise,
    params::{ParamMut, Visitor, join},
};
use crate::{
    config::{Lora, Precision},
    ops,
};
use burn::tensor::{Device, Tensor, TensorData};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// The part of a parameter's name that marks an addition.
const MARK: &str = ".lora_";

/// s B A x, with x behind a dropout of its own.
#[derive(Debug, Clone)]
pub(super) struct LowRank {
    /// `[r, in]`
    a: Tensor<2>,
    /// `[out, r]`
    b: Tensor<2>,
    scale: f64,
    dropout: f64,
}

impl LowRank {
    /// An addition that is 0 at first: A is drawn from U(±1/√in) (He et al. 2015 with a slope of
    /// √5), B is 0.
    pub(super) fn draw(
        config: &Lora,
        input: usize,
        output: usize,
        device: &Device,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let bound = (input as f64).sqrt().recip();
        let values: Vec<f32> = (0..config.rank * input)
            .map(|_| rng.random_range(-bound..bound) as f32)
            .collect();
        let data = TensorData::new(values, [config.rank, input]);
        Self {
            a: Tensor::from_data(data, device),
            b: Tensor::zeros([output, config.rank], device),
            scale: config.scale(),
            dropout: config.dropout,
        }
    }

    /// `[N, in]` to `[N, out]`.
    pub(super) fn rows(&self, x: Tensor<2>, precision: Precision, noise: &mut Noise) -> Tensor<2> {
        let x = noise.dropout(x, self.dropout);
        let inner = ops::matmul_in(x, self.a.clone().transpose(), precision);
        ops::matmul_in(inner, self.b.clone().transpose(), precision) * self.scale
    }

    /// What it adds to the weight, `[out, in]`.
    pub(super) fn weight(&self) -> Tensor<2> {
        ops::matmul(self.b.clone(), self.a.clone()) * self.scale
    }

    pub(super) fn visit(&mut self, prefix: &str, visit: &mut Visitor<'_>) {
        visit(&join(prefix, "lora_A.weight"), ParamMut::D2(&mut self.a));
        visit(&join(prefix, "lora_B.weight"), ParamMut::D2(&mut self.b));
    }
}

/// Whether `name` is a parameter of an addition.
pub(super) fn is_addition(name: &str) -> bool {
    name.contains(MARK)
}
