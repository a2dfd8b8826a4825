//! One `AdamW` step of one parameter (Loshchilov and Hutter 2019, in PyTorch's order).

use super::fused::SpeechOps;
use burn::{backend::Dispatch, tensor::Tensor};

/// The numbers of one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamStep {
    /// Learning rate.
    pub rate: f64,
    /// Decay of the first moment.
    pub beta1: f64,
    /// Decay of the second moment.
    pub beta2: f64,
    /// Added to the root of the second moment.
    pub eps: f64,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Number of the step, counted from 1.
    pub step: u32,
}

impl AdamStep {
    /// 1 - β₁ᵗ
    pub(super) fn correction1(&self) -> f64 {
        1.0 - self.beta1.powi(self.step as i32)
    }

    /// 1 - β₂ᵗ
    pub(super) fn correction2(&self) -> f64 {
        1.0 - self.beta2.powi(self.step as i32)
    }

    /// The parameter after the step, which also moves the moments; all are flat and of one
    /// length. `scale` is `[1]` and multiplies the gradient.
    #[must_use]
    pub fn apply(
        self,
        value: Tensor<1>,
        gradient: Tensor<1>,
        scale: Tensor<1>,
        moments: (Tensor<1>, Tensor<1>),
    ) -> (Tensor<1>, (Tensor<1>, Tensor<1>)) {
        let (value, first, second) = <Dispatch as SpeechOps>::adam_step(
            value.into_dispatch(),
            gradient.into_dispatch(),
            scale.into_dispatch(),
            moments.0.into_dispatch(),
            moments.1.into_dispatch(),
            self,
        );
        (
            Tensor::from_dispatch(value),
            (Tensor::from_dispatch(first), Tensor::from_dispatch(second)),
        )
    }
}

/// Parts that a sum over all parameters is kept in, so that a graphics device adds to many at a
/// time.
const PARTS: usize = 1024;

/// √(Σ x²) over all elements of all tensors, as a tensor `[1]`; `None` without any.
pub fn root_of_squares<'a>(tensors: impl Iterator<Item = &'a Tensor<1>>) -> Option<Tensor<1>> {
    let totals = tensors.fold(None, |totals, x| {
        let totals = totals.unwrap_or_else(|| Tensor::<1>::zeros([PARTS], &x.device()));
        let x = x.clone().into_dispatch();
        Some(Tensor::from_dispatch(
            <Dispatch as SpeechOps>::add_square_sum(totals.into_dispatch(), x),
        ))
    });
    totals.map(|totals: Tensor<1>| totals.sum().sqrt())
}
