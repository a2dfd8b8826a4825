//! Convolution over time as a product of windows and weights.
//!
//! `x` is `[G, N, T, C]` (groups, rows, frames, channels), `w` is `[G, K C, O]`, tap by tap; the
//! result is `[G, N, (T - K) / stride + 1, O]`.

use super::SpeechOps;
use burn::{
    backend::{Backend, TensorMetadata, tensor::FloatTensor},
    tensor::Slice,
};

/// Taps that are laid side by side for one product: more would cost memory, fewer speed.
const TAPS: usize = 16;

/// What every function here needs to know.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Frames under the kernel.
    pub kernel: usize,
    /// Frames from one position to the next.
    pub stride: usize,
}

impl Window {
    /// Positions in `time` frames, which are at least as many as the kernel's.
    #[must_use]
    pub fn positions(self, time: usize) -> usize {
        (time - self.kernel) / self.stride + 1
    }
}

/// Sizes of `x`.
pub(super) fn sizes<B: Backend>(x: &FloatTensor<B>) -> [usize; 4] {
    let shape = x.shape();
    [shape[0], shape[1], shape[2], shape[3]]
}

/// `[G, N, positions, C]`: the frames that tap `tap` sees.
fn seen(tap: usize, window: Window, positions: usize) -> [Slice; 4] {
    let all = Slice::new(0, None, 1);
    let end = tap + (positions - 1) * window.stride + 1;
    [
        all,
        all,
        Slice::new(tap as isize, Some(end as isize), window.stride as isize),
        all,
    ]
}

/// `[G, N, positions, taps C]`: the frames of several taps side by side.
fn columns<B: Backend>(
    x: &FloatTensor<B>,
    first: usize,
    taps: usize,
    window: Window,
) -> FloatTensor<B> {
    let positions = window.positions(sizes::<B>(x)[2]);
    let frames = |tap| B::float_slice(x.clone(), &seen(tap, window, positions));
    B::float_cat((first..first + taps).map(frames).collect(), 3)
}

fn chunks(kernel: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..kernel)
        .step_by(TAPS)
        .map(move |first| (first, TAPS.min(kernel - first)))
}

pub(super) fn product<B: Backend + SpeechOps>(
    x: FloatTensor<B>,
    w: FloatTensor<B>,
    window: Window,
) -> FloatTensor<B> {
    let [groups, rows, time, channels] = sizes::<B>(&x);
    let (positions, out) = (window.positions(time), w.shape()[2]);
    let all = Slice::new(0, None, 1);
    let mut sum: Option<FloatTensor<B>> = None;
    for (first, taps) in chunks(window.kernel) {
        let columns = columns::<B>(&x, first, taps, window);
        let columns = B::float_reshape(columns, [groups, rows * positions, taps * channels].into());
        let range = Slice::new(
            (first * channels) as isize,
            Some(((first + taps) * channels) as isize),
            1,
        );
        let part = B::product(columns, B::float_slice(w.clone(), &[all, range, all]), 1.0);
        sum = Some(match sum {
            Some(sum) => B::float_add(sum, part),
            None => part,
        });
    }
    // A kernel has at least one tap, so there is a sum.
    let sum = sum.unwrap_or(w);
    B::float_reshape(sum, [groups, rows, positions, out].into())
}

/// Gradient of `w`: windowsᵀ times the gradient.
pub(super) fn weight_grad<B: Backend + SpeechOps>(
    x: FloatTensor<B>,
    grad: FloatTensor<B>,
    window: Window,
) -> FloatTensor<B> {
    let [groups, rows, time, channels] = sizes::<B>(&x);
    let (positions, out) = (window.positions(time), sizes::<B>(&grad)[3]);
    let grad = B::float_reshape(grad, [groups, rows * positions, out].into());
    let parts = chunks(window.kernel).map(|(first, taps)| {
        let columns = columns::<B>(&x, first, taps, window);
        let columns = B::float_reshape(columns, [groups, rows * positions, taps * channels].into());
        B::product(B::float_swap_dims(columns, 1, 2), grad.clone(), 1.0)
    });
    B::float_cat(parts.collect(), 1)
}

/// Gradient of `x`, which has `time` frames.
pub(super) fn input_grad<B: Backend + SpeechOps>(
    w: FloatTensor<B>,
    grad: FloatTensor<B>,
    time: usize,
    window: Window,
) -> FloatTensor<B> {
    let [groups, rows, positions, out] = sizes::<B>(&grad);
    let channels = w.shape()[1] / window.kernel;
    let (device, dtype) = (grad.device(), grad.dtype());
    if window.stride == 1 {
        // The same operation with the taps turned round, on the gradient with margins.
        let margin = || {
            B::float_zeros(
                [groups, rows, window.kernel - 1, out].into(),
                &device,
                dtype.into(),
            )
        };
        let padded = B::float_cat(vec![margin(), grad, margin()], 2);
        let turned = B::float_reshape(w, [groups, window.kernel, channels, out].into());
        let turned = B::float_permute(B::float_flip(turned, &[1]), &[0, 1, 3, 2]);
        let turned = B::float_reshape(turned, [groups, window.kernel * out, channels].into());
        return B::window_product(padded, turned, window);
    }
    let flat = B::float_reshape(grad, [groups, rows * positions, out].into());
    let columns = B::product(flat, B::float_swap_dims(w, 1, 2), 1.0);
    let columns = B::float_reshape(
        columns,
        [groups, rows, positions, window.kernel * channels].into(),
    );
    B::window_fold(columns, time, window)
}

/// `[G, N, T', K C]` to `[G, N, time, C]`: what each frame is to the windows that see it, added up.
pub(super) fn fold<B: Backend>(
    columns: FloatTensor<B>,
    time: usize,
    window: Window,
) -> FloatTensor<B> {
    let [groups, rows, positions, width] = sizes::<B>(&columns);
    let channels = width / window.kernel;
    let (device, dtype) = (columns.device(), columns.dtype());
    let all = Slice::new(0, None, 1);
    let mut x_grad = B::float_zeros([groups, rows, time, channels].into(), &device, dtype.into());
    for tap in 0..window.kernel {
        let range = Slice::new(
            (tap * channels) as isize,
            Some(((tap + 1) * channels) as isize),
            1,
        );
        let part = B::float_slice(columns.clone(), &[all, all, all, range]);
        let place = seen(tap, window, positions);
        let sum = B::float_add(B::float_slice(x_grad.clone(), &place), part);
        x_grad = B::float_slice_assign(x_grad, &place, sum);
    }
    x_grad
}
