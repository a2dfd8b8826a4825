//! What a check finds: a place, how grave it is, what it is, and what to do.

mod code;
mod render;

pub use code::Code;
pub use render::render;

use super::{
    ini::Edit,
    span::{Position, Span},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How grave a finding is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// There is no experiment.
    Error,
    /// The experiment runs, and may not be what was meant.
    Warning,
    /// Good to know.
    Info,
}

impl Severity {
    /// `error`, `warning` or `info`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// What to do about a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fix {
    /// The advice.
    pub message: String,
    /// The changes of the text that follow it; empty where a person must decide.
    pub edits: Vec<Edit>,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Diagnostic {
    /// The stretch of the text.
    pub span: Span,
    /// Its start for people.
    pub start: Position,
    /// Its end for people, behind the last character.
    pub end: Position,
    /// How grave it is.
    pub severity: Severity,
    /// What kind of finding it is.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// The finding as `voxtune check --json` prints it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "line": self.start.line,
            "column": self.start.column,
            "end_line": self.end.line,
            "end_column": self.end.column,
            "severity": self.severity.word(),
            "code": self.code.word(),
            "message": self.message,
            "fix": self.fix.as_ref().map(|fix| &fix.message),
        })
    }
}
