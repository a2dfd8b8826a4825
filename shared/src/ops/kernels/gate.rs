//! WavLM's gate on the position bias.

use super::{
    means::{cubes, empty_like},
    reduce::{own_lane, own_row, plan, sum_of_lanes},
};
use burn_cubecl::{
    cubecl::{self, prelude::*},
    kernel::into_contiguous,
    tensor::CubeTensor,
};

/// Units of a cube.
const UNITS: usize = 128;

/// 1 / (1 + exp(-Σ p)) over four elements.
#[cube]
fn sigmoid_of_four(p: &Tensor<f32>, start: usize) -> f32 {
    let mut sum = f32::new(0.0);
    #[unroll]
    for i in 0..4usize {
        sum += p[start + i];
    }
    f32::new(1.0) / (f32::new(1.0) + f32::exp(-sum))
}

/// Where the eight numbers of row `[b, h, t]` begin in `p`, `[B, T, heads, 8]`.
#[cube]
fn place(row: usize, heads: usize, time: usize) -> usize {
    let t = row % time;
    let head = row / time % heads;
    let batch = row / time / heads;
    ((batch * time + t) * heads + head) * 8
}

#[cube(launch)]
fn gate_kernel(
    p: &Tensor<f32>,
    constant: &Tensor<f32>,
    bias: &Tensor<f32>,
    out: &mut Tensor<f32>,
    heads: u32,
    time: u32,
    #[comptime] lanes: usize,
) {
    let (heads, time) = (heads as usize, time as usize);
    let row = own_row(lanes);
    let start = row * time;
    if start < out.len() {
        let from = place(row, heads, time);
        let (a, b) = (sigmoid_of_four(p, from), sigmoid_of_four(p, from + 4));
        let gate = a * (b * constant[row / time % heads] - f32::new(1.0)) + f32::new(2.0);
        let of_bias = start % (heads * time * time);
        for i in range_stepped(own_lane(lanes), time, lanes) {
            out[start + i] = gate * bias[of_bias + i];
        }
    }
}

/// Gradient of `p`, and each row's share of the gradient of the constant.
#[cube(launch)]
fn gate_rows_kernel(
    p: &Tensor<f32>,
    constant: &Tensor<f32>,
    bias: &Tensor<f32>,
    grad: &Tensor<f32>,
    p_grad: &mut Tensor<f32>,
    shares: &mut Tensor<f32>,
    heads: u32,
    time: u32,
    #[comptime] lanes: usize,
) {
    let (heads, time) = (heads as usize, time as usize);
    let row = own_row(lanes);
    let start = row * time;
    let inside = start < grad.len();
    let first = own_lane(lanes);
    let mut of_gate = f32::new(0.0);
    if inside {
        let of_bias = start % (heads * time * time);
        for i in range_stepped(first, time, lanes) {
            of_gate += grad[start + i] * bias[of_bias + i];
        }
    }
    let of_gate = sum_of_lanes(of_gate, lanes);
    if inside && first == 0 {
        let from = place(row, heads, time);
        let (a, b) = (sigmoid_of_four(p, from), sigmoid_of_four(p, from + 4));
        let c = constant[row / time % heads];
        let one = f32::new(1.0);
        let of_a = of_gate * (b * c - one) * a * (one - a);
        let of_b = of_gate * a * c * b * (one - b);
        #[unroll]
        for i in 0..4usize {
            p_grad[from + i] = of_a;
            p_grad[from + 4 + i] = of_b;
        }
        shares[row] = of_gate * a * b;
    }
}

/// Gradient of the bias: summed over the batch.
#[cube(launch)]
fn gate_bias_kernel(
    p: &Tensor<f32>,
    constant: &Tensor<f32>,
    grad: &Tensor<f32>,
    out: &mut Tensor<f32>,
    heads: u32,
    time: u32,
) {
    if ABSOLUTE_POS < out.len() {
        let (heads, time) = (heads as usize, time as usize);
        let row = ABSOLUTE_POS / time;
        let rows = heads * time;
        let c = constant[row / time];
        let mut sum = f32::new(0.0);
        for batch in 0..grad.len() / out.len() {
            let from = place(batch * rows + row, heads, time);
            let (a, b) = (sigmoid_of_four(p, from), sigmoid_of_four(p, from + 4));
            let gate = a * (b * c - f32::new(1.0)) + f32::new(2.0);
            sum += gate * grad[batch * out.len() + ABSOLUTE_POS];
        }
        out[ABSOLUTE_POS] = sum;
    }
}

/// Sums of `shares`, `[B, heads, T]`, over all but the heads.
#[cube(launch)]
fn gate_constant_kernel(shares: &Tensor<f32>, out: &mut Tensor<f32>, time: u32) {
    if ABSOLUTE_POS < out.len() {
        let (heads, time) = (out.len(), time as usize);
        let mut sum = f32::new(0.0);
        for batch in 0..shares.len() / (heads * time) {
            for t in 0..time {
                sum += shares[(batch * heads + ABSOLUTE_POS) * time + t];
            }
        }
        out[ABSOLUTE_POS] = sum;
    }
}

/// B, T and heads of `p`.
fn sizes(p: &CubeTensor) -> [usize; 3] {
    let shape = p.meta.shape();
    [shape[0], shape[1], shape[2]]
}

/// `p` `[B, T, heads, 8]`, `constant` `[heads]` and `bias` `[heads, T, T]` to `[B, heads, T, T]`.
pub(in crate::ops) fn gated_bias(
    p: CubeTensor,
    constant: CubeTensor,
    bias: CubeTensor,
) -> CubeTensor {
    let p = into_contiguous(p);
    let [batch, time, heads] = sizes(&p);
    let out = empty_like(&p, &[batch, heads, time, time]);
    if out.meta.shape().num_elements() == 0 {
        return out;
    }
    let (_, lanes, count, dim) = plan(&out);
    gate_kernel::launch(
        &p.client.clone(),
        count,
        dim,
        p.into_tensor_arg(),
        into_contiguous(constant).into_tensor_arg(),
        into_contiguous(bias).into_tensor_arg(),
        out.clone().into_tensor_arg(),
        heads as u32,
        time as u32,
        lanes,
    );
    out
}

/// Gradients of `p`, `constant` and `bias`.
pub(in crate::ops) fn gated_bias_grad(
    p: CubeTensor,
    constant: CubeTensor,
    bias: CubeTensor,
    grad: CubeTensor,
) -> (CubeTensor, CubeTensor, CubeTensor) {
    let (p, constant) = (into_contiguous(p), into_contiguous(constant));
    let (bias, grad) = (into_contiguous(bias), into_contiguous(grad));
    let [batch, time, heads] = sizes(&p);
    let p_grad = empty_like(&p, &[batch, time, heads, 8]);
    let constant_grad = empty_like(&p, &[heads]);
    let bias_grad = empty_like(&p, &[heads, time, time]);
    if grad.meta.shape().num_elements() == 0 {
        return (p_grad, constant_grad, bias_grad);
    }
    let shares = empty_like(&p, &[batch, heads, time]);
    let client = p.client.clone();
    let (_, lanes, count, dim) = plan(&grad);
    gate_rows_kernel::launch(
        &client,
        count,
        dim,
        p.clone().into_tensor_arg(),
        constant.clone().into_tensor_arg(),
        bias.into_tensor_arg(),
        grad.clone().into_tensor_arg(),
        p_grad.clone().into_tensor_arg(),
        shares.clone().into_tensor_arg(),
        heads as u32,
        time as u32,
        lanes,
    );
    let elements = heads * time * time;
    gate_bias_kernel::launch(
        &client,
        cubes(&p, elements.div_ceil(UNITS)),
        CubeDim::new_1d(UNITS as u32),
        p.into_tensor_arg(),
        constant.into_tensor_arg(),
        grad.into_tensor_arg(),
        bias_grad.clone().into_tensor_arg(),
        heads as u32,
        time as u32,
    );
    gate_constant_kernel::launch(
        &client,
        cubes(&shares, heads.div_ceil(UNITS)),
        CubeDim::new_1d(UNITS as u32),
        shares.into_tensor_arg(),
        constant_grad.clone().into_tensor_arg(),
        time as u32,
    );
    (p_grad, constant_grad, bias_grad)
}
