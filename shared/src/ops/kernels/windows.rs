//! Convolution over time as products over windows that overlap in memory: nothing is copied.
//!
//! `x` is `[G, N, T, C]`, `w` is `[G, K C, O]`, tap by tap; the result is `[G, N, T', O]`.

use super::{
    means::{cubes, empty_like},
    product::{product, product_over_batches},
};
use crate::ops::Window;
use burn_cubecl::{
    cubecl::{self, prelude::*, zspace::metadata::Metadata},
    kernel::into_contiguous,
    tensor::CubeTensor,
};

/// Units of a cube.
const UNITS: usize = 128;

fn sizes(x: &CubeTensor) -> [usize; 4] {
    let shape = x.meta.shape();
    [shape[0], shape[1], shape[2], shape[3]]
}

/// `[G, N, T', K C]` over the storage of `x`.
fn windows(x: CubeTensor, window: Window) -> CubeTensor {
    let mut x = into_contiguous(x);
    let [groups, rows, time, channels] = sizes(&x);
    *x.meta = Metadata::new(
        vec![
            groups,
            rows,
            window.positions(time),
            window.kernel * channels,
        ],
        vec![
            rows * time * channels,
            time * channels,
            window.stride * channels,
            1,
        ],
    );
    x
}

/// `[G, I, O]` to `[G, rows, I, O]`, one for all rows.
fn for_all_rows(w: CubeTensor, rows: usize) -> CubeTensor {
    let mut w = w;
    let (shape, strides) = (w.meta.shape().to_vec(), w.meta.strides().to_vec());
    *w.meta = Metadata::new(
        vec![shape[0], rows, shape[1], shape[2]],
        vec![strides[0], 0, strides[1], strides[2]],
    );
    w
}

/// The convolution.
pub(in crate::ops) fn window_product(x: CubeTensor, w: CubeTensor, window: Window) -> CubeTensor {
    let rows = sizes(&x)[1];
    product(windows(x, window), for_all_rows(w, rows), 1.0)
}

/// Gradient of `w`.
pub(in crate::ops) fn window_weight_grad(
    x: CubeTensor,
    grad: CubeTensor,
    window: Window,
) -> CubeTensor {
    let mut columns = windows(x, window);
    columns.meta.swap(2, 3);
    product_over_batches(columns, grad)
}

/// Adds up what each frame is to the windows that see it: `[.., T', K C]` to `[.., T, C]`.
#[cube(launch)]
fn fold_kernel(
    columns: &Tensor<f32>,
    out: &mut Tensor<f32>,
    time: u32,
    channels: u32,
    positions: u32,
    kernel: u32,
    stride: u32,
) {
    if ABSOLUTE_POS < out.len() {
        let (channels, kernel, stride) = (channels as usize, kernel as usize, stride as usize);
        let (time, positions) = (time as usize, positions as usize);
        let channel = ABSOLUTE_POS % channels;
        let frame = ABSOLUTE_POS / channels % time;
        let row = ABSOLUTE_POS / channels / time;
        let mut sum = f32::new(0.0);
        for tap in 0..kernel {
            if frame >= tap {
                let position = (frame - tap) / stride;
                if position * stride + tap == frame && position < positions {
                    sum +=
                        columns[((row * positions + position) * kernel + tap) * channels + channel];
                }
            }
        }
        out[ABSOLUTE_POS] = sum;
    }
}

/// Adds up what each frame is to the windows that see it; there are `time` frames.
pub(in crate::ops) fn window_fold(columns: CubeTensor, time: usize, window: Window) -> CubeTensor {
    let columns = into_contiguous(columns);
    let [groups, rows, positions, width] = sizes(&columns);
    let channels = width / window.kernel;
    let out = empty_like(&columns, &[groups, rows, time, channels]);
    let elements = out.meta.shape().num_elements();
    if elements == 0 {
        return out;
    }
    fold_kernel::launch(
        &columns.client.clone(),
        cubes(&columns, elements.div_ceil(UNITS)),
        CubeDim::new_1d(UNITS as u32),
        columns.into_tensor_arg(),
        out.clone().into_tensor_arg(),
        time as u32,
        channels as u32,
        positions as u32,
        window.kernel as u32,
        window.stride as u32,
    );
    out
}
