//! INI text to a typed [`Experiment`], with diagnostics on the way.
//!
//! [`ini`] parses, [`literal`] reads Python literals in values, [`keys`] is the table of all keys, [`assist`] helps to write,
//! [`mod@check`] makes the experiment, and [`diagnostics`] are what it finds.

pub mod assist;
mod check;
pub mod diagnostics;
mod experiment;
mod folds;
mod hash;
mod hub;
pub mod ini;
pub mod keys;
pub mod literal;
mod overrides;
pub mod span;

pub use check::{Checked, Mode, Origin, Setting, check, check_in};
pub use experiment::*;
pub use folds::{CrossDatabases, CrossRows, CrossTraining, Folds};
pub use hash::{data_hash, hash, training_hash};
pub use hub::{HubModel, HubNameError, check_part};
pub use overrides::{OverrideError, apply_overrides};
