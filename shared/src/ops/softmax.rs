//! The logarithm of softmax, for losses.

use burn::tensor::Tensor;

/// x - log Σ exp(x) over the last axis, shifted by the maximum.
#[must_use]
pub fn log_softmax(x: Tensor<2>) -> Tensor<2> {
    // The maximum is a constant to the gradient: it cancels.
    let max = x.clone().inner().max_dim(1);
    let shifted = x - max;
    let log_sum = shifted.clone().exp().sum_dim(1).log();
    shifted - log_sum
}
