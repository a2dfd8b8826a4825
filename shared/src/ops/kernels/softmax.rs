//! Softmax over the last axis, in one dispatch each way.

use super::{
    means::{Means, cubes, empty_like},
    reduce::{max_of_lanes, own_lane, own_row, sum_of_lanes},
};
use burn_cubecl::{
    cubecl::{self, prelude::*},
    kernel::into_contiguous,
    tensor::CubeTensor,
};

/// Rows that a cube takes where each unit works alone.
const ROWS: usize = 32;

/// The largest element of a row, and the sum of what is left of the others, known to all units that
/// share it.
#[cube]
fn shift_and_sum(
    x: &Tensor<f32>,
    start: usize,
    width: usize,
    inside: bool,
    #[comptime] lanes: usize,
) -> (f32, f32) {
    let first = own_lane(lanes);
    let mut max = f32::new(-3.0e38);
    if inside {
        for i in range_stepped(first, width, lanes) {
            max = f32::max(max, x[start + i]);
        }
    }
    let max = max_of_lanes(max, lanes);
    let mut sum = f32::new(0.0);
    if inside {
        for i in range_stepped(first, width, lanes) {
            sum += f32::exp(x[start + i] - max);
        }
    }
    (max, sum_of_lanes(sum, lanes))
}

#[cube(launch)]
fn softmax_kernel(x: &Tensor<f32>, out: &mut Tensor<f32>, width: u32, #[comptime] lanes: usize) {
    let width = width as usize;
    let start = own_row(lanes) * width;
    let inside = start < x.len();
    let first = own_lane(lanes);

    let (max, sum) = shift_and_sum(x, start, width, inside, lanes);
    if inside {
        let inverse = f32::new(1.0) / sum;
        for i in range_stepped(first, width, lanes) {
            out[start + i] = f32::exp(x[start + i] - max) * inverse;
        }
    }
}

/// As `softmax_kernel`, and the same times `kept`.
#[cube(launch)]
fn dropped_softmax_kernel(
    x: &Tensor<f32>,
    kept: &Tensor<f32>,
    out: &mut Tensor<f32>,
    dropped: &mut Tensor<f32>,
    width: u32,
    #[comptime] lanes: usize,
) {
    let width = width as usize;
    let start = own_row(lanes) * width;
    let inside = start < x.len();
    let first = own_lane(lanes);
    let (max, sum) = shift_and_sum(x, start, width, inside, lanes);
    if inside {
        let inverse = f32::new(1.0) / sum;
        for i in range_stepped(first, width, lanes) {
            let y = f32::exp(x[start + i] - max) * inverse;
            out[start + i] = y;
            dropped[start + i] = y * kept[start + i];
        }
    }
}

/// As `softmax_grad_kernel` for the gradient `grad` times `kept`.
#[cube(launch)]
fn dropped_softmax_grad_kernel(
    y: &Tensor<f32>,
    grad: &Tensor<f32>,
    kept: &Tensor<f32>,
    out: &mut Tensor<f32>,
    width: u32,
    #[comptime] lanes: usize,
) {
    let width = width as usize;
    let start = own_row(lanes) * width;
    let inside = start < y.len();
    let first = own_lane(lanes);

    let mut along = f32::new(0.0);
    if inside {
        for i in range_stepped(first, width, lanes) {
            along += grad[start + i] * kept[start + i] * y[start + i];
        }
    }
    let along = sum_of_lanes(along, lanes);
    if inside {
        for i in range_stepped(first, width, lanes) {
            out[start + i] = y[start + i] * (grad[start + i] * kept[start + i] - along);
        }
    }
}

#[cube(launch)]
fn softmax_grad_kernel(
    y: &Tensor<f32>,
    grad: &Tensor<f32>,
    out: &mut Tensor<f32>,
    width: u32,
    #[comptime] lanes: usize,
) {
    let width = width as usize;
    let start = own_row(lanes) * width;
    let inside = start < y.len();
    let first = own_lane(lanes);

    let mut along = f32::new(0.0);
    if inside {
        for i in range_stepped(first, width, lanes) {
            along += grad[start + i] * y[start + i];
        }
    }
    let along = sum_of_lanes(along, lanes);
    if inside {
        for i in range_stepped(first, width, lanes) {
            out[start + i] = y[start + i] * (grad[start + i] - along);
        }
    }
}

/// Width of the last axis, rows, units that share a row, cubes and their size.
pub(super) fn plan(x: &CubeTensor) -> (usize, usize, CubeCount, CubeDim) {
    let shape = x.meta.shape();
    let width = shape[shape.num_dims() - 1].max(1);
    let rows = shape.num_elements() / width;
    let lanes = Means::of(x).lanes(width);
    if lanes == 1 {
        (
            width,
            1,
            cubes(x, rows.div_ceil(ROWS)),
            CubeDim::new_1d(ROWS as u32),
        )
    } else {
        (width, lanes, cubes(x, rows), CubeDim::new_1d(lanes as u32))
    }
}

/// exp(x) / Σ exp(x), shifted by the maximum.
pub(in crate::ops) fn softmax(x: CubeTensor) -> CubeTensor {
    let x = into_contiguous(x);
    let out = empty_like(&x, x.meta.shape());
    if x.meta.shape().num_elements() == 0 {
        return out;
    }
    let (width, lanes, count, dim) = plan(&x);
    softmax_kernel::launch(
        &x.client.clone(),
        count,
        dim,
        x.into_tensor_arg(),
        out.clone().into_tensor_arg(),
        width as u32,
        lanes,
    );
    out
}

/// [`softmax`], and the same times `kept`.
pub(in crate::ops) fn dropped_softmax(x: CubeTensor, kept: CubeTensor) -> (CubeTensor, CubeTensor) {
    let (x, kept) = (into_contiguous(x), into_contiguous(kept));
    let out = empty_like(&x, x.meta.shape());
    let dropped = empty_like(&x, x.meta.shape());
    if x.meta.shape().num_elements() == 0 {
        return (out, dropped);
    }
    let (width, lanes, count, dim) = plan(&x);
    dropped_softmax_kernel::launch(
        &x.client.clone(),
        count,
        dim,
        x.into_tensor_arg(),
        kept.into_tensor_arg(),
        out.clone().into_tensor_arg(),
        dropped.clone().into_tensor_arg(),
        width as u32,
        lanes,
    );
    (out, dropped)
}

/// y (g k - Σ g k y) for the output y and the factors k.
pub(in crate::ops) fn dropped_softmax_grad(
    y: CubeTensor,
    grad: CubeTensor,
    kept: CubeTensor,
) -> CubeTensor {
    let (y, grad, kept) = (
        into_contiguous(y),
        into_contiguous(grad),
        into_contiguous(kept),
    );
    let out = empty_like(&y, y.meta.shape());
    if y.meta.shape().num_elements() == 0 {
        return out;
    }
    let (width, lanes, count, dim) = plan(&y);
    dropped_softmax_grad_kernel::launch(
        &y.client.clone(),
        count,
        dim,
        y.into_tensor_arg(),
        grad.into_tensor_arg(),
        kept.into_tensor_arg(),
        out.clone().into_tensor_arg(),
        width as u32,
        lanes,
    );
    out
}

/// y (g - Σ g y) for the output y.
pub(in crate::ops) fn softmax_grad(y: CubeTensor, grad: CubeTensor) -> CubeTensor {
    let (y, grad) = (into_contiguous(y), into_contiguous(grad));
    let out = empty_like(&y, y.meta.shape());
    if y.meta.shape().num_elements() == 0 {
        return out;
    }
    let (width, lanes, count, dim) = plan(&y);
    softmax_grad_kernel::launch(
        &y.client.clone(),
        count,
        dim,
        y.into_tensor_arg(),
        grad.into_tensor_arg(),
        out.clone().into_tensor_arg(),
        width as u32,
        lanes,
    );
    out
}
