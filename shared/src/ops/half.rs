//! Products of half-precision numbers: factors are rounded, the result is single precision again.

use super::{conv, scaled_matmul};
use crate::config::Precision;
use burn::tensor::{Device, FloatDType, Tensor};

/// The library's name of the format; `None` is single precision.
fn format(precision: Precision) -> Option<FloatDType> {
    match precision {
        Precision::F32 => None,
        Precision::Bf16 => Some(FloatDType::BF16),
        Precision::F16 => Some(FloatDType::F16),
    }
}

/// Whether `device` computes with numbers of this format.
#[must_use]
pub fn supports(device: &Device, precision: Precision) -> bool {
    format(precision).is_none_or(|format| device.supports_dtype(format))
}

/// Rounds to the format. A tensor that several products take is rounded once.
#[must_use]
pub fn rounded<const D: usize>(x: Tensor<D>, precision: Precision) -> Tensor<D> {
    match format(precision) {
        Some(format) => x.cast(format),
        None => x,
    }
}

/// [`super::matmul`] of rounded factors; gradients are rounded where they pass.
#[must_use]
pub fn matmul_in<const D: usize>(
    lhs: Tensor<D>,
    rhs: Tensor<D>,
    precision: Precision,
) -> Tensor<D> {
    scaled_matmul_in(lhs, rhs, 1.0, precision)
}

/// [`scaled_matmul`] of rounded factors; the scale is applied before the rounding.
#[must_use]
pub fn scaled_matmul_in<const D: usize>(
    lhs: Tensor<D>,
    rhs: Tensor<D>,
    alpha: f64,
    precision: Precision,
) -> Tensor<D> {
    match format(precision) {
        Some(format) => {
            let lhs = if alpha == 1.0 { lhs } else { lhs * alpha };
            scaled_matmul(lhs.cast(format), rhs.cast(format), 1.0).cast(FloatDType::F32)
        }
        None => scaled_matmul(lhs, rhs, alpha),
    }
}

/// [`conv::conv1d`] of rounded factors.
#[must_use]
pub fn conv1d_in(
    x: Tensor<3>,
    weight: Tensor<3>,
    bias: Option<Tensor<1>>,
    stride: usize,
    precision: Precision,
) -> Tensor<3> {
    let (x, weight) = (rounded(x, precision), rounded(weight, precision));
    let y = conv::conv1d(x, weight, None, stride);
    let y = if precision == Precision::F32 {
        y
    } else {
        y.cast(FloatDType::F32)
    };
    match bias {
        Some(bias) => y + bias.unsqueeze(),
        None => y,
    }
}
