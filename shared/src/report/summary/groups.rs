//! Figures of each speaker, each sex.

use super::{SummaryOptions, figures};
use crate::report::{PredictionSet, ReportError, metrics::Interval};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// Something that each utterance may have, by which figures are grouped.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Grouping {
    /// Its name, for instance `sex`.
    pub by: String,
    /// One value a prediction, in the set's order.
    pub values: Vec<Option<String>>,
}

/// The figures of one speaker, or of one sex.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupRow {
    /// The speaker, or `female`.
    pub name: String,
    /// Labelled utterances.
    pub n: usize,
    /// Figures by name, as in [`super::Summary::metrics`].
    pub metrics: IndexMap<String, Option<f64>>,
    /// The 95 % interval of the first figure, utterances drawn.
    pub interval: Option<Interval>,
    /// The 95 % interval of the first figure, speakers drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_speaker: Option<Interval>,
}

impl GroupRow {
    /// The usual figure: name and value.
    #[must_use]
    pub fn main(&self) -> Option<(&str, Option<f64>)> {
        let (name, value) = self.metrics.first()?;
        Some((name, *value))
    }
}

/// By speaker and by what the options tell, each where there are two groups or more.
pub(super) fn all(
    set: &PredictionSet,
    options: &SummaryOptions,
) -> Result<IndexMap<String, Vec<GroupRow>>, ReportError> {
    let speakers = Grouping {
        by: "speaker".to_owned(),
        values: set.predictions.iter().map(|p| p.speaker.clone()).collect(),
    };
    let mut groups = IndexMap::new();
    for grouping in options.groupings.iter().chain([&speakers]) {
        let rows = rows(set, grouping, options)?;
        if rows.len() > 1 {
            groups.insert(grouping.by.clone(), rows);
        }
    }
    Ok(groups)
}

/// One row a group with a label, in the order of the names.
fn rows(
    set: &PredictionSet,
    grouping: &Grouping,
    options: &SummaryOptions,
) -> Result<Vec<GroupRow>, ReportError> {
    let mut rows = Vec::new();
    for (name, group) in split(set, &grouping.values) {
        let labelled = group.predictions.iter().any(|p| p.truth.is_some());
        if !labelled {
            continue;
        }
        let figures = figures::all(&group, options)?;
        let first = figures.metrics.first().map(|(_, measured)| *measured);
        rows.push(GroupRow {
            name,
            n: figures.n,
            interval: first.and_then(|measured| measured.interval()),
            by_speaker: first.and_then(|measured| measured.by_speaker),
            metrics: figures
                .metrics
                .into_iter()
                .map(|(name, measured)| (name, measured.value))
                .collect(),
        });
    }
    Ok(rows)
}

/// The predictions of each group by name; those without a name are left out.
pub(super) fn split(
    set: &PredictionSet,
    names: &[Option<String>],
) -> IndexMap<String, PredictionSet> {
    let mut groups: IndexMap<String, PredictionSet> = IndexMap::new();
    for (prediction, name) in set.predictions.iter().zip(names) {
        let Some(name) = name else { continue };
        let group = groups.entry(name.clone()).or_insert_with(|| PredictionSet {
            labels: set.labels.clone(),
            predictions: Vec::new(),
        });
        group.predictions.push(prediction.clone());
    }
    groups.sort_unstable_keys();
    groups
}
