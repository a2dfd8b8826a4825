//! What is wrong with a text as an INI.

use crate::config::span::Span;

/// What Python's `configparser` refuses, with the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IniError {
    /// Text before the first `[SECTION]`.
    #[error("this line stands before the first [SECTION]")]
    MissingSectionHeader(Span),
    /// A line that is neither a section, nor a key with a value, nor a comment.
    #[error("this line is neither a [SECTION], nor `key = value`, nor a comment (# or ;)")]
    NotAnOption(Span),
    /// `= value`.
    #[error("there is no key before this value")]
    NoKey(Span),
    /// A section's second header.
    #[error("the section [{name}] was already opened in line {first}")]
    DuplicateSection {
        /// The name again.
        span: Span,
        /// The section.
        name: String,
        /// Line of the first header.
        first: usize,
    },
    /// A key's second value.
    #[error("the key `{key}` of [{section}] was already set in line {first}")]
    DuplicateOption {
        /// The key again.
        span: Span,
        /// The section.
        section: String,
        /// The key, in lower case.
        key: String,
        /// Line of the first one.
        first: usize,
    },
}

impl IniError {
    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::MissingSectionHeader(span) | Self::NotAnOption(span) | Self::NoKey(span) => *span,
            Self::DuplicateSection { span, .. } | Self::DuplicateOption { span, .. } => *span,
        }
    }
}

/// Why a value cannot be put together from its parts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InterpolationError {
    /// A `%` that begins nothing.
    #[error("a `%` must be followed by `%` or `(`; write `%%` for a percent sign")]
    LonePercent,
    /// `%(` without `)s`.
    #[error("`%(` has no closing `)s`; write `%%(` for the characters themselves")]
    Unclosed,
    /// A key that does not exist.
    #[error("`%({0})s` names a key that is neither in this section nor in [DEFAULT]")]
    Missing(String),
    /// References that go in circles.
    #[error("the references are nested more than 10 deep; do they go in circles?")]
    TooDeep,
    /// A value that grows out of all bounds.
    #[error(
        "the value is longer than {} characters once its references are filled in",
        super::interpolate::LONGEST
    )]
    TooLong,
}

/// Why an edit cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// A key that would be read differently.
    #[error(
        "`{0}` cannot be a key: it must not be empty, hold `=`, `:` or a line end, or begin with `[`, `#` or `;`"
    )]
    Key(String),
    /// A section's name that would be read differently.
    #[error("`{0}` cannot be a section's name: it must not be empty or hold `]` or a line end")]
    Section(String),
    /// A value that would be read differently.
    #[error(
        "the value of `{0}` cannot be written: no line after its first may begin with `#` or `;`"
    )]
    Value(String),
    /// The key is not there.
    #[error("[{section}] has no key `{key}`")]
    NoSuchKey {
        /// The section.
        section: String,
        /// The key.
        key: String,
    },
}
