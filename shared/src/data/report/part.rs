//! What stands in one part.

use crate::data::{row::Row, target::quantile};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What stands in one part.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PartReport {
    /// Number of utterances.
    pub rows: usize,
    /// Seconds of all stretches.
    pub seconds: f64,
    /// Shortest, quartiles and longest stretch in seconds; empty without rows.
    pub durations: Vec<f64>,
    /// Utterances by speaker, by name.
    pub speakers: IndexMap<String, usize>,
    /// Utterances by sex, by name.
    pub genders: IndexMap<String, usize>,
    /// Utterances by class, in the order of the classes; empty for a regression.
    pub classes: IndexMap<String, usize>,
    /// Values of a regression, in the table's unit.
    pub values: Option<ValueRange>,
}

/// Values of a regression's target.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ValueRange {
    /// Smallest.
    pub min: f64,
    /// Mean.
    pub mean: f64,
    /// Largest.
    pub max: f64,
}

impl PartReport {
    /// Describes the rows of a part.
    pub(super) fn new(rows: &[Row]) -> Self {
        let mut durations: Vec<f64> = rows.iter().map(|row| row.seconds).collect();
        durations.sort_by(f64::total_cmp);
        let values: Vec<f64> = rows
            .iter()
            .filter(|row| row.label.is_none())
            .filter_map(|row| row.value)
            .collect();
        Self {
            rows: rows.len(),
            seconds: durations.iter().sum(),
            durations: [0.0, 0.25, 0.5, 0.75, 1.0]
                .iter()
                .filter_map(|q| quantile(&durations, *q))
                .collect(),
            speakers: count(rows, |row| row.speaker.as_deref()),
            genders: count(rows, |row| row.gender.as_deref()),
            classes: count(rows, |row| row.label.as_deref()),
            values: ValueRange::of(&values),
        }
    }
}

impl ValueRange {
    fn of(values: &[f64]) -> Option<Self> {
        let (first, rest) = values.split_first()?;
        Some(Self {
            min: rest.iter().copied().fold(*first, f64::min),
            mean: values.iter().sum::<f64>() / values.len() as f64,
            max: rest.iter().copied().fold(*first, f64::max),
        })
    }
}

/// Counts rows by a name, in the order of the names.
fn count<'a>(
    rows: &'a [Row],
    name: impl Fn(&'a Row) -> Option<&'a str>,
) -> IndexMap<String, usize> {
    let mut counts: IndexMap<String, usize> = IndexMap::new();
    for name in rows.iter().filter_map(name) {
        *counts.entry(name.to_owned()).or_default() += 1;
    }
    counts.sort_unstable_keys();
    counts
}
