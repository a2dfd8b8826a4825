//! Browsing what jobs may read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The folders that jobs may read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Roots {
    /// The folders in the order of the command line, then datasets, then the demo.
    pub roots: Vec<Root>,
}

/// A folder that jobs may read: one of `--data`, a dataset that was uploaded, or the demo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Root {
    /// What addresses call it: the number of a `--data` folder (`0`, `1`), a dataset's id, or `demo`.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The path that an INI writes to reach it.
    pub path: String,
}

/// What lies in a folder below a root.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Listing {
    /// The root.
    pub root: String,
    /// The folder below it, with `/`; empty is the root itself.
    pub path: String,
    /// Folders first, then files, each by name.
    pub entries: Vec<Entry>,
    /// Whether there is more than is listed.
    pub truncated: bool,
}

/// A file or folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
    /// Bytes of a file.
    pub size: Option<u64>,
    /// When it was changed last, in RFC 3339.
    pub modified: Option<String>,
}

/// What an entry is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A folder.
    Folder,
    /// A recording, by its name.
    Audio,
    /// A table (`.csv`).
    Table,
    /// An experiment (`.ini`).
    Experiment,
    /// A folder with an audformat header (`db.yaml`).
    Audformat,
    /// A folder with a model (`config.json`).
    Model,
    /// Another file.
    Other,
}
