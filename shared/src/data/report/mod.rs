//! What became of every row of the tables.

mod folds;
mod part;
mod text;

pub use folds::folds_report;
pub use part::{PartReport, ValueRange};

use super::{Part, Parts, drops::Dropped, probe::Probes, row::Row};
use crate::config::DataConfig;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Names that are listed in a warning.
const LISTED: usize = 10;

/// What one frame of the usual encoders covers: 400 samples at 16 kHz.
const FRAME_SECONDS: f64 = 0.025;

/// What became of every row of the tables.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DataReport {
    /// Rows in all tables; those that are used and those that were dropped add up to it.
    pub rows: usize,
    /// Rows by database.
    pub databases: Vec<DatabaseReport>,
    /// What stands in each part.
    pub parts: Parts<PartReport>,
    /// What was dropped, by database and reason.
    pub dropped: Vec<Dropped>,
    /// The files of the rows that are used.
    pub audio: AudioReport,
    /// What was decided for the user, or is not as it should be.
    pub warnings: Vec<String>,
}

/// Where the rows of a database went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DatabaseReport {
    /// Its name.
    pub name: String,
    /// Its table.
    pub path: String,
    /// Rows in the table.
    pub rows: usize,
    /// Rows that are used, by part.
    pub used: Parts<usize>,
    /// Rows that were dropped.
    pub dropped: usize,
}

/// The files of the rows that are used.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AudioReport {
    /// Number of files.
    pub files: usize,
    /// Seconds of all stretches.
    pub seconds: f64,
    /// Files by sampling rate in Hz.
    pub rates: BTreeMap<u32, usize>,
    /// Files by number of channels.
    pub channels: BTreeMap<u16, usize>,
    /// What decoding all of them showed; only where that was asked for.
    pub levels: Option<LevelReport>,
}

/// What decoding the stretches showed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LevelReport {
    /// Stretches that were decoded to their end.
    pub checked: usize,
    /// Names of files with runs of samples at full scale.
    pub clipped: Vec<String>,
    /// Names of files of which all samples are 0.
    pub silent: Vec<String>,
}

impl DataReport {
    /// Rows that are used.
    #[must_use]
    pub fn used(&self) -> usize {
        self.databases.iter().map(DatabaseReport::used).sum()
    }

    /// Describes the rows that are used.
    pub(super) fn describe(&mut self, parts: &Parts<Vec<Row>>, data: &DataConfig, probes: &Probes) {
        for (part, rows) in parts.iter() {
            *self.parts.get_mut(part) = PartReport::new(rows);
            for row in rows {
                *self.databases[row.database].used.get_mut(part) += 1;
            }
        }
        let all = || parts.iter().flat_map(|(_, rows)| rows);
        let files: BTreeSet<&str> = all().map(|row| row.file.as_str()).collect();
        self.audio = AudioReport {
            files: files.len(),
            seconds: all().map(|row| row.seconds).sum(),
            ..Default::default()
        };
        for probe in files.iter().filter_map(|file| probes.get(file)) {
            *self.audio.rates.entry(probe.rate).or_default() += 1;
            *self.audio.channels.entry(probe.channels).or_default() += 1;
        }
        let low: usize = self
            .audio
            .rates
            .range(..crate::audio::RATE)
            .map(|(_, count)| count)
            .sum();
        if low > 0 {
            self.warnings.push(format!(
                "{low} of {} files have a sampling rate below 16 kHz: they are resampled, but lack the upper frequencies \
                 that most checkpoints know",
                files.len()
            ));
        }
        self.warnings
            .extend(across(parts, "speakers", |row| row.speaker.as_deref()));
        self.warnings
            .extend(across(parts, "files", |row| Some(&row.file)));
        self.warnings.extend(shorter_than_a_frame(all()));
        self.warnings.extend(looks_continuous(&parts.train, data));
        self.warnings.extend(is_constant(&parts.train, data));
    }
}

impl DatabaseReport {
    /// Rows that are used, of all parts.
    #[must_use]
    pub fn used(&self) -> usize {
        self.used.iter().map(|(_, count)| count).sum()
    }
}

/// Warns of what stands in more than one part.
fn across<'a>(
    parts: &'a Parts<Vec<Row>>,
    what: &str,
    name: impl Fn(&'a Row) -> Option<&'a str>,
) -> Option<String> {
    let mut places: IndexMap<&str, BTreeSet<Part>> = IndexMap::new();
    for (part, rows) in parts.iter() {
        for name in rows.iter().filter_map(&name) {
            places.entry(name).or_default().insert(part);
        }
    }
    places.retain(|_, parts| parts.len() > 1);
    places.sort_unstable_keys();
    let one = |(name, parts): (&&str, &BTreeSet<Part>)| {
        let parts: Vec<_> = parts.iter().map(|part| part.word()).collect();
        format!("{name} ({})", parts.join(", "))
    };
    let listed: Vec<String> = places.iter().take(LISTED).map(one).collect();
    let more = if places.len() > LISTED { ", ..." } else { "" };
    (!places.is_empty()).then(|| {
        format!(
            "{} {what} stand in more than one part, so the figures are optimistic: {}{more}",
            places.len(),
            listed.join(", ")
        )
    })
}

/// Warns of stretches that the encoder gets only with silence added.
fn shorter_than_a_frame<'a>(rows: impl Iterator<Item = &'a Row>) -> Option<String> {
    let short: Vec<&str> = rows
        .filter(|row| row.seconds < FRAME_SECONDS)
        .map(|row| row.name.as_str())
        .collect();
    let more = if short.len() > LISTED { ", ..." } else { "" };
    (!short.is_empty()).then(|| {
        format!(
            "{} stretches are shorter than the {} ms that one frame of the encoder covers, and silence is added to them \
             (min_duration_of_sample leaves them out): {}{more}",
            short.len(),
            1000.0 * FRAME_SECONDS,
            short[..short.len().min(LISTED)].join(", ")
        )
    })
}

/// Warns of a target that never changes.
fn is_constant(train: &[Row], data: &DataConfig) -> Option<String> {
    // Of a regression, that is: of a classification the values stand beside the classes.
    let mut values = train
        .iter()
        .filter(|row| row.label.is_none())
        .filter_map(|row| row.value);
    let first = values.next()?;
    values.all(|value| value == first).then(|| {
        format!(
            "{} is {first} in every training row: there is nothing to learn from, and CCC and PCC are not defined there",
            data.target.as_deref().unwrap_or("the target"),
        )
    })
}

/// Warns of a classification with nearly as many numeric classes as rows.
fn looks_continuous(train: &[Row], data: &DataConfig) -> Option<String> {
    let labels: BTreeSet<&str> = train
        .iter()
        .filter_map(|row| row.label.as_deref())
        .collect();
    let numeric = labels.iter().all(|label| label.parse::<f64>().is_ok());
    (numeric && labels.len() > 20 && labels.len() * 5 > train.len()).then(|| {
        format!(
            "{} has {} different numbers in {} training rows; for a continuous target set [EXP] type = regression",
            data.target.as_deref().unwrap_or_default(),
            labels.len(),
            train.len()
        )
    })
}
