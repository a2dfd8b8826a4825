//! A row on its way from a table to an utterance.

use super::{Label, Part, Utterance};
use indexmap::IndexMap;

/// One row of a table, before it is known whether it stays.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// Index of the database in the configuration.
    pub(super) database: usize,
    /// Line of the table, from 1.
    pub(super) line: u64,
    /// The file as it can be opened.
    pub(super) file: String,
    /// The file as the table names it.
    pub(super) name: String,
    /// Start in seconds.
    pub(super) start: f64,
    /// End in seconds; `None` is the file's end.
    pub(super) end: Option<f64>,
    /// Length of the stretch in seconds; 0 until the file was probed.
    pub(super) seconds: f64,
    /// The speaker.
    pub(super) speaker: Option<String>,
    /// `male`, `female`, or what the table says.
    pub(super) gender: Option<String>,
    /// The target as text.
    pub(super) label: Option<String>,
    /// The target as a number, where it is one.
    pub(super) value: Option<f64>,
    /// All columns but those of the index and the speaker.
    pub(super) columns: IndexMap<String, String>,
    /// The part whose tables list the row, where the split is by tables.
    pub(super) listed: Option<Part>,
}

impl Row {
    /// What stands in a column.
    pub(super) fn column(&self, name: &str) -> Option<&str> {
        match name {
            "file" => Some(&self.name),
            "speaker" => self.speaker.as_deref(),
            _ => self.columns.get(name).map(String::as_str),
        }
    }

    /// The row as an utterance of a database.
    pub(super) fn utterance(self, database: String, label: Option<Label>) -> Utterance {
        Utterance {
            file: self.file,
            name: self.name,
            start: self.start,
            end: self.end,
            database,
            speaker: self.speaker,
            gender: self.gender,
            label,
            columns: self.columns,
        }
    }

    /// What makes the row the same recording as another one.
    pub(super) fn key(&self) -> (&str, u64, Option<u64>) {
        (&self.file, self.start.to_bits(), self.end.map(f64::to_bits))
    }
}

/// `male` and `female` for the usual ways to write them; anything else stays as it is.
pub(super) fn gender(text: &str) -> String {
    match text.to_lowercase().as_str() {
        "m" | "male" | "man" => "male".to_owned(),
        "f" | "female" | "w" | "woman" => "female".to_owned(),
        _ => text.to_owned(),
    }
}
