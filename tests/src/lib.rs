//! What the tests across rooms share; it compiles for the browser too, where the same checks run
//! on WebGPU.

pub mod kernels;
pub mod parity;
pub mod speed;
pub mod steps;
