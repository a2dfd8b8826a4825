//! A text to an [`Experiment`], with everything that is worth saying about it.
//!
//! [`check_in`] goes through the steps in order: the text itself, the names of sections and keys,
//! then each key that acts is read once, and what it means together with the others.

mod balance;
mod checker;
mod conflicts;
mod cross;
mod data;
mod database;
mod databases;
mod experiment;
mod folds;
mod hints;
mod inherited;
mod json;
mod layout;
mod mapping;
mod names;
mod parts;
mod paths;
mod read;
mod secrets;
mod slot;
mod split;
mod status;
mod suffix;
pub(super) mod suggest;
mod syntax;
mod tables;
#[cfg(test)]
mod tests;
mod tuning;
mod value;

use super::{
    Experiment,
    diagnostics::{Diagnostic, Severity},
    ini::Document,
};
use crate::files::Files;
use checker::Checker;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a check is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Only the text: no file is asked for, as in a page.
    Text,
    /// Files are looked for; what is missing is a warning.
    Check,
    /// The experiment is about to run; what is missing, or would make something else of it than
    /// was asked for, is an error.
    Run,
    /// The data of the experiment are about to be read: as [`Mode::Run`], but for the model, of
    /// which nothing needs to be there yet.
    Data,
}

/// Where an effective value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The text sets it.
    File,
    /// Nothing sets it.
    Default,
    /// The text sets it by another name of the key.
    Alias,
    /// The INI of `root_folders` sets it.
    Roots,
}

/// An effective key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Setting {
    /// The section; for a default the one in which the key belongs.
    pub section: String,
    /// The key.
    pub key: String,
    /// The value as it would be written; empty is none.
    pub value: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// What a check found.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The parsed text.
    pub document: Document,
    /// Everything worth saying, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The experiment; `None` if and only if there are errors.
    pub experiment: Option<Experiment>,
    /// The keys that act with their effective values, in the order of the table.
    pub settings: Vec<Setting>,
}

impl Checked {
    /// Whether anything is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|finding| finding.severity == Severity::Error)
    }
}

/// Checks an INI; relative paths start at the current directory, as in Nkululeko.
#[must_use]
pub fn check(text: &str, files: &dyn Files, mode: Mode) -> Checked {
    check_in(text, "", files, mode)
}

/// As [`check`] for an INI that lies in `folder`: a path that is missing, and would be there from
/// that folder on, is reported so.
#[must_use]
pub fn check_in(text: &str, folder: &str, files: &dyn Files, mode: Mode) -> Checked {
    let document = Document::parse(text);
    let mut checker = Checker::new(&document, folder, files, mode);
    checker.syntax();
    checker.names();
    checker.layout();
    let experiment = checker.experiment();
    let (mut diagnostics, settings) = checker.finish();
    crate::sorting::by_key(&mut diagnostics, |finding| (finding.span, finding.severity));
    let failed = diagnostics
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    Checked {
        document,
        diagnostics,
        experiment: (!failed).then_some(experiment),
        settings,
    }
}
