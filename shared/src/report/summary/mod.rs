//! The figures of one part of the data, as the result files, the terminal and the page show them.

mod result_table;
mod table;

pub use result_table::result_table;
pub(super) use table::{aligned, number, span};

use super::{
    Prediction, PredictionSet, ReportError,
    metrics::{Agreement, Bootstrap, ClassScores, Confusion, Interval, Moments},
};
use crate::{config::Task, data::Part};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// A figure with its interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The figure; `None` (`null`) where it is not defined.
    pub value: Option<f64>,
    /// Lower bound of the 95 % interval, utterances drawn.
    pub low: Option<f64>,
    /// Upper bound of the 95 % interval, utterances drawn.
    pub high: Option<f64>,
    /// The 95 % interval with whole speakers drawn, where speakers are known: utterances of one
    /// speaker resemble each other, so this one is the honest one for unseen speakers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_speaker: Option<Interval>,
}

/// One class's line of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassRow {
    /// The class.
    pub label: String,
    /// Its figures.
    #[serde(flatten)]
    pub scores: ClassScores,
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
    /// Figures by name, the usual one first: `uar`, `acc`, `f1`; or `ccc`, `pcc`, `mse`, `mae`, `r2`.
    pub metrics: IndexMap<String, Measured>,
    /// Class names in the order of the logits; empty for a regression.
    pub labels: Vec<String>,
    /// One line a class; empty for a regression.
    pub classes: Vec<ClassRow>,
    /// Counts, true classes as rows; `None` for a regression.
    pub confusion: Option<Vec<Vec<u64>>>,
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
}

const CLASSIFICATION: [&str; 3] = ["uar", "acc", "f1"];
const REGRESSION: [&str; 5] = ["ccc", "pcc", "mse", "mae", "r2"];

impl Summary {
    /// Measures the labelled predictions of `set`.
    ///
    /// # Errors
    /// A prediction fails [`PredictionSet::check`], or none has a truth.
    pub fn of(set: &PredictionSet, options: &SummaryOptions) -> Result<Self, ReportError> {
        let labelled: Vec<&Prediction> = set
            .predictions
            .iter()
            .filter(|prediction| prediction.truth.is_some())
            .collect();
        let (speakers, count) = speaker_numbers(&labelled);
        let mut summary = Self {
            task: set.task(),
            part: options.part,
            n: labelled.len(),
            unlabelled: set.predictions.len() - labelled.len(),
            speakers: count,
            metrics: IndexMap::new(),
            labels: set.labels.clone(),
            classes: Vec::new(),
            confusion: None,
            note: options.note.clone(),
        };
        match set.task() {
            Task::Classification => {
                let confusion = Confusion::of(set)?;
                let classes = set.labels.len();
                let cells: Vec<usize> = set
                    .class_pairs()
                    .map(|(truth, said, _)| truth * classes + said)
                    .collect();
                summary.metrics = classification(&confusion, &cells, &speakers, count, options);
                summary.classes = set
                    .labels
                    .iter()
                    .zip(confusion.per_class())
                    .map(|(label, scores)| ClassRow {
                        label: label.clone(),
                        scores,
                    })
                    .collect();
                summary.confusion = Some(confusion.rows());
            }
            Task::Regression => {
                let agreement = Agreement::of(set)?;
                let pairs: Vec<(f64, f64)> = set.value_pairs().map(|(t, p, _)| (t, p)).collect();
                summary.metrics = regression(&agreement, &pairs, &speakers, count, options);
            }
        }
        Ok(summary)
    }

    /// A figure's value by its name.
    #[must_use]
    pub fn value(&self, metric: &str) -> Option<f64> {
        self.metrics.get(metric)?.value
    }
}

/// The number of each utterance's speaker, and how many speakers there are; nothing where any
/// utterance has none.
fn speaker_numbers(labelled: &[&Prediction]) -> (Vec<usize>, usize) {
    let mut seen: IndexMap<&str, ()> = IndexMap::new();
    let mut numbers = Vec::with_capacity(labelled.len());
    for prediction in labelled {
        let Some(speaker) = &prediction.speaker else {
            return (Vec::new(), 0);
        };
        let entry = seen.insert_full(speaker.as_str(), ());
        numbers.push(entry.0);
    }
    (numbers, seen.len())
}

fn classification(
    all: &Confusion,
    cells: &[usize],
    speakers: &[usize],
    count: usize,
    options: &SummaryOptions,
) -> IndexMap<String, Measured> {
    let figures = |confusion: &Confusion| -> [Option<f64>; 3] {
        [confusion.uar(), confusion.accuracy(), confusion.macro_f1()]
    };
    let mut drawn = Confusion::new(all.classes());
    let by_utterance = options.bootstrap.intervals(cells.len(), 3, |draw, values| {
        drawn.clear();
        for &unit in draw {
            drawn.add_cell(cells[unit as usize], 1);
        }
        values.copy_from_slice(&figures(&drawn));
    });
    let mut groups = vec![Confusion::new(all.classes()); count];
    for (&speaker, &cell) in speakers.iter().zip(cells) {
        groups[speaker].add_cell(cell, 1);
    }
    let by_speaker = options.bootstrap.intervals(count, 3, |draw, values| {
        drawn.clear();
        for &unit in draw {
            drawn.add(&groups[unit as usize]);
        }
        values.copy_from_slice(&figures(&drawn));
    });
    collect(&CLASSIFICATION, &figures(all), &by_utterance, &by_speaker)
}

fn regression(
    all: &Agreement,
    pairs: &[(f64, f64)],
    speakers: &[usize],
    count: usize,
    options: &SummaryOptions,
) -> IndexMap<String, Measured> {
    let figures = |agreement: &Agreement| -> [Option<f64>; 5] {
        [
            agreement.ccc,
            agreement.pcc,
            agreement.mse,
            agreement.mae,
            agreement.r2,
        ]
    };
    let empty = Moments::around_means(pairs);
    let by_utterance = options.bootstrap.intervals(pairs.len(), 5, |draw, values| {
        let mut drawn = empty;
        for &unit in draw {
            let (truth, predicted) = pairs[unit as usize];
            drawn.push(truth, predicted);
        }
        values.copy_from_slice(&figures(&drawn.agreement()));
    });
    let mut groups = vec![empty; count];
    for (&speaker, &(truth, predicted)) in speakers.iter().zip(pairs) {
        groups[speaker].push(truth, predicted);
    }
    let by_speaker = options.bootstrap.intervals(count, 5, |draw, values| {
        let mut drawn = empty;
        for &unit in draw {
            drawn.add(&groups[unit as usize]);
        }
        values.copy_from_slice(&figures(&drawn.agreement()));
    });
    collect(&REGRESSION, &figures(all), &by_utterance, &by_speaker)
}

fn collect(
    names: &[&str],
    values: &[Option<f64>],
    by_utterance: &[Option<Interval>],
    by_speaker: &[Option<Interval>],
) -> IndexMap<String, Measured> {
    names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let interval = by_utterance.get(index).copied().flatten();
            let measured = Measured {
                value: values.get(index).copied().flatten(),
                low: interval.map(|interval| interval.low),
                high: interval.map(|interval| interval.high),
                by_speaker: by_speaker.get(index).copied().flatten(),
            };
            ((*name).to_owned(), measured)
        })
        .collect()
}
