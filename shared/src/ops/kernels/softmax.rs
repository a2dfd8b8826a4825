//! Softmax over the last axis, in one dispatch each way.

use super::{
    means::empty_like,
    reduce::{max_of_lanes, own_lane, own_row, plan, sum_of_lanes},
};
use burn_cubecl::{
    cubecl::{self, prelude::*},
    kernel::into_contiguous,
    tensor::CubeTensor,
};

/// An element of a row with what is added to it.
#[cube]
fn score(
    x: &Tensor<f32>,
    bias: &Tensor<f32>,
    padding: &Tensor<f32>,
    at: usize,
    of_padding: usize,
    #[comptime] biased: bool,
    #[comptime] padded: bool,
) -> f32 {
    let mut value = x[at];
    if comptime!(biased) {
        value += bias[at];
    }
    if comptime!(padded) {
        value += padding[of_padding];
    }
    value
}

/// Softmax of `x` with `bias`, of the same shape, and `padding`, a row for each `group` rows, added; and the
/// same times `kept`. What is not there is not looked at.
#[cube(launch)]
fn softmax_kernel(
    x: &Tensor<f32>,
    bias: &Tensor<f32>,
    padding: &Tensor<f32>,
    kept: &Tensor<f32>,
    out: &mut Tensor<f32>,
    dropped: &mut Tensor<f32>,
    width: u32,
    group: u32,
    #[comptime] biased: bool,
    #[comptime] padded: bool,
    #[comptime] drops: bool,
    #[comptime] lanes: usize,
) {
    let width = width as usize;
    let row = own_row(lanes);
    let start = row * width;
    let of_padding = row / group as usize * width;
    let inside = start < x.len();
    let first = own_lane(lanes);

    let mut max = f32::new(-3.0e38);
    if inside {
        for i in range_stepped(first, width, lanes) {
            let value = score(x, bias, padding, start + i, of_padding + i, biased, padded);
            max = f32::max(max, value);
        }
    }
    let max = max_of_lanes(max, lanes);
    let mut sum = f32::new(0.0);
    if inside {
        for i in range_stepped(first, width, lanes) {
            let value = score(x, bias, padding, start + i, of_padding + i, biased, padded);
            sum += f32::exp(value - max);
        }
    }
    let sum = sum_of_lanes(sum, lanes);
    if inside {
        let inverse = f32::new(1.0) / sum;
        for i in range_stepped(first, width, lanes) {
            let value = score(x, bias, padding, start + i, of_padding + i, biased, padded);
            let y = f32::exp(value - max) * inverse;
            out[start + i] = y;
            if comptime!(drops) {
                dropped[start + i] = y * kept[start + i];
            }
        }
    }
}

/// y (g - Σ g y), with g times `kept`; and y times `kept`, where that is there.
#[cube(launch)]
fn softmax_grad_kernel(
    y: &Tensor<f32>,
    grad: &Tensor<f32>,
    kept: &Tensor<f32>,
    out: &mut Tensor<f32>,
    dropped: &mut Tensor<f32>,
    width: u32,
    #[comptime] drops: bool,
    #[comptime] lanes: usize,
) {
    let width = width as usize;
    let start = own_row(lanes) * width;
    let inside = start < y.len();
    let first = own_lane(lanes);

    let mut along = f32::new(0.0);
    if inside {
        for i in range_stepped(first, width, lanes) {
            let mut g = grad[start + i];
            if comptime!(drops) {
                g *= kept[start + i];
            }
            along += g * y[start + i];
        }
    }
    let along = sum_of_lanes(along, lanes);
    if inside {
        for i in range_stepped(first, width, lanes) {
            let mut g = grad[start + i];
            if comptime!(drops) {
                g *= kept[start + i];
                dropped[start + i] = y[start + i] * kept[start + i];
            }
            out[start + i] = y[start + i] * (g - along);
        }
    }
}

/// A tensor like `x` if it is written to, else one that only stands in its place.
fn written_if(wanted: bool, x: &CubeTensor) -> CubeTensor {
    if wanted {
        empty_like(x, x.meta.shape())
    } else {
        empty_like(x, &[1])
    }
}

/// What is added to the scores of a softmax, and what of it is kept.
#[derive(Default)]
pub(in crate::ops) struct Additions {
    /// Of the scores' shape.
    pub(in crate::ops) bias: Option<CubeTensor>,
    /// `[B, 1, 1, T]` for scores `[B, heads, T, T]`.
    pub(in crate::ops) padding: Option<CubeTensor>,
    /// Of the scores' shape.
    pub(in crate::ops) kept: Option<CubeTensor>,
}

/// exp(x) / Σ exp(x), shifted by the maximum.
pub(in crate::ops) fn softmax(x: CubeTensor) -> CubeTensor {
    scored_softmax(x, Additions::default()).0
}

/// [`softmax`] of x with bias and padding added, and the same times what is kept, if something is.
pub(in crate::ops) fn scored_softmax(
    x: CubeTensor,
    additions: Additions,
) -> (CubeTensor, CubeTensor) {
    let x = into_contiguous(x);
    let Additions {
        bias,
        padding,
        kept,
    } = additions;
    let flags = [bias.is_some(), padding.is_some(), kept.is_some()];
    let out = empty_like(&x, x.meta.shape());
    let dropped = written_if(flags[2], &x);
    let result = |out: CubeTensor, dropped: CubeTensor| {
        let second = if flags[2] { dropped } else { out.clone() };
        (out, second)
    };
    if x.meta.shape().num_elements() == 0 {
        return result(out, dropped);
    }
    let (width, lanes, count, dim) = plan(&x);
    let rows = x.meta.shape().num_elements() / width;
    let groups = padding
        .as_ref()
        .map_or(1, |padding| padding.meta.shape().num_elements() / width);
    let given = |tensor: Option<CubeTensor>| into_contiguous(tensor.unwrap_or_else(|| x.clone()));
    let [bias, padding, kept] = [bias, padding, kept].map(given);
    softmax_kernel::launch(
        &x.client.clone(),
        count,
        dim,
        x.into_tensor_arg(),
        bias.into_tensor_arg(),
        padding.into_tensor_arg(),
        kept.into_tensor_arg(),
        out.clone().into_tensor_arg(),
        dropped.clone().into_tensor_arg(),
        width as u32,
        (rows / groups.max(1)).max(1) as u32,
        flags[0],
        flags[1],
        flags[2],
        lanes,
    );
    result(out, dropped)
}

/// y (g k - Σ g k y) for the output y and the factors k, and y k.
pub(in crate::ops) fn dropped_softmax_grad(
    y: CubeTensor,
    grad: CubeTensor,
    kept: CubeTensor,
) -> (CubeTensor, CubeTensor) {
    grad_of(y, grad, Some(kept))
}

/// y (g - Σ g y) for the output y.
pub(in crate::ops) fn softmax_grad(y: CubeTensor, grad: CubeTensor) -> CubeTensor {
    grad_of(y, grad, None).0
}

fn grad_of(y: CubeTensor, grad: CubeTensor, kept: Option<CubeTensor>) -> (CubeTensor, CubeTensor) {
    let (y, grad) = (into_contiguous(y), into_contiguous(grad));
    let drops = kept.is_some();
    let kept = into_contiguous(kept.unwrap_or_else(|| y.clone()));
    let out = empty_like(&y, y.meta.shape());
    let dropped = written_if(drops, &y);
    if y.meta.shape().num_elements() == 0 {
        return (out, dropped);
    }
    let (width, lanes, count, dim) = plan(&y);
    softmax_grad_kernel::launch(
        &y.client.clone(),
        count,
        dim,
        y.into_tensor_arg(),
        grad.into_tensor_arg(),
        kept.into_tensor_arg(),
        out.clone().into_tensor_arg(),
        dropped.clone().into_tensor_arg(),
        width as u32,
        drops,
        lanes,
    );
    (out, dropped)
}
