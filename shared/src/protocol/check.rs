//! Checking an experiment without running it.

use super::Devices;
use crate::config::{Setting, diagnostics::Diagnostic};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An experiment to be checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckRequest {
    /// The INI.
    pub text: String,
    /// Keys to set, as `SECTION.KEY=VALUE`.
    #[serde(default)]
    pub set: Vec<String>,
}

/// What a check found. Paths are looked for on the runner, below its data roots.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckReply {
    /// Whether it can be run.
    pub valid: bool,
    /// Everything worth saying, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The keys that act, with their effective values.
    pub settings: Vec<Setting>,
    /// What the run needs, where the model is known.
    pub estimate: Option<crate::estimate::Estimate>,
    /// Whether that fits where it would run, as far as that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<crate::estimate::Fit>,
    /// What it can run on.
    pub devices: Devices,
}

/// An experiment whose data are to be looked at; answered by the data report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataRequest {
    /// The INI.
    pub text: String,
    /// Keys to set, as `SECTION.KEY=VALUE`.
    #[serde(default)]
    pub set: Vec<String>,
    /// Decode every recording to look for clipped, silent and damaged ones; takes a while.
    #[serde(default)]
    pub survey: bool,
}
