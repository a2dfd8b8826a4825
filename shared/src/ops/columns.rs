//! Normalisation of columns on slices of f32: every channel over time.
//!
//! Sums over thousands of frames are kept in f64, in which no frame's share is lost.

use super::cpu;

/// Σ over the rows of `x` of what `f` adds for a row.
fn sums(x: &[f32], width: usize, f: impl Fn(&[f32], &mut [f64])) -> Vec<f64> {
    let mut sums = vec![0.0; width];
    x.chunks_exact(width).for_each(|row| f(row, &mut sums));
    sums
}

/// Mean and 1/√(σ² + ε) of every column.
fn moments(x: &[f32], width: usize, eps: f64) -> (Vec<f64>, Vec<f64>) {
    let count = (x.len() / width).max(1) as f64;
    let mut means = sums(x, width, |row, sums| {
        for (sum, &x) in sums.iter_mut().zip(row) {
            *sum += f64::from(x);
        }
    });
    means.iter_mut().for_each(|mean| *mean /= count);
    let mut inverses = sums(x, width, |row, sums| {
        for ((sum, &x), mean) in sums.iter_mut().zip(row).zip(&means) {
            let centred = f64::from(x) - mean;
            *sum += centred * centred;
        }
    });
    inverses
        .iter_mut()
        .for_each(|square| *square = 1.0 / (*square / count + eps).sqrt());
    (means, inverses)
}

/// (x - μ) / √(σ² + ε) for blocks of `time` rows of `width`.
pub(super) fn standard(x: &[f32], (time, width): (usize, usize), eps: f64) -> Vec<f32> {
    cpu::rows(x, time * width, |x, out| {
        let (means, inverses) = moments(x, width, eps);
        for (out, x) in out.chunks_exact_mut(width).zip(x.chunks_exact(width)) {
            for (((out, &x), mean), inverse) in out.iter_mut().zip(x).zip(&means).zip(&inverses) {
                *out = ((f64::from(x) - mean) * inverse) as f32;
            }
        }
    })
}

/// Gradient of x: (g - mean(g) - y mean(g y)) / √(σ² + ε), y being the standardised x.
pub(super) fn standard_grad(
    x: &[f32],
    grad: &[f32],
    (time, width): (usize, usize),
    eps: f64,
) -> Vec<f32> {
    cpu::rows2(x, grad, time * width, |x, grad, out| {
        let (means, inverses) = moments(x, width, eps);
        let count = time as f64;
        let mut total = vec![0.0; width];
        let mut along = vec![0.0; width];
        for (x, grad) in x.chunks_exact(width).zip(grad.chunks_exact(width)) {
            for (c, (&x, &g)) in x.iter().zip(grad).enumerate() {
                total[c] += f64::from(g);
                along[c] += f64::from(g) * (f64::from(x) - means[c]) * inverses[c];
            }
        }
        let rows = out
            .chunks_exact_mut(width)
            .zip(x.chunks_exact(width))
            .zip(grad.chunks_exact(width));
        for ((out, x), grad) in rows {
            for (c, (out, (&x, &g))) in out.iter_mut().zip(x.iter().zip(grad)).enumerate() {
                let standard = (f64::from(x) - means[c]) * inverses[c];
                *out = ((f64::from(g) - total[c] / count - standard * along[c] / count)
                    * inverses[c]) as f32;
            }
        }
    })
}
