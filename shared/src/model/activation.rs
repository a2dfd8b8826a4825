//! Activations of the encoder.

use super::config::Activation;
use crate::ops;
use burn::tensor::{Tensor, activation};

/// Applies `activation`, then multiplies by `kept`, the factors of dropout.
pub(super) fn apply_dropped<const D: usize>(
    activation: Activation,
    x: Tensor<D>,
    kept: Option<Tensor<D>>,
) -> Tensor<D> {
    match (activation, kept) {
        (Activation::Gelu, Some(kept)) => ops::dropped_gelu(x, kept),
        (_, Some(kept)) => apply(activation, x) * kept,
        (_, None) => apply(activation, x),
    }
}

/// Applies `activation` element by element.
pub(super) fn apply<const D: usize>(activation: Activation, x: Tensor<D>) -> Tensor<D> {
    match activation {
        Activation::Gelu => ops::gelu(x),
        Activation::GeluTanh => {
            let cube = x.clone() * x.clone() * x.clone();
            let inner = (x.clone() + cube * 0.044_715) * 0.797_884_560_802_865_4;
            x * (ops::tanh(inner) + 1.0) * 0.5
        }
        Activation::Relu => activation::relu(x),
        Activation::Silu => activation::silu(x),
    }
}
