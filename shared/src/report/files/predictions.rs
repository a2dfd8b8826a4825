//! The table of predictions, as Nkululeko writes it and its `ensemble` reads it.

use super::timedelta;
use crate::{
    config::Task,
    report::{Prediction, PredictionSet, ReportError, prediction::class_index},
};

/// A table of all predictions: `file,start,end`, one column of probabilities a class, then
/// `predicted,truth,uncertainty,correct`; for a regression `file,start,end,predicted,truth`.
///
/// Times are pandas's. `truth` and `correct` are empty where there is no label. What the model says is
/// written with as many digits as a 32-bit float needs, a true value as the table has it.
///
/// # Errors
/// [`ReportError::Table`].
pub fn predictions_csv(set: &PredictionSet) -> Result<Vec<u8>, ReportError> {
    let mut table = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    let mut head = vec!["file", "start", "end"];
    match set.task() {
        Task::Classification => {
            head.extend(set.labels.iter().map(String::as_str));
            head.extend(["predicted", "truth", "uncertainty", "correct"]);
        }
        Task::Regression => head.extend(["predicted", "truth"]),
    }
    table.write_record(&head)?;
    let times = |time: fn(&Prediction) -> Option<f64>| {
        let seconds: Vec<Option<f64>> = set.predictions.iter().map(time).collect();
        timedelta::column(&seconds)
    };
    let starts = times(|prediction| Some(prediction.start));
    let ends = times(|prediction| prediction.end);
    for ((prediction, start), end) in set.predictions.iter().zip(starts).zip(ends) {
        let mut row = vec![prediction.file.clone(), start, end];
        row.extend(match set.task() {
            Task::Classification => classified(prediction, &set.labels),
            Task::Regression => vec![
                prediction.value().map(number).unwrap_or_default(),
                prediction.truth.map(truth).unwrap_or_default(),
            ],
        });
        table.write_record(&row)?;
    }
    table
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()).into())
}

/// A table of the predictions of a regression of several values: `file,start,end` and a column of each
/// name.
///
/// # Errors
/// [`ReportError::Table`], or scores that are not as many as the names, or not finite.
pub fn values_csv(set: &PredictionSet, names: &[String]) -> Result<Vec<u8>, ReportError> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let head = ["file", "start", "end"].into_iter();
    table.write_record(head.chain(names.iter().map(String::as_str)))?;
    let starts: Vec<Option<f64>> = set.predictions.iter().map(|one| Some(one.start)).collect();
    let ends: Vec<Option<f64>> = set.predictions.iter().map(|one| one.end).collect();
    let times = timedelta::column(&starts)
        .into_iter()
        .zip(timedelta::column(&ends));
    for (prediction, (start, end)) in set.predictions.iter().zip(times) {
        let file = prediction.file.clone();
        if prediction.scores.len() != names.len() {
            return Err(ReportError::ScoreCount {
                file,
                found: prediction.scores.len(),
                expected: names.len(),
            });
        }
        if prediction.scores.iter().any(|score| !score.is_finite()) {
            return Err(ReportError::ScoresNotFinite { file });
        }
        let values = prediction.scores.iter().map(|&score| number(score.into()));
        table.write_record([file, start, end].into_iter().chain(values))?;
    }
    table
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()).into())
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
