//! What can be wrong with a pickle.

use std::io;

/// Why a pickle was not read.
#[derive(Debug, thiserror::Error)]
pub(in crate::checkpoint::weights::torch) enum PickleError {
    /// The system could not read on.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// Not a well-formed program.
    #[error("{0}")]
    Damaged(String),
    /// A program that asks for more than plain tensors.
    #[error("{0}")]
    Refused(String),
}

impl PickleError {
    pub(in crate::checkpoint::weights::torch) fn damaged(reason: impl Into<String>) -> Self {
        Self::Damaged(reason.into())
    }

    pub(in crate::checkpoint::weights::torch) fn refused(reason: impl Into<String>) -> Self {
        Self::Refused(reason.into())
    }
}
