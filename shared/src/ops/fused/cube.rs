//! Kernels for graphics devices. They compute in f32; other formats are composed.

use super::{SpeechOps, Window, portable, window};
use crate::ops::{
    AdamStep,
    kernels::{self, Means, is_f32},
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
            return kernels::sum_and_norm(x, y, weight, bias, eps);
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
