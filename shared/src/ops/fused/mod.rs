//! Operations with a backward pass of their own: less is kept and fewer kernels run than when
//! they are composed.
//!
//! [`portable`] composes them of the back ends' primitives, `flex` has loops for the CPU, `cube`
//! kernels for graphics devices (WebAssembly with threads has none), `autodiff` joins forward and backward.

mod attend;
mod autodiff;
mod calls;
#[cfg(not(target_feature = "atomics"))]
mod cube;
mod flex;
mod gate;
mod portable;
#[cfg(test)]
mod tests;
mod window;

use super::AdamStep;
use attend::Heads;
use burn::backend::{Backend, backend_extension, tensor::FloatTensor};
pub(super) use calls::time_standard;
pub use calls::{
    Scores, affine, attend, dropped_gelu, gated_bias, gelu, layer_norm, matmul,
    norm_of_dropped_sum, norm_of_sum, scaled_matmul, softmax, window_product,
};
pub use window::Window;

/// Coarse operations, most of them over the last axis of a tensor.
///
/// Every `*_grad` takes what its forward saved and the gradient of the output.
#[backend_extension(Flex, Cube: cfg(not(target_feature = "atomics")), Autodiff)]
#[allow(
    clippy::too_many_arguments,
    clippy::type_complexity,
    reason = "the macro takes no arrays of tensors"
)]
pub trait SpeechOps: Backend {
    /// x/2 (1 + erf(x/√2))
    fn exact_gelu(x: FloatTensor<Self>) -> FloatTensor<Self> {
        portable::gelu::<Self>(x)
    }

    /// g (Φ(x) + x φ(x))
    fn exact_gelu_grad(x: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self> {
        portable::gelu_grad::<Self>(x, grad)
    }

    /// [`Self::exact_gelu`] times `kept`, which is a constant.
    fn dropped_gelu(x: FloatTensor<Self>, kept: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::float_mul(Self::exact_gelu(x), kept)
    }

    /// Gradient of x.
    fn dropped_gelu_grad(
        x: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        kept: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        Self::exact_gelu_grad(x, Self::float_mul(grad, kept))
    }

    /// exp(x) / Σ exp(x), shifted by the maximum.
    fn last_softmax(x: FloatTensor<Self>) -> FloatTensor<Self> {
        portable::softmax::<Self>(x)
    }

    /// y (g - Σ g y) for the output y.
    fn last_softmax_grad(y: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self> {
        portable::softmax_grad::<Self>(y, grad)
    }

    /// (x - μ) / √(σ² + ε) w + b, with w and b of the last axis' length.
    fn last_norm(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        eps: f64,
    ) -> FloatTensor<Self> {
        portable::norm::<Self>(x, weight, bias, eps)
    }

    /// Gradients of x, w and b.
    fn last_norm_grad(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        eps: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        portable::norm_grad::<Self>(x, weight, grad, eps)
    }

    /// (x - μ) / √(σ² + ε) of every channel of `[B, T, C]` over time.
    fn time_standard(x: FloatTensor<Self>, eps: f64) -> FloatTensor<Self> {
        portable::time_standard::<Self>(x, eps)
    }

    /// Gradient of x.
    fn time_standard_grad(
        x: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        eps: f64,
    ) -> FloatTensor<Self> {
        portable::time_standard_grad::<Self>(x, grad, eps)
    }

    /// [`Self::last_softmax`] of x, `[B, heads, T, T]`, with `bias` and `padding` added as in [`Self::attend`];
    /// and the same times `kept`. `heads` says which of the three there are.
    fn scored_softmax(
        x: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        padding: FloatTensor<Self>,
        kept: FloatTensor<Self>,
        heads: Heads,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        attend::softmax::<Self>(x, [bias, padding, kept], heads)
    }

    /// Gradient of x for the output `y` and the gradient of `y` times `kept`; and `y` times `kept`.
    fn dropped_softmax_grad(
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        kept: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let dropped = Self::float_mul(y.clone(), kept.clone());
        let grad = Self::last_softmax_grad(y, Self::float_mul(grad, kept));
        (grad, dropped)
    }

    /// x + y, and its [`Self::last_norm`].
    fn sum_and_norm(
        x: FloatTensor<Self>,
        y: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        eps: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let sum = Self::float_add(x, y);
        (sum.clone(), Self::last_norm(sum, weight, bias, eps))
    }

    /// [`Self::last_norm`] of x + y.
    fn norm_of_sum(
        x: FloatTensor<Self>,
        y: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        eps: f64,
    ) -> FloatTensor<Self> {
        Self::sum_and_norm(x, y, weight, bias, eps).1
    }

    /// [`Self::sum_and_norm`] of x and `y` times `kept`.
    fn dropped_sum_and_norm(
        x: FloatTensor<Self>,
        y: FloatTensor<Self>,
        kept: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        eps: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        Self::sum_and_norm(x, Self::float_mul(y, kept), weight, bias, eps)
    }

    /// Gradients of x, y, w and b of [`Self::norm_of_dropped_sum`] for the sum.
    fn dropped_sum_grad(
        sum: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        kept: FloatTensor<Self>,
        eps: f64,
    ) -> (
        FloatTensor<Self>,
        FloatTensor<Self>,
        FloatTensor<Self>,
        FloatTensor<Self>,
    ) {
        let (x, weight, bias) = Self::last_norm_grad(sum, weight, grad, eps);
        (x.clone(), Self::float_mul(x, kept), weight, bias)
    }

    /// [`Self::last_norm`] of x + y times `kept`, which is a constant.
    fn norm_of_dropped_sum(
        x: FloatTensor<Self>,
        y: FloatTensor<Self>,
        kept: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        eps: f64,
    ) -> FloatTensor<Self> {
        Self::dropped_sum_and_norm(x, y, kept, weight, bias, eps).1
    }

    /// Matrix product of the last two axes, times `alpha`; the axes before them are equal.
    fn product(lhs: FloatTensor<Self>, rhs: FloatTensor<Self>, alpha: f64) -> FloatTensor<Self> {
        portable::product::<Self>(lhs, rhs, alpha)
    }

    /// x wᵀ + b: `x` is `[N, I]`, `w` is `[O, I]`, `b` is `[O]`.
    fn affine(
        x: FloatTensor<Self>,
        w: FloatTensor<Self>,
        b: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        portable::affine::<Self>(x, w, b)
    }

    /// Gradients of `w` and `b`.
    fn affine_weight_grad(
        x: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        portable::affine_weight_grad::<Self>(x, grad)
    }

    /// Three times [`Self::affine`] of the same x.
    fn affine_thrice(
        x: FloatTensor<Self>,
        w0: FloatTensor<Self>,
        w1: FloatTensor<Self>,
        w2: FloatTensor<Self>,
        b0: FloatTensor<Self>,
        b1: FloatTensor<Self>,
        b2: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        (
            Self::affine(x.clone(), w0, b0),
            Self::affine(x.clone(), w1, b1),
            Self::affine(x, w2, b2),
        )
    }

    /// [`Self::affine_weight_grad`] for each of the gradients.
    fn affine_thrice_grad(
        x: FloatTensor<Self>,
        g0: FloatTensor<Self>,
        g1: FloatTensor<Self>,
        g2: FloatTensor<Self>,
    ) -> (
        (FloatTensor<Self>, FloatTensor<Self>),
        (FloatTensor<Self>, FloatTensor<Self>),
        (FloatTensor<Self>, FloatTensor<Self>),
    ) {
        (
            Self::affine_weight_grad(x.clone(), g0),
            Self::affine_weight_grad(x.clone(), g1),
            Self::affine_weight_grad(x, g2),
        )
    }

    /// l₀ r₀ + l₁ r₁ + l₂ r₂, of matrices.
    fn sum_of_products(
        l0: FloatTensor<Self>,
        l1: FloatTensor<Self>,
        l2: FloatTensor<Self>,
        r0: FloatTensor<Self>,
        r1: FloatTensor<Self>,
        r2: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let two = Self::float_add(Self::product(l0, r0, 1.0), Self::product(l1, r1, 1.0));
        Self::float_add(two, Self::product(l2, r2, 1.0))
    }

    /// Self-attention from x, `[B, T, H]`, to the mixed values, the same shape: three weights and
    /// biases make queries, keys and values of it. `bias` `[B, heads, T, T]` and `padding`
    /// `[B, 1, 1, T]` are added to the scores, and the softmax of these is multiplied by `kept`.
    /// `padding` and `kept` are constants. `heads` says which of the three there are; for the others
    /// any tensor stands in.
    fn attend(
        x: FloatTensor<Self>,
        wq: FloatTensor<Self>,
        wk: FloatTensor<Self>,
        wv: FloatTensor<Self>,
        bq: FloatTensor<Self>,
        bk: FloatTensor<Self>,
        bv: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        padding: FloatTensor<Self>,
        kept: FloatTensor<Self>,
        heads: Heads,
    ) -> FloatTensor<Self> {
        let parameters = [[wq, wk, wv], [bq, bk, bv]];
        attend::plain::<Self>(x, parameters, [bias, padding, kept], heads)
    }

    /// (a (b c - 1) + 2) bias, where a and b are the sigmoids of the sums of the first and the last four
    /// of `p`, `[B, T, heads, 8]`, c is `constant`, `[heads]`, and `bias` is `[heads, T, T]`; the result is
    /// `[B, heads, T, T]`.
    fn gated_bias(
        p: FloatTensor<Self>,
        constant: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        gate::gated_bias::<Self>(p, constant, bias)
    }

    /// Gradients of `p`, `constant` and `bias`.
    fn gated_bias_grad(
        p: FloatTensor<Self>,
        constant: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        gate::gated_bias_grad::<Self>(p, constant, bias, grad)
    }

    /// Convolution over time: `x` is `[G, N, T, C]`, `w` is `[G, K C, O]`, tap by tap; the result
    /// is `[G, N, T', O]`.
    fn window_product(
        x: FloatTensor<Self>,
        w: FloatTensor<Self>,
        window: Window,
    ) -> FloatTensor<Self> {
        window::product::<Self>(x, w, window)
    }

    /// Gradient of `w`.
    fn window_weight_grad(
        x: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        window: Window,
    ) -> FloatTensor<Self> {
        window::weight_grad::<Self>(x, grad, window)
    }

    /// Adds up what each frame is to the windows that see it: `[G, N, T', K C]` to `[G, N, T, C]`.
    fn window_fold(columns: FloatTensor<Self>, time: usize, window: Window) -> FloatTensor<Self> {
        window::fold::<Self>(columns, time, window)
    }

    /// `totals` with the squares of `x` added: the sum of all its elements grows by Σ x². Not
    /// differentiable.
    fn add_square_sum(totals: FloatTensor<Self>, x: FloatTensor<Self>) -> FloatTensor<Self> {
        portable::add_square_sum::<Self>(totals, x)
    }

    /// One `AdamW` step: parameter and both moments after it. `scale` is `[1]` and multiplies the
    /// gradient. Not differentiable.
    fn adam_step(
        value: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        step: AdamStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        portable::adam_step::<Self>(value, grad, scale, first, second, step)
    }
}
