//! Results of jobs that have ended.

use crate::report::Manifest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The records of a job's runs (`run.json`), by run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Records {
    /// The records.
    #[schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>")]
    pub records: Vec<Manifest>,
}

/// Jobs to be compared; answered by the comparison that `voxtune compare --json` prints.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CompareRequest {
    /// Two jobs or more.
    #[schemars(length(min = 2, max = 100))]
    pub jobs: Vec<String>,
    /// The figure; without it the one that the first job chose its checkpoints by.
    #[serde(default)]
    pub measure: Option<String>,
}

/// A model to be uploaded to the hub that the runner is set up for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishRequest {
    /// The repository, `owner/name`.
    pub to: String,
    /// Let everybody see it; without it only its owner does.
    #[serde(default)]
    pub public: bool,
    /// Number of the run; without it the best one.
    #[serde(default)]
    pub run: Option<u32>,
}

/// An upload to the hub was begun; the job's events tell how it goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Publication {
    /// The repository.
    pub to: String,
    /// Number of the run.
    pub run: u32,
}
