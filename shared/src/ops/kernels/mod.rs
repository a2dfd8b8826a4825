//! Kernels for every device that CubeCL drives.
//!
//! No plane operations and at most 256 units a cube, so that a browser takes them too.

mod product;

pub(super) use product::{is_software, product};
