//! The table of predictions, as Nkululeko writes it and its `ensemble` reads it.

use super::timedelta::Times;
use crate::report::{Prediction, PredictionSet, ReportError, prediction::class_index};
use serde::{Deserialize, Serialize};

/// The form of a table of predictions that is written row by row: `file,start,end`, one column of
/// probabilities a class, then `predicted,truth,uncertainty,correct`; for a regression
/// `file,start,end,predicted,truth`, or of several values `file,start,end` and a column of each.
///
/// Times are pandas's. `truth` and `correct` are empty where there is no label. What the model says is
/// written with as many digits as a 32-bit float needs, a true value as the table has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PredictionTable {
    labels: Vec<String>,
    #[serde(default)]
    values: Vec<String>,
    starts: Times,
    ends: Times,
}

impl PredictionTable {
    /// The table of a model with these `labels` (none: a regression). The times are all those of the
    /// table to be, in seconds: they are written with as many digits as any of them needs.
    #[must_use]
    pub fn new(labels: &[String], starts: &[Option<f64>], ends: &[Option<f64>]) -> Self {
        Self {
            labels: labels.to_vec(),
            values: Vec::new(),
            starts: Times::of(starts),
            ends: Times::of(ends),
        }
    }

    /// The same of a regression of several values with these names; none for a single one.
    #[must_use]
    pub fn with_values(self, values: &[String]) -> Self {
        Self {
            values: values.to_vec(),
            ..self
        }
    }

    /// The names of the values of a regression of several; else none.
    #[must_use]
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// Class names in the order of the columns; none of a regression.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// The names of the columns.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let mut head = vec!["file", "start", "end"];
        if !self.values.is_empty() {
            head.extend(self.values.iter().map(String::as_str));
        } else if self.labels.is_empty() {
            head.extend(["predicted", "truth"]);
        } else {
            head.extend(self.labels.iter().map(String::as_str));
            head.extend(["predicted", "truth", "uncertainty", "correct"]);
        }
        head
    }

    /// A stretch as the first three columns name it.
    #[must_use]
    pub fn key(&self, file: &str, start: f64, end: Option<f64>) -> [String; 3] {
        [
            file.to_owned(),
            self.starts.text(Some(start)),
            self.ends.text(end),
        ]
    }

    /// The line of the columns' names.
    ///
    /// # Errors
    /// [`ReportError::Table`].
    pub fn header(&self) -> Result<Vec<u8>, ReportError> {
        lines(|table| table.write_record(self.columns()))
    }

    /// One line a prediction.
    ///
    /// # Errors
    /// [`ReportError::Table`].
    pub fn rows(&self, predictions: &[Prediction]) -> Result<Vec<u8>, ReportError> {
        lines(|table| {
            for prediction in predictions {
                let mut row: Vec<String> = self
                    .key(&prediction.file, prediction.start, prediction.end)
                    .into();
                row.extend(if !self.values.is_empty() {
                    let scores = prediction.scores.iter();
                    scores.map(|score| number(f64::from(*score))).collect()
                } else if self.labels.is_empty() {
                    vec![
                        prediction.value().map(number).unwrap_or_default(),
                        prediction.truth.map(truth).unwrap_or_default(),
                    ]
                } else {
                    classified(prediction, &self.labels)
                });
                table.write_record(&row)?;
            }
            Ok(())
        })
    }
}

/// What `write` writes, as CSV.
fn lines(
    write: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> csv::Result<()>,
) -> Result<Vec<u8>, ReportError> {
    let mut table = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    write(&mut table)?;
    table
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()).into())
}

/// A [`PredictionTable`] of all predictions of `set`.
///
/// # Errors
/// [`ReportError::Table`].
pub fn predictions_csv(set: &PredictionSet) -> Result<Vec<u8>, ReportError> {
    let times = |time: fn(&Prediction) -> Option<f64>| -> Vec<Option<f64>> {
        set.predictions.iter().map(time).collect()
    };
    let table = PredictionTable::new(
        &set.labels,
        &times(|prediction| Some(prediction.start)),
        &times(|prediction| prediction.end),
    );
    let mut bytes = table.header()?;
    bytes.extend(table.rows(&set.predictions)?);
    Ok(bytes)
}

/// The columns of a classification after the times.
fn classified(prediction: &Prediction, labels: &[String]) -> Vec<String> {
    let said = prediction.class();
    let truth = prediction
        .truth
        .and_then(|truth| class_index(truth, labels.len()));
    let name = |class: Option<usize>| {
        class
            .and_then(|class| labels.get(class).cloned())
            .unwrap_or_default()
    };
    let mut row: Vec<String> = prediction.probabilities().into_iter().map(number).collect();
    row.resize(labels.len(), String::new());
    row.push(name(said));
    row.push(name(truth));
    row.push(number(prediction.uncertainty()));
    row.push(match truth {
        None => String::new(),
        // As Python writes it.
        Some(_) if truth == said => "True".to_owned(),
        Some(_) => "False".to_owned(),
    });
    row
}

/// A true value with the 15 digits that survive any way to a 64-bit float and back; empty where it
/// is not finite.
fn truth(value: f64) -> String {
    let rounded = format!("{value:.14e}").parse::<f64>();
    rounded
        .ok()
        .filter(|value| value.is_finite())
        .map_or_else(String::new, |value| format!("{value:?}"))
}

/// What the logits' 32 bits hold of a number; empty where it is not finite.
fn number(value: f64) -> String {
    let value = value as f32;
    if value.is_finite() {
        format!("{value:?}")
    } else {
        String::new()
    }
}
