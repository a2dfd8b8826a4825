//! What an editor offers at a place of an INI: completions, and help on what stands there.
//!
//! Both go by the table of [`super::keys`] and work on a text that is being written, so that they
//! don't ask whether it can be parsed.

mod complete;
mod help;
mod place;
#[cfg(test)]
mod tests;

pub use complete::{Completion, Offer, complete, models};
pub use help::{Help, help};
pub use place::databases;
