//! Operations with a backward pass of their own: less is kept and fewer kernels run than when
//! they are composed.
//!
//! [`portable`] composes them of the back ends' primitives, `flex` has loops for the CPU,
//! `autodiff` joins forward and backward.

mod autodiff;
mod flex;
mod portable;
#[cfg(test)]
mod tests;
mod window;

use super::{AdamStep, kernels};
use burn::{
    backend::{
        Backend, Cube, Dispatch, backend_extension, ops::FloatTensorOps, tensor::FloatTensor,
    },
    tensor::Tensor,
};
pub use window::Window;

/// Coarse operations, most of them over the last axis of a tensor.
///
/// Every `*_grad` takes what its forward saved and the gradient of the output.
#[backend_extension(Flex, Cube, Autodiff)]
pub trait SpeechOps: Backend {
    /// x/2 (1 + erf(x/√2))
    fn exact_gelu(x: FloatTensor<Self>) -> FloatTensor<Self> {
        portable::gelu::<Self>(x)
    }

    /// g (Φ(x) + x φ(x))
    fn exact_gelu_grad(x: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self> {
        portable::gelu_grad::<Self>(x, grad)
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

    /// Matrix product of the last two axes; the axes before them are equal.
    fn product(lhs: FloatTensor<Self>, rhs: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::float_matmul(lhs, rhs)
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

impl SpeechOps for Cube {
    fn product(lhs: FloatTensor<Self>, rhs: FloatTensor<Self>) -> FloatTensor<Self> {
        if kernels::is_software(&lhs) {
            kernels::product(lhs, rhs)
        } else {
            Self::float_matmul(lhs, rhs)
        }
    }
}

/// `[.., M, K]` times `[.., K, N]`; the axes before the last two are equal.
#[must_use]
pub fn matmul<const D: usize>(lhs: Tensor<D>, rhs: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(<Dispatch as SpeechOps>::product(
        lhs.into_dispatch(),
        rhs.into_dispatch(),
    ))
}

/// x/2 (1 + erf(x/√2)), element by element (Hendrycks and Gimpel 2016, equation 1).
///
/// The library's own GELU is derived by the tanh approximation on GPUs, off by up to 9e-4.
#[must_use]
pub fn gelu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(<Dispatch as SpeechOps>::exact_gelu(x.into_dispatch()))
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

/// Brings every channel of `[B, T, C]` to mean 0 and (biased) variance 1 over time.
#[must_use]
pub(super) fn time_standard(x: Tensor<3>, eps: f64) -> Tensor<3> {
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
