//! Counts of true and predicted classes, and what follows from them.

use crate::report::{PredictionSet, ReportError};
use serde::{Deserialize, Serialize};

/// How often each true class (row) was predicted as each class (column).
///
/// The set of classes is fixed by the model, so a figure does not change its meaning with the
/// classes that happen to be predicted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusion {
    classes: usize,
    /// Row by row, `classes * classes` counts.
    counts: Vec<u64>,
}

/// One class's figures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ClassScores {
    /// Share of the utterances predicted as this class that are of it; `None` if none was.
    pub precision: Option<f64>,
    /// Share of this class's utterances that were predicted as it; `None` if there is none.
    pub recall: Option<f64>,
    /// 2 TP / (2 TP + FP + FN); `None` if the class is neither in the truth nor predicted.
    pub f1: Option<f64>,
    /// Utterances of this class.
    pub support: u64,
}

impl Confusion {
    /// A matrix of zeros.
    #[must_use]
    pub fn new(classes: usize) -> Self {
        Self {
            classes,
            counts: vec![0; classes * classes],
        }
    }

    /// Counts the labelled predictions of `set`.
    ///
    /// # Errors
    /// A prediction fails [`PredictionSet::check`], or none has a truth.
    pub fn of(set: &PredictionSet) -> Result<Self, ReportError> {
        set.check()?;
        let mut confusion = Self::new(set.labels.len());
        for (truth, predicted, _) in set.class_pairs() {
            confusion.add_cell(truth * confusion.classes + predicted, 1);
        }
        if confusion.total() == 0 {
            return Err(ReportError::NoTruth {
                count: set.predictions.len(),
            });
        }
        Ok(confusion)
    }

    /// A matrix of counts given row by row; `None` unless it is square.
    #[must_use]
    pub fn from_rows(rows: &[Vec<u64>]) -> Option<Self> {
        let classes = rows.len();
        rows.iter().all(|row| row.len() == classes).then(|| Self {
            classes,
            counts: rows.concat(),
        })
    }

    /// Adds `times` to a cell, which is `truth * classes + predicted`.
    pub(crate) fn add_cell(&mut self, cell: usize, times: u64) {
        if let Some(count) = self.counts.get_mut(cell) {
            *count += times;
        }
    }

    /// Sets every count to zero.
    pub(crate) fn clear(&mut self) {
        self.counts.fill(0);
    }

    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Utterances of class `truth` that were predicted as `predicted`; 0 outside the matrix.
    #[must_use]
    pub fn count(&self, truth: usize, predicted: usize) -> u64 {
        if truth >= self.classes || predicted >= self.classes {
            return 0;
        }
        self.counts[truth * self.classes + predicted]
    }

    /// The counts, one vector a true class.
    #[must_use]
    pub fn rows(&self) -> Vec<Vec<u64>> {
        self.counts
            .chunks(self.classes.max(1))
            .map(<[u64]>::to_vec)
            .collect()
    }

    /// All utterances.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Utterances of class `truth`.
    #[must_use]
    pub fn support(&self, truth: usize) -> u64 {
        (0..self.classes)
            .map(|predicted| self.count(truth, predicted))
            .sum()
    }

    /// Utterances predicted as `predicted`.
    #[must_use]
    pub fn predicted(&self, predicted: usize) -> u64 {
        (0..self.classes)
            .map(|truth| self.count(truth, predicted))
            .sum()
    }

    /// Precision, recall, F1 and support of every class.
    #[must_use]
    pub fn per_class(&self) -> Vec<ClassScores> {
        (0..self.classes)
            .map(|class| {
                let hits = self.count(class, class);
                let (support, predicted) = (self.support(class), self.predicted(class));
                ClassScores {
                    precision: ratio(hits, predicted),
                    recall: ratio(hits, support),
                    f1: ratio(2 * hits, support + predicted),
                    support,
                }
            })
            .collect()
    }

    /// Unweighted average recall: the mean recall of the classes that are in the truth.
    #[must_use]
    pub fn uar(&self) -> Option<f64> {
        mean((0..self.classes).filter_map(|c| ratio(self.count(c, c), self.support(c))))
    }

    /// Share of the utterances that were predicted right.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        ratio(
            (0..self.classes).map(|c| self.count(c, c)).sum(),
            self.total(),
        )
    }

    /// Macro F1: the mean F1 of the classes that are in the truth.
    #[must_use]
    pub fn macro_f1(&self) -> Option<f64> {
        mean((0..self.classes).filter_map(|class| {
            let support = self.support(class);
            (support > 0).then(|| {
                ratio(
                    2 * self.count(class, class),
                    support + self.predicted(class),
                )
            })?
        }))
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0_u32);
    for value in values {
        sum += value;
        count += 1;
    }
    (count > 0).then(|| sum / f64::from(count))
}
