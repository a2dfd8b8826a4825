//! The arithmetic of the fused operations on slices of f32.
//!
//! Functions are written so that the compiler turns their loops into vector instructions: no
//! calls into the mathematical library, no branches.

#![allow(
    clippy::excessive_precision,
    reason = "coefficients stand as they were published"
)]

use super::AdamStep;
use std::f32::consts::{FRAC_1_SQRT_2, LOG2_E};

/// 1/√(2π)
const DENSITY: f32 = 0.398_942_28;
/// Elements that a thread takes at once.
const CHUNK: usize = 16 * 1024;

/// erf(x) by a rational function of degree 13 over 8, as XLA and Eigen compute it; off by at
/// most 3e-7.
#[inline(always)]
pub(super) fn erf(x: f32) -> f32 {
    let x = x.clamp(-4.0, 4.0);
    let s = x * x;
    let p = -2.726_142_3e-10_f32;
    let p = p * s + 2.770_681_4e-8;
    let p = p * s - 2.101_024e-6;
    let p = p * s - 5.692_506_4e-5;
    let p = p * s - 7.349_906_3e-4;
    let p = p * s - 2.954_599_8e-3;
    let p = p * s - 1.609_603_3e-2;
    let q = -1.456_607_2e-5_f32;
    let q = q * s - 2.133_740_6e-4;
    let q = q * s - 1.682_827e-3;
    let q = q * s - 7.373_329e-3;
    let q = q * s - 1.426_473_9e-2;
    // The quotient ends a little below 1, and the product with a large x would show it.
    if x.abs() > 3.92 {
        1.0_f32.copysign(x)
    } else {
        x * p / q
    }
}

/// eˣ for x ≤ 0 or small, to 2 units in the last place; 0 below -87.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    // Adding and taking away 1.5 * 2²³ rounds to a whole number.
    const ROUND: f32 = 12_582_912.0;
    let clamped = x.clamp(-87.0, 88.0);
    let n = (clamped * LOG2_E + ROUND) - ROUND;
    // ln 2 in two parts, so that the product with n is exact.
    let r = clamped - n * 0.693_359_375;
    let r = r + n * 2.121_944_4e-4;
    let p = 1.987_569_1e-4_f32;
    let p = p * r + 1.398_2e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 0.166_666_66;
    let p = p * r + 0.5;
    let y = p * r * r + r + 1.0;
    let power = f32::from_bits((((n as i32) + 127) << 23) as u32);
    if x < -87.0 { 0.0 } else { y * power }
}

#[inline(always)]
pub(super) fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + erf(x * FRAC_1_SQRT_2))
}

/// Φ(x) + x φ(x)
#[inline(always)]
pub(super) fn gelu_slope(x: f32) -> f32 {
    0.5 * (1.0 + erf(x * FRAC_1_SQRT_2)) + x * DENSITY * exp(-0.5 * x * x)
}

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

/// Sum in 16 lanes: faster than one after the other, and nearer to the truth.
#[inline(always)]
fn sum(x: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 16];
    let chunks = x.chunks_exact(16);
    let tail: f32 = chunks.remainder().iter().sum();
    for chunk in chunks {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *lane += x;
        }
    }
    lanes.iter().sum::<f32>() + tail
}

#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 16];
    let (ca, cb) = (a.chunks_exact(16), b.chunks_exact(16));
    let tail: f32 = ca
        .remainder()
        .iter()
        .zip(cb.remainder())
        .map(|(a, b)| a * b)
        .sum();
    for (a, b) in ca.zip(cb) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    lanes.iter().sum::<f32>() + tail
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

/// Two sums for each place of a row.
type Sums = (Vec<f32>, Vec<f32>);

fn zero(width: usize) -> Sums {
    (vec![0.0; width], vec![0.0; width])
}

fn add(mut total: Sums, part: Sums) -> Sums {
    total.0.iter_mut().zip(part.0).for_each(|(t, p)| *t += p);
    total.1.iter_mut().zip(part.1).for_each(|(t, p)| *t += p);
    total
}

/// Elements of whole rows that make about one chunk.
fn block(width: usize) -> usize {
    CHUNK.div_ceil(width) * width
}

/// Runs `f`, compiled for the widest vectors that this processor has.
#[cfg(not(target_arch = "wasm32"))]
#[inline(always)]
fn vectorised<R>(f: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(f)
}

/// Runs `f`; a build for the web has one width of vectors.
#[cfg(all(target_arch = "wasm32", target_feature = "atomics"))]
#[inline(always)]
fn vectorised<R>(f: impl FnOnce() -> R) -> R {
    f()
}

/// Rows by themselves, on all cores. Which thread takes a row does not change a result.
#[cfg(any(not(target_arch = "wasm32"), target_feature = "atomics"))]
mod threads {
    use super::{CHUNK, Sums, add, block, vectorised, zero};
    use rayon::prelude::*;

    pub(super) fn chunks(x: &[f32], f: &(impl Fn(&[f32]) -> f64 + Sync)) -> Vec<f64> {
        x.par_chunks(CHUNK)
            .map(|chunk| vectorised(|| f(chunk)))
            .collect()
    }

    pub(super) fn rows(
        x: &[f32],
        out: &mut [f32],
        width: usize,
        f: &(impl Fn(&[f32], &mut [f32]) + Sync),
    ) {
        let block = block(width);
        out.par_chunks_mut(block)
            .zip(x.par_chunks(block))
            .for_each(|(out, x)| {
                vectorised(|| {
                    for (out, x) in out.chunks_mut(width).zip(x.chunks(width)) {
                        f(x, out);
                    }
                });
            });
    }

    pub(super) fn rows2(
        a: &[f32],
        b: &[f32],
        out: &mut [f32],
        width: usize,
        f: &(impl Fn(&[f32], &[f32], &mut [f32]) + Sync),
    ) {
        let block = block(width);
        out.par_chunks_mut(block)
            .zip(a.par_chunks(block))
            .zip(b.par_chunks(block))
            .for_each(|((out, a), b)| {
                vectorised(|| {
                    for ((out, a), b) in out
                        .chunks_mut(width)
                        .zip(a.chunks(width))
                        .zip(b.chunks(width))
                    {
                        f(a, b, out);
                    }
                });
            });
    }

    pub(super) fn in_place3(
        a: &mut [f32],
        b: &mut [f32],
        c: &mut [f32],
        x: &[f32],
        f: &(impl Fn(&mut [f32], &mut [f32], &mut [f32], &[f32]) + Sync),
    ) {
        a.par_chunks_mut(CHUNK)
            .zip(b.par_chunks_mut(CHUNK))
            .zip(c.par_chunks_mut(CHUNK))
            .zip(x.par_chunks(CHUNK))
            .for_each(|(((a, b), c), x)| vectorised(|| f(a, b, c, x)));
    }

    pub(super) fn reduce_rows(
        x: &[f32],
        grad: &[f32],
        out: &mut [f32],
        width: usize,
        f: &(impl Fn(&[f32], &[f32], &mut [f32], &mut Sums) + Sync),
    ) -> Sums {
        let block = block(width);
        // Collected in order and added in order: the same sums on every run.
        let parts: Vec<Sums> = out
            .par_chunks_mut(block)
            .zip(x.par_chunks(block))
            .zip(grad.par_chunks(block))
            .map(|((out, x), grad)| {
                let mut sums = zero(width);
                vectorised(|| {
                    let rows = out
                        .chunks_mut(width)
                        .zip(x.chunks(width))
                        .zip(grad.chunks(width));
                    for ((out, x), grad) in rows {
                        f(x, grad, out, &mut sums);
                    }
                });
                sums
            })
            .collect();
        parts.into_iter().fold(zero(width), add)
    }
}

/// Rows one after the other.
#[cfg(all(target_arch = "wasm32", not(target_feature = "atomics")))]
mod threads {
    use super::{CHUNK, Sums, add, block, zero};

    pub(super) fn chunks(x: &[f32], f: &impl Fn(&[f32]) -> f64) -> Vec<f64> {
        x.chunks(CHUNK).map(f).collect()
    }

    pub(super) fn rows(x: &[f32], out: &mut [f32], width: usize, f: &impl Fn(&[f32], &mut [f32])) {
        for (out, x) in out.chunks_mut(width).zip(x.chunks(width)) {
            f(x, out);
        }
    }

    pub(super) fn rows2(
        a: &[f32],
        b: &[f32],
        out: &mut [f32],
        width: usize,
        f: &impl Fn(&[f32], &[f32], &mut [f32]),
    ) {
        for ((out, a), b) in out
            .chunks_mut(width)
            .zip(a.chunks(width))
            .zip(b.chunks(width))
        {
            f(a, b, out);
        }
    }

    pub(super) fn in_place3(
        a: &mut [f32],
        b: &mut [f32],
        c: &mut [f32],
        x: &[f32],
        f: &impl Fn(&mut [f32], &mut [f32], &mut [f32], &[f32]),
    ) {
        f(a, b, c, x);
    }

    pub(super) fn reduce_rows(
        x: &[f32],
        grad: &[f32],
        out: &mut [f32],
        width: usize,
        f: &impl Fn(&[f32], &[f32], &mut [f32], &mut Sums),
    ) -> Sums {
        let block = block(width);
        // In the same parts as with threads, so that the sums are the same to the bit.
        out.chunks_mut(block)
            .zip(x.chunks(block))
            .zip(grad.chunks(block))
            .map(|((out, x), grad)| {
                let mut sums = zero(width);
                let rows = out
                    .chunks_mut(width)
                    .zip(x.chunks(width))
                    .zip(grad.chunks(width));
                for ((out, x), grad) in rows {
                    f(x, grad, out, &mut sums);
                }
                sums
            })
            .fold(zero(width), add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn erf_and_exp_are_near_the_library() {
        for i in -60_000..=60_000 {
            let x = i as f32 / 10_000.0;
            assert!(
                (erf(x) - libm::erf(f64::from(x)) as f32).abs() < 5e-7,
                "erf({x})"
            );
            let y = exp(-x.abs() * 10.0);
            let expected = (f64::from(-x.abs() * 10.0)).exp();
            assert!(
                (f64::from(y) - expected).abs() <= 3e-7 * expected,
                "exp({})",
                -x.abs() * 10.0
            );
        }
        assert_eq!(exp(-1e9), 0.0);
    }

    #[test]
    fn slope_is_the_derivative() {
        for i in -500..=500 {
            let x = f64::from(i) / 100.0;
            let gelu = |x: f64| 0.5 * x * (1.0 + libm::erf(x / 2f64.sqrt()));
            let slope = (gelu(x + 1e-5) - gelu(x - 1e-5)) / 2e-5;
            assert!(
                (f64::from(gelu_slope(x as f32)) - slope).abs() < 1e-6,
                "{x}"
            );
        }
    }
}
