//! Tensor operations that the model is made of, each exact to PyTorch on every device.

mod adam;
mod columns;
mod conv;
mod cpu;
mod fused;
mod half;
#[cfg(not(target_feature = "atomics"))]
mod kernels;
mod norm;
mod softmax;
mod tanh;

pub use adam::{AdamStep, root_of_squares};
pub use conv::{conv1d, grouped_conv1d};
pub use fused::{
    Scores, SpeechOps, Window, affine, attend, dropped_gelu, gated_bias, gelu, layer_norm, matmul,
    norm_of_dropped_sum, norm_of_sum, scaled_matmul, softmax, window_product,
};
pub use half::{conv1d_in, matmul_in, rounded, scaled_matmul_in, supports};
pub use norm::channel_norm;
pub use softmax::log_softmax;
pub use tanh::tanh;
