//! The operations on tensors, as models call them.

use super::{Heads, SpeechOps, Window};
use burn::{backend::Dispatch, tensor::Tensor};

/// `[.., M, K]` times `[.., K, N]`, times `alpha`; the axes before the last two are equal.
#[must_use]
pub fn scaled_matmul<const D: usize>(lhs: Tensor<D>, rhs: Tensor<D>, alpha: f64) -> Tensor<D> {
    Tensor::from_dispatch(<Dispatch as SpeechOps>::product(
        lhs.into_dispatch(),
        rhs.into_dispatch(),
        alpha,
    ))
}

/// `[.., M, K]` times `[.., K, N]`; the axes before the last two are equal.
#[must_use]
pub fn matmul<const D: usize>(lhs: Tensor<D>, rhs: Tensor<D>) -> Tensor<D> {
    scaled_matmul(lhs, rhs, 1.0)
}

/// x wᵀ + b: `x` is `[N, I]`, `w` is `[O, I]`, `b` is `[O]`; the result is `[N, O]`.
#[must_use]
pub fn affine(x: Tensor<2>, w: Tensor<2>, b: Tensor<1>) -> Tensor<2> {
    let (x, w, b) = (x.into_dispatch(), w.into_dispatch(), b.into_dispatch());
    Tensor::from_dispatch(<Dispatch as SpeechOps>::affine(x, w, b))
}

/// What is added to the scores of [`attend`], and what of their softmax is kept.
#[derive(Debug, Clone, Default)]
pub struct Scores {
    /// What they are multiplied by.
    pub scale: f64,
    /// `[B, heads, T, T]`, may be trained.
    pub bias: Option<Tensor<4>>,
    /// `[B, 1, 1, T]`: 0 for frames, a very negative number for padding.
    pub padding: Option<Tensor<4>>,
    /// `[B, heads, T, T]`: factors of the weights, drawn for dropout.
    pub kept: Option<Tensor<4>>,
}

/// Multi-head self-attention of `x`, `[B, T, H]`, before its output projection: weights `[H, H]` and
/// biases `[H]` of queries, keys and values.
#[must_use]
pub fn attend(
    x: Tensor<3>,
    weights: [Tensor<2>; 3],
    biases: [Tensor<1>; 3],
    scores: Scores,
    heads: usize,
) -> Tensor<3> {
    let heads = Heads {
        count: heads,
        scale: scores.scale,
        biased: scores.bias.is_some(),
        padded: scores.padding.is_some(),
        dropped: scores.kept.is_some(),
    };
    let [wq, wk, wv] = weights.map(Tensor::into_dispatch);
    let [bq, bk, bv] = biases.map(Tensor::into_dispatch);
    let x = x.into_dispatch();
    let given = |tensor: Option<Tensor<4>>| tensor.map_or_else(|| x.clone(), Tensor::into_dispatch);
    let (bias, padding) = (given(scores.bias), given(scores.padding));
    let kept = given(scores.kept);
    Tensor::from_dispatch(<Dispatch as SpeechOps>::attend(
        x, wq, wk, wv, bq, bk, bv, bias, padding, kept, heads,
    ))
}

/// WavLM's gate on the position bias: (a (b c - 1) + 2) bias, where a and b are the sigmoids of the
/// sums of the first and the last four of `p`, `[B, T, heads, 8]`, c is `constant`, `[heads]`, and `bias`
/// is `[heads, T, T]`. The result is `[B, heads, T, T]`.
#[must_use]
pub fn gated_bias(p: Tensor<4>, constant: Tensor<1>, bias: Tensor<3>) -> Tensor<4> {
    let (p, constant) = (p.into_dispatch(), constant.into_dispatch());
    let bias = bias.into_dispatch();
    Tensor::from_dispatch(<Dispatch as SpeechOps>::gated_bias(p, constant, bias))
}

/// x/2 (1 + erf(x/√2)), element by element (Hendrycks and Gimpel 2016, equation 1).
///
/// The library's own GELU is derived by the tanh approximation on GPUs, off by up to 9e-4.
#[must_use]
pub fn gelu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(<Dispatch as SpeechOps>::exact_gelu(x.into_dispatch()))
}

/// [`gelu`] times `kept`, the factors of dropout.
#[must_use]
pub fn dropped_gelu<const D: usize>(x: Tensor<D>, kept: Tensor<D>) -> Tensor<D> {
    let (x, kept) = (x.into_dispatch(), kept.into_dispatch());
    Tensor::from_dispatch(<Dispatch as SpeechOps>::dropped_gelu(x, kept))
}

/// exp(x) / Σ exp(x) over the last axis, shifted by the maximum.
#[must_use]
pub fn softmax<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(<Dispatch as SpeechOps>::last_softmax(x.into_dispatch()))
}

/// Normalises the last axis to mean 0 and (biased) variance 1, then scales and shifts it.
///
/// `x` is `[B, T, C]`, `weight` and `bias` are `[C]` (Ba, Kiros and Hinton 2016).
#[must_use]
pub fn layer_norm(x: Tensor<3>, weight: Tensor<1>, bias: Tensor<1>, eps: f64) -> Tensor<3> {
    let (x, weight, bias) = (
        x.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
    );
    Tensor::from_dispatch(<Dispatch as SpeechOps>::last_norm(x, weight, bias, eps))
}

/// [`layer_norm`] of `x + y`, both `[B, T, C]`.
#[must_use]
pub fn norm_of_sum(
    x: Tensor<3>,
    y: Tensor<3>,
    weight: Tensor<1>,
    bias: Tensor<1>,
    eps: f64,
) -> Tensor<3> {
    let (x, y) = (x.into_dispatch(), y.into_dispatch());
    let (weight, bias) = (weight.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(<Dispatch as SpeechOps>::norm_of_sum(
        x, y, weight, bias, eps,
    ))
}

/// [`norm_of_sum`] of x and y times `kept`, the factors of dropout.
#[must_use]
pub fn norm_of_dropped_sum(
    x: Tensor<3>,
    y: Tensor<3>,
    kept: Tensor<3>,
    weight: Tensor<1>,
    bias: Tensor<1>,
    eps: f64,
) -> Tensor<3> {
    let (x, y, kept) = (x.into_dispatch(), y.into_dispatch(), kept.into_dispatch());
    let (weight, bias) = (weight.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(<Dispatch as SpeechOps>::norm_of_dropped_sum(
        x, y, kept, weight, bias, eps,
    ))
}

/// Brings every channel of `[B, T, C]` to mean 0 and (biased) variance 1 over time.
#[must_use]
pub(in crate::ops) fn time_standard(x: Tensor<3>, eps: f64) -> Tensor<3> {
    Tensor::from_dispatch(<Dispatch as SpeechOps>::time_standard(
        x.into_dispatch(),
        eps,
    ))
}

/// Convolution over time without padding: `x` is `[G, N, T, C]`, `w` is `[G, K C, O]`, tap by tap;
/// the result is `[G, N, (T - K) / stride + 1, O]`. T must be at least K.
#[must_use]
pub fn window_product(x: Tensor<4>, w: Tensor<3>, window: Window) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as SpeechOps>::window_product(
        x.into_dispatch(),
        w.into_dispatch(),
        window,
    ))
}
