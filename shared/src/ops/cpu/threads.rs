//! Rows by themselves, on all cores where there are threads. Which thread takes a row does not change a result.

#[cfg(any(not(target_arch = "wasm32"), target_feature = "atomics"))]
use rayon::prelude::*;

/// Elements that a thread takes at once.
pub(super) const CHUNK: usize = 16 * 1024;

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
#[cfg(target_arch = "wasm32")]
#[inline(always)]
fn vectorised<R>(f: impl FnOnce() -> R) -> R {
    f()
}

/// Pieces of slices, for all cores at once.
#[cfg(any(not(target_arch = "wasm32"), target_feature = "atomics"))]
mod pieces {
    use rayon::prelude::*;

    pub(super) fn of(x: &[f32], size: usize) -> impl IndexedParallelIterator<Item = &[f32]> {
        x.par_chunks(size)
    }

    pub(super) fn of_mut(
        x: &mut [f32],
        size: usize,
    ) -> impl IndexedParallelIterator<Item = &mut [f32]> {
        x.par_chunks_mut(size)
    }
}

/// Pieces of slices, one after the other.
#[cfg(all(target_arch = "wasm32", not(target_feature = "atomics")))]
mod pieces {
    pub(super) fn of(x: &[f32], size: usize) -> impl Iterator<Item = &[f32]> {
        x.chunks(size)
    }

    pub(super) fn of_mut(x: &mut [f32], size: usize) -> impl Iterator<Item = &mut [f32]> {
        x.chunks_mut(size)
    }
}

pub(super) fn chunks(x: &[f32], f: &(impl Fn(&[f32]) -> f64 + Sync)) -> Vec<f64> {
    pieces::of(x, CHUNK)
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
    pieces::of_mut(out, block)
        .zip(pieces::of(x, block))
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
    pieces::of_mut(out, block)
        .zip(pieces::of(a, block))
        .zip(pieces::of(b, block))
        .for_each(|((out, a), b)| {
            vectorised(|| {
                let pairs = a.chunks(width).zip(b.chunks(width));
                for (out, (a, b)) in out.chunks_mut(width).zip(pairs) {
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
    pieces::of_mut(a, CHUNK)
        .zip(pieces::of_mut(b, CHUNK))
        .zip(pieces::of_mut(c, CHUNK))
        .zip(pieces::of(x, CHUNK))
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
    // Collected in order and added in order: the same sums on every run, with any number of threads.
    let parts: Vec<Sums> = pieces::of_mut(out, block)
        .zip(pieces::of(x, block))
        .zip(pieces::of(grad, block))
        .map(|((out, x), grad)| {
            let mut sums = zero(width);
            vectorised(|| {
                let pairs = x.chunks(width).zip(grad.chunks(width));
                for (out, (x, grad)) in out.chunks_mut(width).zip(pairs) {
                    f(x, grad, out, &mut sums);
                }
            });
            sums
        })
        .collect();
    parts.into_iter().fold(zero(width), add)
}
