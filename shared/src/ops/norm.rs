//! Group normalisation with one channel a group.

use burn::tensor::Tensor;

/// Normalises each channel of `[B, T, C]` over time: `GroupNorm` with as many groups as channels
/// (Wu and He 2018). Padding counts as data, as in the reference. `weight` and `bias` are `[C]`.
#[must_use]
pub fn channel_norm(x: Tensor<3>, weight: Tensor<1>, bias: Tensor<1>, eps: f64) -> Tensor<3> {
    let mean = x.clone().mean_dim(1);
    let centred = x - mean;
    let variance = (centred.clone() * centred.clone()).mean_dim(1);
    centred / (variance + eps).sqrt() * weight.unsqueeze() + bias.unsqueeze()
}
