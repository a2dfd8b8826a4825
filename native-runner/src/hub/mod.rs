//! Models on the Hugging Face hub: fetched into the cache that Python shares, and uploaded.
//!
//! Where the hub is, who asks, and where its files are kept is said by the environment alone
//! ([`Settings`]): an INI names a model and never a server.

mod cache;
mod client;
mod commit;
mod download;
mod error;
mod lfs;
mod locate;
mod publish;
mod settings;

pub(crate) use locate::{cached, locate};
pub(crate) use publish::{Publisher, Target};
pub(crate) use settings::Settings;

use settings::Token;

/// How much of a model is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Configuration and weights.
    Weights,
    /// Only the configuration, for drawn weights.
    Description,
}
