//! One labelled stretch of one recording.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The part of the split that an utterance stands in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Gradients come from here.
    Train,
    /// The best checkpoint is chosen here.
    Dev,
    /// The reported figures come from here.
    Test,
}

impl Part {
    /// All parts, in the order in which they are used.
    pub const ALL: [Self; 3] = [Self::Train, Self::Dev, Self::Test];

    /// The part's name in texts and files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Dev => "dev",
            Self::Test => "test",
        }
    }
}

/// What is to be learnt of an utterance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Label {
    /// Index of the class in the sorted list of training labels.
    Class(usize),
    /// Target value of a regression, after `target_divide_by`, `reverse` and `scale`.
    Value(f64),
}

/// One labelled stretch of one recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Utterance {
    /// The file as it can be opened through [`crate::files::Files`].
    pub file: String,
    /// The file as the table names it, for reports.
    pub name: String,
    /// Start in the file, in seconds.
    pub start: f64,
    /// End in the file, in seconds; `None` is the file's end.
    pub end: Option<f64>,
    /// Name of the database that the row comes from.
    pub database: String,
    /// Speaker, where the table has one.
    pub speaker: Option<String>,
    /// `male`, `female`, or as the table says it.
    pub gender: Option<String>,
    /// What is to be learnt; `None` where the data has no labels (prediction only).
    pub label: Option<Label>,
    /// Every other column of the row, as text; the target stands among them as it is after
    /// `mapping` and before it is encoded, and the gender as the table has it.
    pub columns: IndexMap<String, String>,
}
