//! Loops for the CPU: rows in parallel, elements in the order in which they lie.

use super::{SpeechOps, Window, portable, window};
use crate::ops::{AdamStep, columns, cpu};
use burn::{
    backend::{
        DType, Flex, TensorMetadata,
        flex::{FlexTensor, Layout},
        ops::FloatTensorOps,
        tensor::FloatTensor,
    },
    tensor::TensorData,
};

/// The elements of an f32 tensor, laid out row by row.
fn contiguous(x: FlexTensor) -> FlexTensor {
    if x.as_slice::<f32>().is_some() {
        x
    } else {
        x.to_contiguous()
    }
}

fn elements(x: &FlexTensor) -> &[f32] {
    x.as_slice::<f32>().unwrap_or_default()
}

fn tensor(values: Vec<f32>, shape: Vec<usize>) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}

fn shape(x: &FlexTensor) -> Vec<usize> {
    x.shape().to_vec()
}

fn is_f32(x: &FlexTensor) -> bool {
    x.dtype() == DType::F32
}

fn width(x: &FlexTensor) -> usize {
    shape(x).last().copied().unwrap_or(1).max(1)
}

/// T and C of `[B, T, C]`.
fn time_and_width(x: &FlexTensor) -> (usize, usize) {
    let width = width(x);
    (shape(x).get(1).copied().unwrap_or(1).max(1), width)
}

/// `[G, N, positions, K C]` over the storage of `x`: neighbouring windows overlap in memory, so
/// nothing is copied.
fn windows(x: FlexTensor, window: Window) -> FlexTensor {
    let x = contiguous(x);
    let [groups, rows, time, channels] = window::sizes::<Flex>(&x);
    let shape = [
        groups,
        rows,
        window.positions(time),
        window.kernel * channels,
    ];
    let strides = [
        rows * time * channels,
        time * channels,
        window.stride * channels,
        1,
    ];
    let strides = strides.iter().map(|&stride| stride as isize).collect();
    let layout = Layout::new(shape.into(), strides, x.layout().start_offset());
    x.with_layout(layout)
}

impl SpeechOps for Flex {
    fn exact_gelu(x: FloatTensor<Self>) -> FloatTensor<Self> {
        if !is_f32(&x) {
            return portable::gelu::<Self>(x);
        }
        let x = contiguous(x);
        tensor(cpu::map(elements(&x), cpu::gelu), shape(&x))
    }

    fn exact_gelu_grad(x: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self> {
        if !is_f32(&x) {
            return portable::gelu_grad::<Self>(x, grad);
        }
        let (x, grad) = (contiguous(x), contiguous(grad));
        tensor(
            cpu::zip(elements(&x), elements(&grad), |x, g| g * cpu::gelu_slope(x)),
            shape(&x),
        )
    }

    fn last_softmax(x: FloatTensor<Self>) -> FloatTensor<Self> {
        if !is_f32(&x) {
            return portable::softmax::<Self>(x);
        }
        let x = contiguous(x);
        tensor(cpu::rows(elements(&x), width(&x), cpu::softmax), shape(&x))
    }

    fn last_softmax_grad(y: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self> {
        if !is_f32(&y) {
            return portable::softmax_grad::<Self>(y, grad);
        }
        let (y, grad) = (contiguous(y), contiguous(grad));
        let out = cpu::rows2(elements(&y), elements(&grad), width(&y), cpu::softmax_grad);
        tensor(out, shape(&y))
    }

    fn last_norm(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        eps: f64,
    ) -> FloatTensor<Self> {
        if !is_f32(&x) {
            return portable::norm::<Self>(x, weight, bias, eps);
        }
        let (x, weight, bias) = (contiguous(x), contiguous(weight), contiguous(bias));
        let (w, b) = (elements(&weight), elements(&bias));
        let out = cpu::rows(elements(&x), width(&x), |x, y| cpu::norm(x, w, b, eps, y));
        tensor(out, shape(&x))
    }

    fn last_norm_grad(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        eps: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        if !is_f32(&x) {
            return portable::norm_grad::<Self>(x, weight, grad, eps);
        }
        let (x, weight, grad) = (contiguous(x), contiguous(weight), contiguous(grad));
        let width = width(&x);
        let (x_grad, weight_grad, bias_grad) =
            cpu::norm_grad(elements(&x), elements(&weight), elements(&grad), eps);
        (
            tensor(x_grad, shape(&x)),
            tensor(weight_grad, vec![width]),
            tensor(bias_grad, vec![width]),
        )
    }

    fn time_standard(x: FloatTensor<Self>, eps: f64) -> FloatTensor<Self> {
        if !is_f32(&x) {
            return portable::time_standard::<Self>(x, eps);
        }
        let x = contiguous(x);
        tensor(
            columns::standard(elements(&x), time_and_width(&x), eps),
            shape(&x),
        )
    }

    fn time_standard_grad(
        x: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        eps: f64,
    ) -> FloatTensor<Self> {
        if !is_f32(&x) {
            return portable::time_standard_grad::<Self>(x, grad, eps);
        }
        let (x, grad) = (contiguous(x), contiguous(grad));
        tensor(
            columns::standard_grad(elements(&x), elements(&grad), time_and_width(&x), eps),
            shape(&x),
        )
    }

    fn add_square_sum(totals: FloatTensor<Self>, x: FloatTensor<Self>) -> FloatTensor<Self> {
        if !is_f32(&x) {
            return portable::add_square_sum::<Self>(totals, x);
        }
        let (mut totals, x) = (contiguous(totals), contiguous(x));
        let sum = cpu::square_sum(elements(&x)) as f32;
        if let Some(first) = totals.storage_mut::<f32>().first_mut() {
            *first += sum;
        }
        totals
    }

    fn adam_step(
        value: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        step: AdamStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let whole =
            |x: &FlexTensor| is_f32(x) && x.storage::<f32>().len() == x.shape().num_elements();
        let (grad, scale) = (contiguous(grad), contiguous(scale));
        let (mut value, mut first, mut second) = (value, first, second);
        if !(whole(&value) && whole(&first) && whole(&second) && is_f32(&grad)) {
            return portable::adam_step::<Self>(value, grad, scale, first, second, step);
        }
        let factor = elements(&scale).first().copied().unwrap_or(1.0);
        cpu::adam_step(
            value.storage_mut(),
            elements(&grad),
            factor,
            first.storage_mut(),
            second.storage_mut(),
            &step,
        );
        (value, first, second)
    }

    fn window_product(
        x: FloatTensor<Self>,
        w: FloatTensor<Self>,
        window: Window,
    ) -> FloatTensor<Self> {
        if !is_f32(&x) {
            return window::product::<Self>(x, w, window);
        }
        let [groups, inner, out] = [w.shape()[0], w.shape()[1], w.shape()[2]];
        let w = Self::float_reshape(w, [groups, 1, inner, out].into());
        Self::float_matmul(windows(x, window), w)
    }

    fn window_weight_grad(
        x: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        window: Window,
    ) -> FloatTensor<Self> {
        if !is_f32(&x) {
            return window::weight_grad::<Self>(x, grad, window);
        }
        let columns = Self::float_swap_dims(windows(x, window), 2, 3);
        let product = Self::float_sum_dim(Self::float_matmul(columns, grad), 1);
        let [groups, _, inner, out] = window::sizes::<Self>(&product);
        Self::float_reshape(product, [groups, inner, out].into())
    }
}
