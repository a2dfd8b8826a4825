//! Kernels for every device that CubeCL drives.
//!
//! No plane operations, at most 256 units a cube and few kilobytes of shared memory, so that a
//! browser takes them too. Each does in one dispatch what the back ends' primitives need several for:
//! in a tab a dispatch costs more than most of what is computed in it.

mod accumulate;
mod elements;
mod gate;
mod means;
mod norm;
mod plain;
mod product;
mod reduce;
mod softmax;
mod spread;
mod sums;
mod thrice;
mod tile;
mod windows;

pub(super) use elements::{
    adam_step, add_square_sum, dropped_gelu, dropped_gelu_grad, gelu, gelu_grad,
};
pub(super) use gate::{gated_bias, gated_bias_grad};
pub(super) use means::{Means, is_f32};
pub(super) use norm::{dropped_norm_grad, norm, norm_grad, sum_and_norm};
pub(super) use product::{affine, affine_weight_grad, product};
pub(super) use softmax::{Additions, dropped_softmax_grad, scored_softmax, softmax, softmax_grad};
pub(super) use thrice::{affine_thrice, affine_thrice_grad, sum_of_three};
pub(super) use windows::{window_fold, window_product, window_weight_grad};
