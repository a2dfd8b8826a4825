//! Why a text is no literal.

/// Why a text is no literal that can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct LiteralError {
    /// Byte in the text where it goes wrong.
    pub offset: usize,
    /// What is wrong there.
    pub message: String,
}

impl LiteralError {
    pub(super) fn new(offset: usize, message: impl Into<String>) -> Self {
        Self {
            offset,
            message: message.into(),
        }
    }
}
