//! Tensor operations that the model is made of, each exact to PyTorch on every device.

mod adam;
mod columns;
mod conv;
mod cpu;
mod fused;
mod half;
mod kernels;
mod norm;
mod softmax;
mod tanh;

pub use adam::{AdamStep, sum_of_squares};
pub use conv::{conv1d, grouped_conv1d};
pub use fused::{SpeechOps, Window, gelu, layer_norm, matmul, softmax, window_product};
pub use half::{conv1d_in, matmul_in, rounded, supports};
pub use norm::channel_norm;
pub use softmax::log_softmax;
pub use tanh::tanh;
