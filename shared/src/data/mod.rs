//! Tables to labelled rows to a split, each step with a report of what was dropped and why.

mod utterance;

pub use utterance::{Label, Part, Utterance};
