//! Kernels for graphics devices. They compute in f32; other formats are composed.

use super::{Heads, SpeechOps, Window, attend, gate, portable, window};
use crate::ops::{
    AdamStep,
    kernels::{self, Additions, Means, is_f32},
};
use burn::backend::{Cube, ops::FloatTensorOps, tensor::FloatTensor};

impl SpeechOps for Cube {
    fn exact_gelu(x: FloatTensor<Self>) -> FloatTensor<Self> {
        if is_f32(&x) {
            kernels::gelu(x)
        } else {
            portable::gelu::<Self>(x)
        }
    }

    fn exact_gelu_grad(x: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self> {
        if is_f32(&x) {
            kernels::gelu_grad(x, grad)
        } else {
            portable::gelu_grad::<Self>(x, grad)
        }
    }

    fn dropped_gelu(x: FloatTensor<Self>, kept: FloatTensor<Self>) -> FloatTensor<Self> {
        if is_f32(&x) {
            kernels::dropped_gelu(x, kept)
        } else {
            Self::float_mul(portable::gelu::<Self>(x), kept)
        }
    }

    fn dropped_gelu_grad(
        x: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        kept: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        if is_f32(&x) {
            kernels::dropped_gelu_grad(x, grad, kept)
        } else {
            portable::gelu_grad::<Self>(x, Self::float_mul(grad, kept))
        }
    }

    fn last_softmax(x: FloatTensor<Self>) -> FloatTensor<Self> {
        if is_f32(&x) {
            kernels::softmax(x)
        } else {
            portable::softmax::<Self>(x)
        }
    }

    fn last_softmax_grad(y: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self> {
        if is_f32(&y) {
            kernels::softmax_grad(y, grad)
        } else {
            portable::softmax_grad::<Self>(y, grad)
        }
    }

    fn last_norm(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        eps: f64,
    ) -> FloatTensor<Self> {
        if is_f32(&x) {
            kernels::norm(x, weight, bias, eps)
        } else {
            portable::norm::<Self>(x, weight, bias, eps)
        }
    }

    fn last_norm_grad(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        eps: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        if is_f32(&x) {
            kernels::norm_grad(x, weight, grad, eps)
        } else {
            portable::norm_grad::<Self>(x, weight, grad, eps)
        }
    }

    fn sum_and_norm(
        x: FloatTensor<Self>,
        y: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        eps: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if is_f32(&x) {
            return kernels::sum_and_norm(x, y, None, weight, bias, eps);
        }
        let sum = Self::float_add(x, y);
        (sum.clone(), portable::norm::<Self>(sum, weight, bias, eps))
    }

    fn product(lhs: FloatTensor<Self>, rhs: FloatTensor<Self>, alpha: f64) -> FloatTensor<Self> {
        if Means::of(&lhs).own_products {
            kernels::product(lhs, rhs, alpha)
        } else {
            portable::product::<Self>(lhs, rhs, alpha)
        }
    }

    fn affine(
        x: FloatTensor<Self>,
        w: FloatTensor<Self>,
        b: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        if is_f32(&x) && Means::of(&x).own_products {
            kernels::affine(x, w, b)
        } else {
            portable::affine::<Self>(x, w, b)
        }
    }

    fn affine_weight_grad(
        x: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if is_f32(&x) && Means::of(&x).own_products {
            kernels::affine_weight_grad(x, grad)
        } else {
            portable::affine_weight_grad::<Self>(x, grad)
        }
    }

    fn scored_softmax(
        x: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        padding: FloatTensor<Self>,
        kept: FloatTensor<Self>,
        heads: Heads,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if !is_f32(&x) {
            return attend::softmax::<Self>(x, [bias, padding, kept], heads);
        }
        let additions = Additions {
            bias: heads.biased.then_some(bias),
            padding: heads.padded.then_some(padding),
            kept: heads.dropped.then_some(kept),
        };
        kernels::scored_softmax(x, additions)
    }

    fn dropped_softmax_grad(
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        kept: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if is_f32(&y) {
            return kernels::dropped_softmax_grad(y, grad, kept);
        }
        let dropped = Self::float_mul(y.clone(), kept.clone());
        let grad = portable::softmax_grad::<Self>(y, Self::float_mul(grad, kept));
        (grad, dropped)
    }

    fn dropped_sum_and_norm(
        x: FloatTensor<Self>,
        y: FloatTensor<Self>,
        kept: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        eps: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if is_f32(&x) {
            return kernels::sum_and_norm(x, y, Some(kept), weight, bias, eps);
        }
        Self::sum_and_norm(x, Self::float_mul(y, kept), weight, bias, eps)
    }

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
        if is_f32(&sum) {
            return kernels::dropped_norm_grad(sum, weight, grad, Some(kept), eps);
        }
        let (x, weight, bias) = Self::last_norm_grad(sum, weight, grad, eps);
        (x.clone(), Self::float_mul(x, kept), weight, bias)
    }

    fn affine_thrice(
        x: FloatTensor<Self>,
        w0: FloatTensor<Self>,
        w1: FloatTensor<Self>,
        w2: FloatTensor<Self>,
        b0: FloatTensor<Self>,
        b1: FloatTensor<Self>,
        b2: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let means = Means::of(&x);
        if is_f32(&x) && means.own_products && means.eight_tensors && means.fuses {
            return kernels::affine_thrice(x, [w0, w1, w2], [b0, b1, b2]).into();
        }
        (
            Self::affine(x.clone(), w0, b0),
            Self::affine(x.clone(), w1, b1),
            Self::affine(x, w2, b2),
        )
    }

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
        let means = Means::of(&x);
        if is_f32(&x) && means.own_products && means.fuses {
            return kernels::affine_thrice_grad(x, [g0, g1, g2]).into();
        }
        (
            Self::affine_weight_grad(x.clone(), g0),
            Self::affine_weight_grad(x.clone(), g1),
            Self::affine_weight_grad(x, g2),
        )
    }

    fn sum_of_products(
        l0: FloatTensor<Self>,
        l1: FloatTensor<Self>,
        l2: FloatTensor<Self>,
        r0: FloatTensor<Self>,
        r1: FloatTensor<Self>,
        r2: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let means = Means::of(&l0);
        if is_f32(&l0) && means.own_products && means.fuses {
            return kernels::sum_of_three([l0, l1, l2], [r0, r1, r2]);
        }
        let two = Self::float_add(Self::product(l0, r0, 1.0), Self::product(l1, r1, 1.0));
        Self::float_add(two, Self::product(l2, r2, 1.0))
    }

    fn gated_bias(
        p: FloatTensor<Self>,
        constant: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        if is_f32(&p) {
            kernels::gated_bias(p, constant, bias)
        } else {
            gate::gated_bias::<Self>(p, constant, bias)
        }
    }

    fn gated_bias_grad(
        p: FloatTensor<Self>,
        constant: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        if is_f32(&p) {
            kernels::gated_bias_grad(p, constant, bias, grad)
        } else {
            gate::gated_bias_grad::<Self>(p, constant, bias, grad)
        }
    }

    fn window_product(
        x: FloatTensor<Self>,
        w: FloatTensor<Self>,
        window: Window,
    ) -> FloatTensor<Self> {
        if Means::of(&x).own_products {
            kernels::window_product(x, w, window)
        } else {
            window::product::<Self>(x, w, window)
        }
    }

    fn window_weight_grad(
        x: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        window: Window,
    ) -> FloatTensor<Self> {
        if Means::of(&x).own_products {
            kernels::window_weight_grad(x, grad, window)
        } else {
            window::weight_grad::<Self>(x, grad, window)
        }
    }

    fn window_fold(columns: FloatTensor<Self>, time: usize, window: Window) -> FloatTensor<Self> {
        if is_f32(&columns) {
            kernels::window_fold(columns, time, window)
        } else {
            window::fold::<Self>(columns, time, window)
        }
    }

    fn add_square_sum(totals: FloatTensor<Self>, x: FloatTensor<Self>) -> FloatTensor<Self> {
        if is_f32(&x) {
            kernels::add_square_sum(totals, x)
        } else {
            portable::add_square_sum::<Self>(totals, x)
        }
    }

    fn adam_step(
        value: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        step: AdamStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        if is_f32(&value) {
            kernels::adam_step(value, grad, scale, first, second, step)
        } else {
            portable::adam_step::<Self>(value, grad, scale, first, second, step)
        }
    }
}
