//! An experiment from its data to its files: each run is trained, evaluated and written.
//!
//! [`Start`] is what training begins from, [`Job`] carries an experiment out, and goes on with one
//! that was broken off. Files go out through [`Output`], so that a disk and a browser get the same.

mod aside;
mod below;
mod checkpoints;
mod cross;
mod error;
mod identity;
mod job;
mod keeper;
mod live;
mod note;
mod outcome;
mod recorder;
mod save;
mod start;
mod tell;
mod tensors;
mod trial;
mod undertaking;
mod world;

pub use below::Below;
pub use cross::CrossValidation;
pub use error::RunError;
pub use identity::Identity;
pub use job::{Finished, Job};
pub use save::{Stored, stored};
pub use start::{Start, weights_hash};
pub use trial::Trial;
pub use undertaking::Undertaking;
pub use world::{Host, World};

pub use crate::files::{NewFile, Output};
