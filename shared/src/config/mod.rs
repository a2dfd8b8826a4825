//! INI text to a typed [`Experiment`], with diagnostics on the way.

mod experiment;

pub use experiment::*;
