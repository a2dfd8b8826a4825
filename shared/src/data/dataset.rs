//! The data of an experiment, ready to be trained on.

use super::{Bins, DataReport, Part, Parts, TargetTransform, Utterance};

/// The data of an experiment, ready to be trained on.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// Gradients come from here. Rows are in the order of the databases and their tables.
    pub train: Vec<Utterance>,
    /// The best checkpoint is chosen here; empty if it is chosen on the test part.
    pub dev: Vec<Utterance>,
    /// The reported figures come from here.
    pub test: Vec<Utterance>,
    /// Lengths of the stretches in seconds, in the order of the utterances.
    pub seconds: Parts<Vec<f64>>,
    /// Class names, sorted; a class's index is its position. Empty for a regression.
    pub labels: Vec<String>,
    /// How a continuous target is turned back to the table's unit.
    pub transform: TargetTransform,
    /// Where the classes of a continuous target begin and end.
    pub bins: Option<Bins>,
    /// What became of every row.
    pub report: DataReport,
    /// SHA-256 of the sorted (part, file, start, end, label) of all utterances, in hexadecimal.
    pub split_hash: String,
}

impl Dataset {
    /// The utterances of a part.
    #[must_use]
    pub fn part(&self, part: Part) -> &[Utterance] {
        match part {
            Part::Train => &self.train,
            Part::Dev => &self.dev,
            Part::Test => &self.test,
        }
    }
}
