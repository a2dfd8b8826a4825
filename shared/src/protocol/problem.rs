//! Errors over HTTP, as RFC 9457 has them.

use crate::config::diagnostics::Diagnostic;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The media type of a [`Problem`].
pub const PROBLEM_TYPE: &str = "application/problem+json";

/// What kind of problem it is, by a word that never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// The request cannot be read: its form, a parameter, a header.
    BadRequest,
    /// The INI has errors.
    InvalidConfig,
    /// Who asks is not known: no token, or a wrong one.
    Unauthorized,
    /// Who asks may not do this; or it comes from a foreign page.
    Forbidden,
    /// There is no such thing, or it belongs to somebody else.
    NotFound,
    /// The address does not take this method.
    MethodNotAllowed,
    /// The state of things does not allow it, for instance to cancel a finished job.
    Conflict,
    /// The body is larger than is taken here.
    TooLarge,
    /// The body is of another media type.
    UnsupportedMediaType,
    /// The stretch that was asked for lies outside of the file.
    RangeNotSatisfiable,
    /// What was sent can be read, and cannot be used: an archive with links, a sound file that is none.
    Unprocessable,
    /// Too many requests, failed tokens or queued jobs.
    TooMany,
    /// Something went wrong here.
    Internal,
    /// The machine cannot do it now: a device, the hub, a process.
    Unavailable,
    /// Disk or quota are full.
    OutOfSpace,
}

impl ProblemKind {
    /// All kinds.
    pub const ALL: [Self; 15] = [
        Self::BadRequest,
        Self::InvalidConfig,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::RangeNotSatisfiable,
        Self::Unprocessable,
        Self::TooMany,
        Self::Internal,
        Self::Unavailable,
        Self::OutOfSpace,
    ];

    /// The HTTP status.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::RangeNotSatisfiable => 416,
            Self::InvalidConfig | Self::Unprocessable => 422,
            Self::TooMany => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
            Self::OutOfSpace => 507,
        }
    }

    /// A few words for people, the same for every problem of the kind.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::BadRequest => "The request cannot be read",
            Self::InvalidConfig => "The experiment has errors",
            Self::Unauthorized => "Not logged in",
            Self::Forbidden => "Not allowed",
            Self::NotFound => "There is no such thing",
            Self::MethodNotAllowed => "Not done this way",
            Self::Conflict => "Not in this state",
            Self::TooLarge => "Too large",
            Self::UnsupportedMediaType => "Another media type is expected",
            Self::RangeNotSatisfiable => "Outside of the file",
            Self::Unprocessable => "It cannot be used",
            Self::TooMany => "Too many",
            Self::Internal => "Something went wrong in the runner",
            Self::Unavailable => "Not possible now",
            Self::OutOfSpace => "No room",
        }
    }
}

/// An error over HTTP. Where it is about a place in an INI, that place is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// What kind of problem it is (the `type` of RFC 9457, which may be a relative reference).
    #[serde(rename = "type")]
    pub kind: ProblemKind,
    /// A few words, the same for every problem of the kind.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened, to what, and what to do.
    pub detail: String,
    /// The section of the INI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// The key in it, or the parameter or field of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Line in the INI, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Column in the INI in characters, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// All that the check of an INI found, the first error being the one above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diagnostics: Vec<Diagnostic>,
    /// Seconds after which it may be tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

impl Problem {
    /// A problem of `kind`; `detail` says what happened, to what, and what to do.
    #[must_use]
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            title: kind.title().to_owned(),
            status: kind.status(),
            detail: detail.into(),
            section: None,
            key: None,
            line: None,
            column: None,
            diagnostics: Vec::new(),
            retry_after: None,
        }
    }
}
