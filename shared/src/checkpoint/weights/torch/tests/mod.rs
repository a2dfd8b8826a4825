//! PyTorch files: those of the reference, forged ones, and damaged ones.

mod forge;
mod mutations;
mod reads;
mod refuses;
