//! Whether the runner is well.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether the runner is well; says nothing of users and jobs, since nobody needs to log in for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    /// Whether its store answers and its disk has room.
    pub healthy: bool,
    /// Its version.
    pub version: String,
    /// What is wrong.
    pub problems: Vec<String>,
}
