//! The arithmetic of the fused operations on slices of f32.
//!
//! Functions are written so that the compiler turns their loops into vector instructions: no
//! calls into the mathematical library, no branches.

mod elementary;
mod threads;

pub(super) use elementary::{gelu, gelu_slope};

use super::AdamStep;
use elementary::{dot, exp, sum};
use threads::CHUNK;

#[inline(always)]
pub(super) fn softmax(x: &[f32], y: &mut [f32]) {
    let max = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for (y, &x) in y.iter_mut().zip(x) {
        *y = exp(x - max);
    }
    let scale = 1.0 / sum(y);
    for y in y.iter_mut() {
        *y *= scale;
    }
}

#[inline(always)]
pub(super) fn softmax_grad(y: &[f32], grad: &[f32], out: &mut [f32]) {
    let mean = dot(y, grad);
    for ((out, &y), &g) in out.iter_mut().zip(y).zip(grad) {
        *out = y * (g - mean);
    }
}

/// Mean and 1/√(σ² + ε) of a row.
#[inline(always)]
fn moments(x: &[f32], eps: f64) -> (f32, f32) {
    let count = x.len() as f32;
    let mean = sum(x) / count;
    let mut lanes = [0.0_f32; 16];
    let chunks = x.chunks_exact(16);
    let tail: f32 = chunks
        .remainder()
        .iter()
        .map(|x| (x - mean) * (x - mean))
        .sum();
    for chunk in chunks {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *lane += (x - mean) * (x - mean);
        }
    }
    let variance = (lanes.iter().sum::<f32>() + tail) / count;
    (mean, 1.0 / (variance + eps as f32).sqrt())
}

#[inline(always)]
pub(super) fn norm(x: &[f32], weight: &[f32], bias: &[f32], eps: f64, y: &mut [f32]) {
    let (mean, inverse) = moments(x, eps);
    for (((y, &x), &w), &b) in y.iter_mut().zip(x).zip(weight).zip(bias) {
        *y = (x - mean) * inverse * w + b;
    }
}

/// Gradients of x, weight and bias of a normalisation of rows as wide as `weight`.
pub(super) fn norm_grad(
    x: &[f32],
    weight: &[f32],
    grad: &[f32],
    eps: f64,
) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
    let width = weight.len();
    let one = |x: &[f32], grad: &[f32], out: &mut [f32], sums: &mut (Vec<f32>, Vec<f32>)| {
        let (mean, inverse) = moments(x, eps);
        let (mut total, mut along) = (0.0_f32, 0.0_f32);
        for ((((&x, &g), &w), ws), bs) in x
            .iter()
            .zip(grad)
            .zip(weight)
            .zip(&mut sums.0)
            .zip(&mut sums.1)
        {
            let standard = (x - mean) * inverse;
            *ws += g * standard;
            *bs += g;
            total += g * w;
            along += g * w * standard;
        }
        let (total, along) = (total / width as f32, along / width as f32);
        for (((out, &x), &g), &w) in out.iter_mut().zip(x).zip(grad).zip(weight) {
            *out = (g * w - total - (x - mean) * inverse * along) * inverse;
        }
    };
    let mut x_grad = vec![0.0; x.len()];
    let (weight_grad, bias_grad) = threads::reduce_rows(x, grad, &mut x_grad, width, &one);
    (x_grad, weight_grad, bias_grad)
}

/// One `AdamW` step in place.
pub(super) fn adam_step(
    value: &mut [f32],
    grad: &[f32],
    scale: f32,
    first: &mut [f32],
    second: &mut [f32],
    step: &AdamStep,
) {
    let (b1, b2) = (step.beta1 as f32, step.beta2 as f32);
    let (a1, a2) = ((1.0 - step.beta1) as f32, (1.0 - step.beta2) as f32);
    let root = (1.0 / step.correction2().sqrt()) as f32;
    let rate = (step.rate / step.correction1()) as f32;
    let keep = (1.0 - step.rate * step.weight_decay) as f32;
    let eps = step.eps as f32;
    threads::in_place3(value, first, second, grad, &|p, m, v, g| {
        for (((p, m), v), &g) in p.iter_mut().zip(m).zip(v).zip(g) {
            let g = g * scale;
            *m = *m * b1 + g * a1;
            *v = *v * b2 + g * g * a2;
            *p = *p * keep - rate * *m / (v.sqrt() * root + eps);
        }
    });
}

/// Σ x²; chunks are added in order, so that it is the same on every run.
pub(super) fn square_sum(x: &[f32]) -> f64 {
    let of_chunk = |chunk: &[f32]| {
        let mut lanes = [0.0_f64; 8];
        let (whole, tail) = chunk.as_chunks::<8>();
        for part in whole {
            for (lane, &x) in lanes.iter_mut().zip(part) {
                *lane += f64::from(x) * f64::from(x);
            }
        }
        let tail: f64 = tail.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
        lanes.iter().sum::<f64>() + tail
    };
    threads::chunks(x, &of_chunk).iter().sum()
}

/// f of every element.
pub(super) fn map(x: &[f32], f: impl Fn(f32) -> f32 + Sync) -> Vec<f32> {
    rows(x, CHUNK, |x, y| {
        for (y, &x) in y.iter_mut().zip(x) {
            *y = f(x);
        }
    })
}

/// f of every pair of elements.
pub(super) fn zip(a: &[f32], b: &[f32], f: impl Fn(f32, f32) -> f32 + Sync) -> Vec<f32> {
    rows2(a, b, CHUNK, |a, b, y| {
        for ((y, &a), &b) in y.iter_mut().zip(a).zip(b) {
            *y = f(a, b);
        }
    })
}

/// f of every row of `width` elements.
pub(super) fn rows(x: &[f32], width: usize, f: impl Fn(&[f32], &mut [f32]) + Sync) -> Vec<f32> {
    let mut out = vec![0.0; x.len()];
    threads::rows(x, &mut out, width, &f);
    out
}

/// f of every pair of rows of `width` elements.
pub(super) fn rows2(
    a: &[f32],
    b: &[f32],
    width: usize,
    f: impl Fn(&[f32], &[f32], &mut [f32]) + Sync,
) -> Vec<f32> {
    let mut out = vec![0.0; a.len()];
    threads::rows2(a, b, &mut out, width, &f);
    out
}
