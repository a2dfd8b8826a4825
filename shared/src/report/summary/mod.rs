//! The figures of one part of the data, as the result files, the terminal and the page show them.

mod certain;
mod combined;
mod figures;
mod groups;
mod result_table;
mod table;

pub use certain::Certain;
pub use combined::{Combined, Combining};
pub use groups::{GroupRow, Grouping};
pub use result_table::result_table;
pub(super) use table::{aligned, number, span};

use super::{
    PredictionSet, ReportError,
    metrics::{Bootstrap, Calibration, ClassScores, Confusion, Interval},
};
use crate::{config::Task, data::Part, json::read_fields};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// A figure with its interval; in JSON `{"value": 0.7, "interval": [0.6, 0.8]}`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(into = "Written", from = "Written")]
pub struct Measured {
    /// The figure; `None` (`null`) where it is not defined.
    pub value: Option<f64>,
    /// Lower bound of the 95 % interval, utterances drawn.
    pub low: Option<f64>,
    /// Upper bound of the 95 % interval, utterances drawn.
    pub high: Option<f64>,
    /// The 95 % interval with whole speakers drawn, where speakers are known: utterances of one
    /// speaker resemble each other, so this one is the honest one for unseen speakers.
    pub by_speaker: Option<Interval>,
}

/// [`Measured`] in JSON.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Written {
    value: Option<f64>,
    #[serde(default)]
    interval: Option<Interval>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by_speaker: Option<Interval>,
}

impl From<Measured> for Written {
    fn from(measured: Measured) -> Self {
        Self {
            value: measured.value,
            interval: measured.interval(),
            by_speaker: measured.by_speaker,
        }
    }
}

impl From<Written> for Measured {
    fn from(written: Written) -> Self {
        Self {
            value: written.value,
            low: written.interval.map(|interval| interval.low),
            high: written.interval.map(|interval| interval.high),
            by_speaker: written.by_speaker,
        }
    }
}

/// One class's line of the table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassRow {
    /// The class.
    pub label: String,
    /// Its figures.
    #[serde(flatten)]
    pub scores: ClassScores,
}

impl<'de> Deserialize<'de> for ClassRow {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read_fields(from, |mut fields| {
            Ok(Self {
                label: fields.take("label")?,
                scores: fields.rest()?,
            })
        })
    }
}

/// The figures of one part of the data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Classification or regression.
    pub task: Task,
    /// The part that was predicted; `None` where there is no split.
    pub part: Option<Part>,
    /// Labelled utterances: the figures are of these.
    pub n: usize,
    /// Utterances that were predicted but have no label.
    pub unlabelled: usize,
    /// Different speakers among the labelled utterances; 0 where any of them has none.
    pub speakers: usize,
    /// Figures by name, the usual one first: `uar`, `acc`, `f1`, of two classes `sensitivity`,
    /// `specificity` and `eer`, then `brier` and `ece`; or `ccc`, `pcc`, `mse`, `mae`, `r2`.
    pub metrics: IndexMap<String, Measured>,
    /// Class names in the order of the logits; empty for a regression.
    pub labels: Vec<String>,
    /// One line a class; empty for a regression.
    pub classes: Vec<ClassRow>,
    /// Counts, true classes as rows; `None` for a regression.
    pub confusion: Option<Vec<Vec<u64>>>,
    /// The class that `sensitivity` and `eer` look for; `None` unless there are two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub positive: Option<String>,
    /// Whether the probabilities are what they say; `None` for a regression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// Figures of each speaker, each sex, by what the utterances were grouped by.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub groups: IndexMap<String, Vec<GroupRow>>,
    /// The figures with one prediction a speaker, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub combined: Option<Box<Combined>>,
    /// The figures without what the model was uncertain of, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certain: Option<Box<Certain>>,
    /// What a reader must know of these figures, for instance that they are optimistic.
    pub note: Option<String>,
}

/// What [`Summary::of`] is told besides the predictions.
#[derive(Debug, Clone, Default)]
pub struct SummaryOptions {
    /// The part that was predicted.
    pub part: Option<Part>,
    /// What a reader must know.
    pub note: Option<String>,
    /// How intervals are drawn.
    pub bootstrap: Bootstrap,
    /// Index of the class that is looked for, where there are two; `None` is the second.
    pub positive: Option<usize>,
    /// What figures are grouped by besides the speaker.
    pub groupings: Vec<Grouping>,
    /// One prediction a speaker.
    pub combining: Option<Combining>,
    /// Uncertainty (0 to 1) from which predictions are left out of [`Summary::certain`].
    pub uncertainty_threshold: Option<f64>,
}

impl Summary {
    /// Measures the labelled predictions of `set`.
    ///
    /// # Errors
    /// A prediction fails [`PredictionSet::check`], or none has a truth.
    pub fn of(set: &PredictionSet, options: &SummaryOptions) -> Result<Self, ReportError> {
        let mut summary = Self::plain(set, options)?;
        summary.groups = groups::all(set, options)?;
        if let Some(combining) = &options.combining {
            summary.combined = combined::of(set, combining, options)?.map(Box::new);
        }
        if let Some(threshold) = options.uncertainty_threshold {
            summary.certain = certain::of(set, threshold, options)?.map(Box::new);
        }
        Ok(summary)
    }

    /// The figures of the whole set, and no others.
    fn plain(set: &PredictionSet, options: &SummaryOptions) -> Result<Self, ReportError> {
        set.check()?;
        let figures = figures::all(set, options)?;
        let confusion = match set.task() {
            Task::Classification => Some(Confusion::of(set)?),
            Task::Regression => None,
        };
        let per_class = confusion.iter().flat_map(Confusion::per_class);
        Ok(Self {
            task: set.task(),
            part: options.part,
            n: figures.n,
            unlabelled: set.predictions.len() - figures.n,
            speakers: figures.speakers,
            metrics: figures.metrics,
            labels: set.labels.clone(),
            classes: set
                .labels
                .iter()
                .zip(per_class)
                .map(|(label, scores)| ClassRow {
                    label: label.clone(),
                    scores,
                })
                .collect(),
            confusion: confusion.as_ref().map(Confusion::rows),
            positive: figures::positive(set, options)
                .and_then(|class| set.labels.get(class).cloned()),
            calibration: Calibration::of(set).filter(|_| confusion.is_some()),
            groups: IndexMap::new(),
            combined: None,
            certain: None,
            note: options.note.clone(),
        })
    }

    /// A figure's value by its name.
    #[must_use]
    pub fn value(&self, metric: &str) -> Option<f64> {
        self.metrics.get(metric)?.value
    }
}
