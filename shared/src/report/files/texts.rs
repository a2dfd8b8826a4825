//! Short texts of a part's figures.

use super::classification_report;
use crate::{
    config::Task,
    report::{
        ReportError, Summary,
        summary::{number, span},
    },
};

/// One line on the confusion matrix: the epoch of the checkpoint, UAR with its interval as
/// `[low, high]`, accuracy. Nkululeko's line, but for the interval, which it writes `(+-low/high)`.
#[must_use]
pub fn confusion_line(summary: &Summary, epoch: Option<f64>) -> String {
    format!(
        "Confusion matrix result for epoch: {}, {}, ACC: {}{}",
        epoch_text(epoch),
        measured(summary, "uar"),
        number(summary.value("acc")),
        note(summary)
    )
}

/// The report of a part. Of a classification: the JSON of [`classification_report`] in the first
/// line, F1 by class in the second, all measures in the third. Of a regression: all measures.
///
/// # Errors
/// [`ReportError::Json`].
pub fn report_text(summary: &Summary, epoch: Option<f64>) -> Result<String, ReportError> {
    let measures: Vec<String> = summary
        .metrics
        .keys()
        .map(|name| measured(summary, name))
        .collect();
    let mut measures = measures.join(", ") + &note(summary);
    if summary
        .classes
        .iter()
        .any(|class| class.scores.support == 0)
    {
        measures += "\nNote: `macro avg` counts classes that do not occur, as scikit-learn does; UAR and F1 do not";
    }
    match summary.task {
        Task::Regression => Ok(measures),
        Task::Classification => {
            let report =
                serde_json::to_string(&classification_report(summary)).map_err(|source| {
                    ReportError::Json {
                        what: "the classification report",
                        source,
                    }
                })?;
            // As Python prints a list of floats that were rounded to three decimals.
            let f1: Vec<String> = summary
                .classes
                .iter()
                .map(|class| format!("{:?}", (class.scores.f1.unwrap_or(0.0) * 1e3).round() / 1e3))
                .collect();
            Ok(format!(
                "{report}\nresult per class (F1 score): [{}] from epoch: {}\n{measures}",
                f1.join(", "),
                epoch_text(epoch)
            ))
        }
    }
}

fn measured(summary: &Summary, name: &str) -> String {
    let figure = summary.metrics.get(name).copied().unwrap_or_default();
    let interval = figure
        .interval()
        .map(|interval| format!(" {}", span(Some(interval))));
    format!(
        "{}: {}{}",
        name.to_uppercase(),
        number(figure.value),
        interval.unwrap_or_default()
    )
}

fn note(summary: &Summary) -> String {
    let note = summary.note.as_ref();
    note.map(|note| format!("\nNote: {note}"))
        .unwrap_or_default()
}

/// An epoch with at most two decimals; `-` where none is known.
pub(in crate::report) fn epoch_text(epoch: Option<f64>) -> String {
    match epoch.filter(|epoch| epoch.is_finite()) {
        Some(epoch) => format!("{}", (epoch * 100.0).round() / 100.0),
        None => "-".to_owned(),
    }
}
