//! A job: a run with a state, as a process of its own in a folder of its own.
//!
//! The server writes the order, starts `voxtune run --job DIR`, and reads what the process leaves
//! behind. Neither needs the other to be alive: the process holds a lock as long as it lives,
//! appends its events to a file, and writes last how it ended.

mod folder;
mod limits;
mod process;
mod run;

pub(crate) use folder::{Exit, JobFolder, Order};
pub(crate) use process::{Process, SignalError, memory};
pub(crate) use run::run;
