//! Predictions for many recordings, a chunk at a time, so that memory stays bounded and what is done
//! can be written at once.
//!
//! [`Rows`] are the lines of the table to be, [`chunks`] cuts them, [`decode`] reads the clips of a
//! chunk, [`logits`] puts them to the model. A recording that cannot be read costs its own rows only.

mod decode;
mod logits;
mod rows;

#[cfg(test)]
mod tests;

pub use decode::{Clips, decode};
pub use logits::logits;
pub use rows::{Rows, chunks, windows};
