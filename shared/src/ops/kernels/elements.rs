//! Element by element: GELU, and the optimiser's step.

use super::means::{cubes, empty_like};
use crate::ops::AdamStep;
use burn_cubecl::{
    cubecl::{self, prelude::*},
    kernel::into_contiguous,
    tensor::CubeTensor,
};
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// Units of a cube.
const UNITS: usize = 128;

/// Φ(x)
#[cube]
fn normal_cdf<F: Float>(x: F) -> F {
    let z = x * F::new(comptime!(FRAC_1_SQRT_2 as f32));
    (z.erf() + F::new(1.0_f32)) * F::new(0.5_f32)
}

/// Φ(x) + x φ(x)
#[cube]
fn slope(x: f32) -> f32 {
    let density =
        f32::exp(x * x * f32::new(-0.5)) * f32::new(comptime!((1.0 / (2.0 * PI).sqrt()) as f32));
    normal_cdf::<f32>(x) + x * density
}

#[cube(launch)]
fn dropped_gelu_kernel(x: &Tensor<f32>, kept: &Tensor<f32>, out: &mut Tensor<f32>) {
    if ABSOLUTE_POS < out.len() {
        let value = x[ABSOLUTE_POS];
        out[ABSOLUTE_POS] = value * normal_cdf::<f32>(value) * kept[ABSOLUTE_POS];
    }
}

#[cube(launch)]
fn dropped_gelu_grad_kernel(
    x: &Tensor<f32>,
    grad: &Tensor<f32>,
    kept: &Tensor<f32>,
    out: &mut Tensor<f32>,
) {
    if ABSOLUTE_POS < out.len() {
        out[ABSOLUTE_POS] = grad[ABSOLUTE_POS] * kept[ABSOLUTE_POS] * slope(x[ABSOLUTE_POS]);
    }
}

#[cube(launch)]
fn gelu_kernel(x: &Tensor<f32>, out: &mut Tensor<f32>) {
    if ABSOLUTE_POS < out.len() {
        let value = x[ABSOLUTE_POS];
        out[ABSOLUTE_POS] = value * normal_cdf::<f32>(value);
    }
}

#[cube(launch)]
fn gelu_grad_kernel(x: &Tensor<f32>, grad: &Tensor<f32>, out: &mut Tensor<f32>) {
    if ABSOLUTE_POS < out.len() {
        out[ABSOLUTE_POS] = grad[ABSOLUTE_POS] * slope(x[ABSOLUTE_POS]);
    }
}

#[cube(launch)]
fn adam_kernel(
    value: &mut Tensor<f32>,
    grad: &Tensor<f32>,
    scale: &Tensor<f32>,
    first: &mut Tensor<f32>,
    second: &mut Tensor<f32>,
    keep: f32,
    rate: f32,
    beta1: f32,
    beta2: f32,
    root_scale: f32,
    eps: f32,
) {
    if ABSOLUTE_POS < value.len() {
        let g = grad[ABSOLUTE_POS] * scale[0];
        let m = first[ABSOLUTE_POS] * beta1 + g * (f32::new(1.0) - beta1);
        let v = second[ABSOLUTE_POS] * beta2 + g * g * (f32::new(1.0) - beta2);
        first[ABSOLUTE_POS] = m;
        second[ABSOLUTE_POS] = v;
        let root = f32::sqrt(v) * root_scale + eps;
        let before = value[ABSOLUTE_POS];
        value[ABSOLUTE_POS] = before * keep - rate * m / root;
    }
}

#[cube(launch)]
fn square_sum_kernel(x: &Tensor<f32>, totals: &mut Tensor<f32>) {
    if ABSOLUTE_POS < totals.len() {
        let mut sum = f32::new(0.0);
        for i in range_stepped(ABSOLUTE_POS, x.len(), totals.len()) {
            sum += x[i] * x[i];
        }
        totals[ABSOLUTE_POS] += sum;
    }
}

fn whole(x: &CubeTensor) -> (CubeCount, CubeDim) {
    let elements = x.meta.shape().num_elements();
    (
        cubes(x, elements.div_ceil(UNITS)),
        CubeDim::new_1d(UNITS as u32),
    )
}

/// x Φ(x)
pub(in crate::ops) fn gelu(x: CubeTensor) -> CubeTensor {
    let x = into_contiguous(x);
    let out = empty_like(&x, x.meta.shape());
    if x.meta.shape().num_elements() == 0 {
        return out;
    }
    let (count, dim) = whole(&x);
    let client = x.client.clone();
    gelu_kernel::launch(
        &client,
        count,
        dim,
        x.into_tensor_arg(),
        out.clone().into_tensor_arg(),
    );
    out
}

/// g (Φ(x) + x φ(x))
pub(in crate::ops) fn gelu_grad(x: CubeTensor, grad: CubeTensor) -> CubeTensor {
    let (x, grad) = (into_contiguous(x), into_contiguous(grad));
    let out = empty_like(&x, x.meta.shape());
    if x.meta.shape().num_elements() == 0 {
        return out;
    }
    let (count, dim) = whole(&x);
    let client = x.client.clone();
    gelu_grad_kernel::launch(
        &client,
        count,
        dim,
        x.into_tensor_arg(),
        grad.into_tensor_arg(),
        out.clone().into_tensor_arg(),
    );
    out
}

/// x Φ(x) k
pub(in crate::ops) fn dropped_gelu(x: CubeTensor, kept: CubeTensor) -> CubeTensor {
    let (x, kept) = (into_contiguous(x), into_contiguous(kept));
    let out = empty_like(&x, x.meta.shape());
    if x.meta.shape().num_elements() == 0 {
        return out;
    }
    let (count, dim) = whole(&x);
    dropped_gelu_kernel::launch(
        &x.client.clone(),
        count,
        dim,
        x.into_tensor_arg(),
        kept.into_tensor_arg(),
        out.clone().into_tensor_arg(),
    );
    out
}

/// g k (Φ(x) + x φ(x))
pub(in crate::ops) fn dropped_gelu_grad(
    x: CubeTensor,
    grad: CubeTensor,
    kept: CubeTensor,
) -> CubeTensor {
    let (x, grad, kept) = (
        into_contiguous(x),
        into_contiguous(grad),
        into_contiguous(kept),
    );
    let out = empty_like(&x, x.meta.shape());
    if x.meta.shape().num_elements() == 0 {
        return out;
    }
    let (count, dim) = whole(&x);
    dropped_gelu_grad_kernel::launch(
        &x.client.clone(),
        count,
        dim,
        x.into_tensor_arg(),
        grad.into_tensor_arg(),
        kept.into_tensor_arg(),
        out.clone().into_tensor_arg(),
    );
    out
}

/// A tensor that nobody else sees, laid out element by element.
fn own(x: CubeTensor) -> CubeTensor {
    let x = into_contiguous(x);
    if x.can_mut() { x } else { x.copy() }
}

/// One `AdamW` step; parameter and moments are changed in place where nobody else holds them.
pub(in crate::ops) fn adam_step(
    value: CubeTensor,
    grad: CubeTensor,
    scale: CubeTensor,
    first: CubeTensor,
    second: CubeTensor,
    step: AdamStep,
) -> (CubeTensor, CubeTensor, CubeTensor) {
    let (value, first, second) = (own(value), own(first), own(second));
    let grad = into_contiguous(grad);
    if value.meta.shape().num_elements() == 0 {
        return (value, first, second);
    }
    let (count, dim) = whole(&value);
    adam_kernel::launch(
        &value.client.clone(),
        count,
        dim,
        value.clone().into_tensor_arg(),
        grad.into_tensor_arg(),
        scale.into_tensor_arg(),
        first.clone().into_tensor_arg(),
        second.clone().into_tensor_arg(),
        (1.0 - step.rate * step.weight_decay) as f32,
        (step.rate / step.correction1()) as f32,
        step.beta1 as f32,
        step.beta2 as f32,
        (1.0 / step.correction2().sqrt()) as f32,
        step.eps as f32,
    );
    (value, first, second)
}

/// `totals` with the squares of `x` added, spread over its elements.
pub(in crate::ops) fn add_square_sum(totals: CubeTensor, x: CubeTensor) -> CubeTensor {
    let (totals, x) = (own(totals), into_contiguous(x));
    let (count, dim) = whole(&totals);
    square_sum_kernel::launch(
        &totals.client.clone(),
        count,
        dim,
        x.into_tensor_arg(),
        totals.clone().into_tensor_arg(),
    );
    totals
}
