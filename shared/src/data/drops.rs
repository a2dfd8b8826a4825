//! Rows that do not stay, and why.

use super::{Part, parts::Parts, row::Row};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Rows of a kind that are named as examples.
const EXAMPLES: usize = 3;

/// Declares the reasons with their sentence.
macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)+) => {
        /// Why a row is not used.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum DropReason { $($(#[$doc])* $name,)+ }

        impl DropReason {
            /// The reason in words.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

reasons! {
    /// The row names no file.
    NoFileName = "no file name",
    /// `start` or `end` cannot be read, is negative, or they are the wrong way round.
    BadTime = "start or end is not a time",
    /// The target is empty.
    MissingLabel = "no label",
    /// The same stretch of the same file stood in an earlier row of the table.
    Duplicate = "the same stretch stands in an earlier row",
    /// `required` names a column that is empty here.
    Required = "the column of `required` is empty",
    /// `limit_samples`.
    LimitSamples = "over limit_samples",
    /// `limit_samples_per_speaker`.
    LimitPerSpeaker = "over limit_samples_per_speaker",
    /// `filter`.
    Filtered = "taken out by filter",
    /// `mapping` does not name the label.
    Unmapped = "the label is not named in mapping",
    /// `labels` does not name the label.
    NotInLabels = "the label is not one of labels",
    /// The target should be a number.
    NotANumber = "the target is not a number",
    /// The target is outside of `bins`.
    OutsideBins = "the target is outside of bins",
    /// There is no such file.
    MissingFile = "the file cannot be opened",
    /// `check_size`.
    TooSmall = "the file is smaller than check_size",
    /// The file is not audio that can be read.
    Unreadable = "the audio is unreadable",
    /// The stretch is empty, or begins after the file's end.
    EmptyStretch = "the stretch is empty or lies after the end of the file",
    /// `check_vad`.
    NoVoice = "no voice is heard in it (check_vad)",
    /// `min_duration_of_sample`.
    TooShort = "shorter than min_duration_of_sample",
    /// `max_duration_of_sample`.
    TooLong = "longer than max_duration_of_sample",
    /// The split is by speakers and the row has none.
    NoSpeaker = "no speaker, and the split is by speakers",
    /// None of the speaker lists names the speaker.
    NotInSpeakerLists = "the speaker stands in none of the lists",
    /// No table of a part lists the stretch.
    NotInTables = "the stretch stands in no table of the parts",
    /// None of `train_vals`, `dev_vals` and `test_vals` names the value.
    NotInSplitValues = "the value of split_column stands in none of the lists",
    /// `as_test` or `as_train` keep only the other part.
    PartLeftOut = "left out by as_test or as_train",
    /// The class does not occur in the train part.
    UnseenLabel = "the label does not occur in the train part",
}

/// Rows that were dropped for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Dropped {
    /// Name of the database.
    pub database: String,
    /// The part, where the row was dropped after the split.
    pub part: Option<Part>,
    /// Why.
    pub reason: DropReason,
    /// How many rows.
    pub count: usize,
    /// The first few, of a [`super::list`] all: line in the table, file, and what is particular about it.
    pub examples: Vec<String>,
}

/// The database's index, the part after the split, and the reason.
type Key = (usize, Option<Part>, DropReason);

/// Collects dropped rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Drops {
    names: Vec<String>,
    /// Rows of a kind that are named.
    named: usize,
    found: IndexMap<Key, (usize, Vec<String>)>,
}

impl Drops {
    /// For databases of these names.
    pub(super) fn new(names: Vec<String>) -> Self {
        Self {
            names,
            named: EXAMPLES,
            found: IndexMap::new(),
        }
    }

    /// As [`Self::new`], but every row is named and not only the first few of a kind.
    pub(super) fn naming_all(names: Vec<String>) -> Self {
        Self {
            named: usize::MAX,
            ..Self::new(names)
        }
    }

    /// Counts a row; `detail` is what is particular about it, or empty.
    pub(super) fn add(&mut self, row: &Row, part: Option<Part>, reason: DropReason, detail: &str) {
        let (count, examples) = self.found.entry((row.database, part, reason)).or_default();
        *count += 1;
        if examples.len() < self.named {
            let mut text = format!("line {}", row.line);
            if !row.name.is_empty() {
                text += &format!(", {}", row.name);
            }
            if !detail.is_empty() {
                text += &format!(": {detail}");
            }
            examples.push(text);
        }
    }

    /// Keeps the rows for which `check` has no objection, and counts the others.
    pub(super) fn sift(
        &mut self,
        rows: &mut Vec<Row>,
        part: Option<Part>,
        mut check: impl FnMut(&mut Row) -> Result<(), Objection>,
    ) {
        rows.retain_mut(|row| match check(row) {
            Ok(()) => true,
            Err((reason, detail)) => {
                self.add(row, part, reason, &detail);
                false
            }
        });
    }

    /// As [`Self::sift`] for every part.
    pub(super) fn sift_parts(
        &mut self,
        parts: &mut Parts<Vec<Row>>,
        mut check: impl FnMut(&mut Row) -> Result<(), Objection>,
    ) {
        for part in Part::ALL {
            self.sift(parts.get_mut(part), Some(part), &mut check);
        }
    }

    /// How many rows of a database were dropped.
    pub(super) fn count(&self, database: usize) -> usize {
        self.found
            .iter()
            .filter(|((index, ..), _)| *index == database)
            .map(|(_, (count, _))| count)
            .sum()
    }

    /// What was dropped, in words: `12 rows: no label; ...`, or empty.
    pub(super) fn summary(&self) -> String {
        let mut counts: IndexMap<DropReason, (usize, &str)> = IndexMap::new();
        for ((_, _, reason), (count, examples)) in &self.found {
            let example = examples.first().map_or("", String::as_str);
            counts.entry(*reason).or_insert((0, example)).0 += count;
        }
        let one = |(reason, (count, example)): (DropReason, (usize, &str))| {
            format!("{count} x {} (for instance {example})", reason.text())
        };
        counts.into_iter().map(one).collect::<Vec<_>>().join("; ")
    }

    /// The collected rows, in the order of the steps.
    pub(super) fn into_dropped(self) -> Vec<Dropped> {
        let mut all: Vec<_> = self.found.into_iter().collect();
        all.sort_by_key(|((database, part, _), _)| (*database, *part));
        let entry =
            |((database, part, reason), (count, examples)): (_, (usize, Vec<String>))| Dropped {
                database: self
                    .names
                    .get::<usize>(database)
                    .cloned()
                    .unwrap_or_default(),
                part,
                reason,
                count,
                examples,
            };
        all.into_iter().map(entry).collect()
    }
}

/// Why a row is to be dropped, and what is particular about it.
pub(super) type Objection = (DropReason, String);
