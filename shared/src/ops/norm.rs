//! Group normalisation with one channel a group.

use super::fused::time_standard;
use burn::tensor::Tensor;

/// Normalises each channel of `[B, T, C]` over time: `GroupNorm` with as many groups as channels
/// (Wu and He 2018). Padding counts as data, as in the reference. `weight` and `bias` are `[C]`.
#[must_use]
pub fn channel_norm(x: Tensor<3>, weight: Tensor<1>, bias: Tensor<1>, eps: f64) -> Tensor<3> {
    time_standard(x, eps) * weight.unsqueeze() + bias.unsqueeze()
}
