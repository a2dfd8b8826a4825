//! A reader for the pickles inside PyTorch files, which runs nothing.
//!
//! A pickle is a program for a stack machine, and Python's own reader calls whatever function the
//! program names. This one knows the instructions that plain data needs and a closed list of
//! names ([`Global`]), each of which is built here and never looked up; all else is refused.

mod error;
mod heap;
mod machine;
mod opcode;
mod rebuild;
mod source;

pub(super) use error::PickleError;
pub(super) use heap::{Heap, Id, Value};
pub(super) use machine::load;
pub(super) use rebuild::{Storage, StridedTensor};
pub(super) use source::Source;
