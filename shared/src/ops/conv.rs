//! Convolutions over time as matrix products, channels last.
//!
//! A matrix product is what every device is fast at; the back ends' own convolutions are slow for
//! these shapes, backward above all.

use super::fused::{Window, window_product};
use burn::tensor::Tensor;

/// Convolution over time without padding.
///
/// `x` is `[B, T, C]`, `weight` is `[O, C, K]` (PyTorch's order), `bias` is `[O]`; the result is
/// `[B, (T - K) / stride + 1, O]`. T must be at least K.
#[must_use]
pub fn conv1d(
    x: Tensor<3>,
    weight: Tensor<3>,
    bias: Option<Tensor<1>>,
    stride: usize,
) -> Tensor<3> {
    let [batch, time, channels] = x.dims();
    let [out, _, kernel] = weight.dims();
    let weight = weight
        .permute([2, 1, 0])
        .reshape([1, kernel * channels, out]);
    let window = Window { kernel, stride };
    let y = window_product(x.reshape([1, batch, time, channels]), weight, window);
    let y = y.reshape([batch, window.positions(time), out]);
    match bias {
        Some(bias) => y + bias.unsqueeze(),
        None => y,
    }
}

/// Convolution over time in groups of channels, stride 1, `padding` zeros on both ends.
///
/// `x` is `[B, T, C]`, `weight` is `[O, C / groups, K]`, `bias` is `[O]`; the result is
/// `[B, T + 2 padding - K + 1, O]`.
#[must_use]
pub fn grouped_conv1d(
    x: Tensor<3>,
    weight: Tensor<3>,
    bias: Tensor<1>,
    padding: usize,
    groups: usize,
) -> Tensor<3> {
    let [batch, time, channels] = x.dims();
    let [out, per_group, kernel] = weight.dims();
    let margin = Tensor::<3>::zeros([batch, padding, channels], &x.device().inner());
    let time = time + 2 * padding;
    let x = Tensor::cat(vec![margin.clone(), x, margin], 1);

    // A group's channels become a row of their own.
    let x = x
        .reshape([batch, time, groups, per_group])
        .permute([2, 0, 1, 3]);
    let weight = weight
        .reshape([groups, out / groups, per_group, kernel])
        .permute([0, 3, 2, 1])
        .reshape([groups, kernel * per_group, out / groups]);
    let window = Window { kernel, stride: 1 };
    window_product(x, weight, window)
        .permute([1, 2, 0, 3])
        .reshape([batch, window.positions(time), out])
        + bias.unsqueeze()
}
