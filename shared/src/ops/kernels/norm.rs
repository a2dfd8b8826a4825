//! Normalisation of the last axis, in one dispatch forward and two backward.

use super::{
    means::{Means, empty_like},
    reduce::{own_lane, own_row, plan, sum_of_lanes},
};
use burn_cubecl::{
    cubecl::{self, prelude::*},
    kernel::into_contiguous,
    tensor::CubeTensor,
};

/// Columns that a cube sums.
const COLUMNS: u32 = 32;
/// Units that share a column where units may work together.
const STACK: usize = 8;

/// Mean and 1/√(σ² + ε) of a row, known to all units that share it.
#[cube]
fn moments(
    x: &Tensor<f32>,
    start: usize,
    width: usize,
    inside: bool,
    eps: f32,
    #[comptime] lanes: usize,
) -> (f32, f32) {
    let first = own_lane(lanes);
    let mut sum = f32::new(0.0);
    if inside {
        for i in range_stepped(first, width, lanes) {
            sum += x[start + i];
        }
    }
    let mean = sum_of_lanes(sum, lanes) / f32::cast_from(width as u32);
    let mut square = f32::new(0.0);
    if inside {
        for i in range_stepped(first, width, lanes) {
            let centred = x[start + i] - mean;
            square += centred * centred;
        }
    }
    let variance = sum_of_lanes(square, lanes) / f32::cast_from(width as u32);
    (mean, f32::new(1.0) / f32::sqrt(variance + eps))
}

#[cube(launch)]
fn norm_kernel(
    x: &Tensor<f32>,
    weight: &Tensor<f32>,
    bias: &Tensor<f32>,
    out: &mut Tensor<f32>,
    width: u32,
    eps: f32,
    #[comptime] lanes: usize,
) {
    let width = width as usize;
    let start = own_row(lanes) * width;
    let inside = start < x.len();
    let (mean, inverse) = moments(x, start, width, inside, eps, lanes);
    if inside {
        for i in range_stepped(own_lane(lanes), width, lanes) {
            out[start + i] = (x[start + i] - mean) * inverse * weight[i] + bias[i];
        }
    }
}

/// As `norm_kernel` of `x + y`, or of `x + y kept`, which is kept in `sum`.
#[cube(launch)]
fn sum_and_norm_kernel(
    x: &Tensor<f32>,
    y: &Tensor<f32>,
    kept: &Tensor<f32>,
    weight: &Tensor<f32>,
    bias: &Tensor<f32>,
    sum: &mut Tensor<f32>,
    out: &mut Tensor<f32>,
    width: u32,
    eps: f32,
    #[comptime] drops: bool,
    #[comptime] lanes: usize,
) {
    let width = width as usize;
    let start = own_row(lanes) * width;
    let inside = start < x.len();
    let first = own_lane(lanes);
    // A unit reads only what it wrote itself.
    let mut total = f32::new(0.0);
    if inside {
        for i in range_stepped(first, width, lanes) {
            let mut more = y[start + i];
            if comptime!(drops) {
                more *= kept[start + i];
            }
            let value = x[start + i] + more;
            sum[start + i] = value;
            total += value;
        }
    }
    let mean = sum_of_lanes(total, lanes) / f32::cast_from(width as u32);
    let mut square = f32::new(0.0);
    if inside {
        for i in range_stepped(first, width, lanes) {
            let centred = sum[start + i] - mean;
            square += centred * centred;
        }
    }
    let variance = sum_of_lanes(square, lanes) / f32::cast_from(width as u32);
    let inverse = f32::new(1.0) / f32::sqrt(variance + eps);
    if inside {
        for i in range_stepped(first, width, lanes) {
            out[start + i] = (sum[start + i] - mean) * inverse * weight[i] + bias[i];
        }
    }
}

/// Gradient of x, the same times `kept` where that is there, and mean and inverse deviation of each row for
/// the kernel below.
#[cube(launch)]
fn norm_grad_kernel(
    x: &Tensor<f32>,
    weight: &Tensor<f32>,
    grad: &Tensor<f32>,
    kept: &Tensor<f32>,
    out: &mut Tensor<f32>,
    dropped: &mut Tensor<f32>,
    rows: &mut Tensor<f32>,
    width: u32,
    eps: f32,
    #[comptime] drops: bool,
    #[comptime] lanes: usize,
) {
    let width = width as usize;
    let row = own_row(lanes);
    let start = row * width;
    let inside = start < x.len();
    let first = own_lane(lanes);
    let (mean, inverse) = moments(x, start, width, inside, eps, lanes);

    let mut plain = f32::new(0.0);
    let mut along = f32::new(0.0);
    if inside {
        for i in range_stepped(first, width, lanes) {
            let g = grad[start + i] * weight[i];
            plain += g;
            along += g * (x[start + i] - mean) * inverse;
        }
    }
    let plain = sum_of_lanes(plain, lanes) / f32::cast_from(width as u32);
    let along = sum_of_lanes(along, lanes) / f32::cast_from(width as u32);
    if inside {
        for i in range_stepped(first, width, lanes) {
            let g = grad[start + i] * weight[i];
            let standard = (x[start + i] - mean) * inverse;
            let of_x = (g - plain - standard * along) * inverse;
            out[start + i] = of_x;
            if comptime!(drops) {
                dropped[start + i] = of_x * kept[start + i];
            }
        }
        if first == 0 {
            rows[2 * row] = mean;
            rows[2 * row + 1] = inverse;
        }
    }
}

/// Gradients of weight and bias: sums over all rows.
#[cube(launch)]
fn norm_columns_kernel(
    x: &Tensor<f32>,
    grad: &Tensor<f32>,
    rows: &Tensor<f32>,
    weight_grad: &mut Tensor<f32>,
    bias_grad: &mut Tensor<f32>,
    width: u32,
    #[comptime] stack: usize,
) {
    let width = width as usize;
    let column = CUBE_POS_X as usize * comptime!(COLUMNS as usize) + UNIT_POS_X as usize;
    let level = UNIT_POS_Y as usize;
    let mut of_weight = f32::new(0.0);
    let mut of_bias = f32::new(0.0);
    if column < width {
        for row in range_stepped(level, x.len() / width, stack) {
            let g = grad[row * width + column];
            of_bias += g;
            of_weight += g * (x[row * width + column] - rows[2 * row]) * rows[2 * row + 1];
        }
    }
    if comptime!(stack > 1) {
        let mut parts = Shared::<[f32]>::new_slice(comptime!(2 * stack * COLUMNS as usize));
        let place = 2 * (UNIT_POS_X as usize * stack + level);
        parts[place] = of_weight;
        parts[place + 1] = of_bias;
        sync_cube();
        if level == 0 {
            for i in 1..stack {
                of_weight += parts[place + 2 * i];
                of_bias += parts[place + 2 * i + 1];
            }
        }
    }
    if level == 0 && column < width {
        weight_grad[column] = of_weight;
        bias_grad[column] = of_bias;
    }
}

/// (x - μ) / √(σ² + ε) w + b
pub(in crate::ops) fn norm(
    x: CubeTensor,
    weight: CubeTensor,
    bias: CubeTensor,
    eps: f64,
) -> CubeTensor {
    let x = into_contiguous(x);
    let out = empty_like(&x, x.meta.shape());
    if x.meta.shape().num_elements() == 0 {
        return out;
    }
    let (width, lanes, count, dim) = plan(&x);
    norm_kernel::launch(
        &x.client.clone(),
        count,
        dim,
        x.into_tensor_arg(),
        into_contiguous(weight).into_tensor_arg(),
        into_contiguous(bias).into_tensor_arg(),
        out.clone().into_tensor_arg(),
        width as u32,
        eps as f32,
        lanes,
    );
    out
}

/// x + y, or x + y times `kept`, and its norm.
pub(in crate::ops) fn sum_and_norm(
    x: CubeTensor,
    y: CubeTensor,
    kept: Option<CubeTensor>,
    weight: CubeTensor,
    bias: CubeTensor,
    eps: f64,
) -> (CubeTensor, CubeTensor) {
    let (x, y) = (into_contiguous(x), into_contiguous(y));
    let drops = kept.is_some();
    let kept = into_contiguous(kept.unwrap_or_else(|| y.clone()));
    let sum = empty_like(&x, x.meta.shape());
    let out = empty_like(&x, x.meta.shape());
    if x.meta.shape().num_elements() == 0 {
        return (sum, out);
    }
    let (width, lanes, count, dim) = plan(&x);
    sum_and_norm_kernel::launch(
        &x.client.clone(),
        count,
        dim,
        x.into_tensor_arg(),
        y.into_tensor_arg(),
        kept.into_tensor_arg(),
        into_contiguous(weight).into_tensor_arg(),
        into_contiguous(bias).into_tensor_arg(),
        sum.clone().into_tensor_arg(),
        out.clone().into_tensor_arg(),
        width as u32,
        eps as f32,
        drops,
        lanes,
    );
    (sum, out)
}

/// Gradients of x, w and b.
pub(in crate::ops) fn norm_grad(
    x: CubeTensor,
    weight: CubeTensor,
    grad: CubeTensor,
    eps: f64,
) -> (CubeTensor, CubeTensor, CubeTensor) {
    let (x, _, w, b) = dropped_norm_grad(x, weight, grad, None, eps);
    (x, w, b)
}

/// Gradients of x, of what was multiplied by `kept` before it was added to x, of w and of b.
pub(in crate::ops) fn dropped_norm_grad(
    x: CubeTensor,
    weight: CubeTensor,
    grad: CubeTensor,
    kept: Option<CubeTensor>,
    eps: f64,
) -> (CubeTensor, CubeTensor, CubeTensor, CubeTensor) {
    let drops = kept.is_some();
    let (x, weight, grad) = (
        into_contiguous(x),
        into_contiguous(weight),
        into_contiguous(grad),
    );
    let shape = x.meta.shape().to_vec();
    let (width, lanes, count, dim) = plan(&x);
    let height = shape.iter().product::<usize>() / width;
    let kept = into_contiguous(kept.unwrap_or_else(|| grad.clone()));
    let x_grad = empty_like(&x, &shape);
    let dropped = if drops {
        empty_like(&x, &shape)
    } else {
        empty_like(&x, &[1])
    };
    let rows = empty_like(&x, &[height.max(1), 2]);
    let weight_grad = empty_like(&x, &[width]);
    let bias_grad = empty_like(&x, &[width]);
    let client = x.client.clone();
    if height > 0 {
        norm_grad_kernel::launch(
            &client,
            count,
            dim,
            x.clone().into_tensor_arg(),
            weight.into_tensor_arg(),
            grad.clone().into_tensor_arg(),
            kept.into_tensor_arg(),
            x_grad.clone().into_tensor_arg(),
            dropped.clone().into_tensor_arg(),
            rows.clone().into_tensor_arg(),
            width as u32,
            eps as f32,
            drops,
            lanes,
        );
    }
    let stack = if Means::of(&x).shared_memory {
        STACK
    } else {
        1
    };
    norm_columns_kernel::launch(
        &client,
        CubeCount::Static(width.div_ceil(COLUMNS as usize) as u32, 1, 1),
        CubeDim::new_2d(COLUMNS, stack as u32),
        x.into_tensor_arg(),
        grad.into_tensor_arg(),
        rows.into_tensor_arg(),
        weight_grad.clone().into_tensor_arg(),
        bias_grad.clone().into_tensor_arg(),
        width as u32,
        stack,
    );
    (x_grad, dropped, weight_grad, bias_grad)
}
