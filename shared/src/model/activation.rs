//! Activations of the encoder.

use super::config::Activation;
use crate::ops;
use burn::tensor::{Tensor, activation};

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
