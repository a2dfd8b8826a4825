//! The operations composed of primitives, for every back end.

use crate::ops::AdamStep;
use burn::{
    backend::{Backend, TensorMetadata, tensor::FloatTensor},
    tensor::Slice,
};
use std::f64::consts::{FRAC_1_SQRT_2, PI};

fn last<B: Backend>(x: &FloatTensor<B>) -> usize {
    x.shape().num_dims() - 1
}

/// Φ(x)
fn normal_cdf<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    let erf = B::float_erf(B::float_mul_scalar(x, FRAC_1_SQRT_2.into()));
    B::float_mul_scalar(B::float_add_scalar(erf, 1f64.into()), 0.5f64.into())
}

pub(super) fn gelu<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    B::float_mul(x.clone(), normal_cdf::<B>(x))
}

pub(super) fn gelu_grad<B: Backend>(x: FloatTensor<B>, grad: FloatTensor<B>) -> FloatTensor<B> {
    let square = B::float_mul(x.clone(), x.clone());
    let density = B::float_exp(B::float_mul_scalar(square, (-0.5f64).into()));
    let density = B::float_mul_scalar(density, (1.0 / (2.0 * PI).sqrt()).into());
    let slope = B::float_add(normal_cdf::<B>(x.clone()), B::float_mul(x, density));
    B::float_mul(grad, slope)
}

pub(super) fn softmax<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    let dim = last::<B>(&x);
    let max = B::float_max_dim(x.clone(), dim);
    let exp = B::float_exp(B::float_sub(x, max));
    let sum = B::float_sum_dim(exp.clone(), dim);
    B::float_div(exp, sum)
}

pub(super) fn softmax_grad<B: Backend>(y: FloatTensor<B>, grad: FloatTensor<B>) -> FloatTensor<B> {
    let dim = last::<B>(&y);
    let mean = B::float_sum_dim(B::float_mul(grad.clone(), y.clone()), dim);
    B::float_mul(y, B::float_sub(grad, mean))
}

/// (x - μ) / √(σ² + ε) and 1 / √(σ² + ε) over axis `dim`
fn standardise<B: Backend>(
    x: FloatTensor<B>,
    dim: usize,
    eps: f64,
) -> (FloatTensor<B>, FloatTensor<B>) {
    let centred = B::float_sub(x.clone(), B::float_mean_dim(x, dim));
    let variance = B::float_mean_dim(B::float_mul(centred.clone(), centred.clone()), dim);
    let inverse = B::float_recip(B::float_sqrt(B::float_add_scalar(variance, eps.into())));
    (B::float_mul(centred, inverse.clone()), inverse)
}

/// `[C]` to `[1, .., C]`
fn row<B: Backend>(vector: FloatTensor<B>, like: &FloatTensor<B>) -> FloatTensor<B> {
    let mut shape = vec![1; like.shape().num_dims() - 1];
    shape.push(vector.shape().num_elements());
    B::float_reshape(vector, shape.into())
}

pub(super) fn norm<B: Backend>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    eps: f64,
) -> FloatTensor<B> {
    let (weight, bias) = (row::<B>(weight, &x), row::<B>(bias, &x));
    let dim = last::<B>(&x);
    let (standard, _) = standardise::<B>(x, dim, eps);
    B::float_add(B::float_mul(standard, weight), bias)
}

pub(super) fn norm_grad<B: Backend>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    grad: FloatTensor<B>,
    eps: f64,
) -> (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>) {
    let dim = last::<B>(&x);
    let width = weight.shape().num_elements();
    let rows = x.shape().num_elements() / width.max(1);
    let weight = row::<B>(weight, &x);
    let (standard, inverse) = standardise::<B>(x, dim, eps);

    let column_sum = |tensor: FloatTensor<B>| {
        let flat = B::float_reshape(tensor, [rows, width].into());
        B::float_reshape(B::float_sum_dim(flat, 0), [width].into())
    };
    let weight_grad = column_sum(B::float_mul(grad.clone(), standard.clone()));
    let bias_grad = column_sum(grad.clone());

    let x_grad = standard_grad::<B>(standard, inverse, B::float_mul(grad, weight), dim);
    (x_grad, weight_grad, bias_grad)
}

/// (g - mean(g) - y mean(g y)) / √(σ² + ε) over axis `dim`, for the standardised y.
fn standard_grad<B: Backend>(
    standard: FloatTensor<B>,
    inverse: FloatTensor<B>,
    grad: FloatTensor<B>,
    dim: usize,
) -> FloatTensor<B> {
    let mean = B::float_mean_dim(grad.clone(), dim);
    let along = B::float_mean_dim(B::float_mul(grad.clone(), standard.clone()), dim);
    let x_grad = B::float_sub(B::float_sub(grad, mean), B::float_mul(standard, along));
    B::float_mul(x_grad, inverse)
}

pub(super) fn time_standard<B: Backend>(x: FloatTensor<B>, eps: f64) -> FloatTensor<B> {
    standardise::<B>(x, 1, eps).0
}

pub(super) fn time_standard_grad<B: Backend>(
    x: FloatTensor<B>,
    grad: FloatTensor<B>,
    eps: f64,
) -> FloatTensor<B> {
    let (standard, inverse) = standardise::<B>(x, 1, eps);
    standard_grad::<B>(standard, inverse, grad, 1)
}

pub(super) fn adam_step<B: Backend>(
    value: FloatTensor<B>,
    grad: FloatTensor<B>,
    scale: FloatTensor<B>,
    first: FloatTensor<B>,
    second: FloatTensor<B>,
    step: AdamStep,
) -> (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>) {
    let times = |x: FloatTensor<B>, factor: f64| B::float_mul_scalar(x, factor.into());
    let grad = B::float_mul(grad, scale);
    let square = B::float_mul(grad.clone(), grad.clone());
    let first = B::float_add(times(first, step.beta1), times(grad, 1.0 - step.beta1));
    let second = B::float_add(times(second, step.beta2), times(square, 1.0 - step.beta2));
    let root = times(
        B::float_sqrt(second.clone()),
        1.0 / step.correction2().sqrt(),
    );
    let root = B::float_add_scalar(root, step.eps.into());
    let change = times(
        B::float_div(first.clone(), root),
        step.rate / step.correction1(),
    );
    let value = B::float_sub(times(value, 1.0 - step.rate * step.weight_decay), change);
    (value, first, second)
}

/// The matrix product; the smaller operand takes `alpha`.
pub(super) fn product<B: Backend>(
    lhs: FloatTensor<B>,
    rhs: FloatTensor<B>,
    alpha: f64,
) -> FloatTensor<B> {
    if alpha == 1.0 {
        return B::float_matmul(lhs, rhs);
    }
    if lhs.shape().num_elements() <= rhs.shape().num_elements() {
        B::float_matmul(B::float_mul_scalar(lhs, alpha.into()), rhs)
    } else {
        B::float_matmul(lhs, B::float_mul_scalar(rhs, alpha.into()))
    }
}

pub(super) fn affine<B: Backend>(
    x: FloatTensor<B>,
    w: FloatTensor<B>,
    b: FloatTensor<B>,
) -> FloatTensor<B> {
    let y = B::float_matmul(x, B::float_swap_dims(w, 0, 1));
    let b = row::<B>(b, &y);
    B::float_add(y, b)
}

pub(super) fn affine_weight_grad<B: Backend>(
    x: FloatTensor<B>,
    grad: FloatTensor<B>,
) -> (FloatTensor<B>, FloatTensor<B>) {
    let out = grad.shape()[1];
    let bias = B::float_reshape(B::float_sum_dim(grad.clone(), 0), [out].into());
    (B::float_matmul(B::float_swap_dims(grad, 0, 1), x), bias)
}

/// The first of the totals takes it all.
pub(super) fn add_square_sum<B: Backend>(
    totals: FloatTensor<B>,
    x: FloatTensor<B>,
) -> FloatTensor<B> {
    let sum = B::float_sum(B::float_mul(x.clone(), x));
    let first = [Slice::new(0, Some(1), 1)];
    let more = B::float_add(B::float_slice(totals.clone(), &first), sum);
    B::float_slice_assign(totals, &first, more)
}
