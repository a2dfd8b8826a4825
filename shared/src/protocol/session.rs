//! Who asks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A token to be swapped for a cookie.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The token that `voxtune serve` or `voxtune user add` printed.
    pub token: String,
}

/// Who asks, as the runner knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Session {
    /// Their name.
    pub user: String,
    /// Whether they see everybody's jobs.
    pub admin: bool,
    /// The runner's version.
    pub version: String,
    /// The machine's name.
    pub host: String,
    /// Whether models can be published: the runner has a token for the hub.
    pub can_publish: bool,
}

/// A user; only an admin sees others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// Their name.
    pub name: String,
    /// Whether they see everybody's jobs.
    pub admin: bool,
    /// When they were added, in RFC 3339.
    pub created: String,
}

/// All users.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Users {
    /// By name.
    pub users: Vec<User>,
}

/// What was done, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditLog {
    /// The entries.
    pub entries: Vec<AuditEntry>,
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditEntry {
    /// Its number, which grows.
    pub id: u64,
    /// When, in RFC 3339.
    pub time: String,
    /// Who; empty where that is not known.
    pub user: String,
    /// From where.
    pub address: String,
    /// What, for instance `job.create`.
    pub action: String,
    /// To what.
    pub object: String,
    /// The HTTP status that it was answered with.
    pub status: u16,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Login([hidden])")
    }
}
