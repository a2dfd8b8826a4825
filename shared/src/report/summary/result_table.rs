//! What a run's end prints: all parts side by side.

use super::{
    Summary,
    table::{aligned, number, span},
};
use crate::report::files::groups_table;
use crate::{config::Task, data::Part};

/// The figures of all parts: measures with their intervals, recall of each class, and what a
/// reader must know of them.
#[must_use]
pub fn result_table(summaries: &[&Summary]) -> String {
    let mut text = aligned(&measures(summaries));
    let recalls = recalls(summaries);
    if recalls.len() > 1 {
        text.push('\n');
        text += &aligned(&recalls);
    }
    for summary in summaries {
        for (by, rows) in summary.groups.iter().filter(|(by, _)| *by != "speaker") {
            let title = format!("{} of the {} part", by, part(summary));
            text.push('\n');
            text += &aligned(&groups_table(&title, rows, summary));
        }
    }
    let subsets = subsets(summaries);
    if !subsets.is_empty() {
        text.push('\n');
        text += &subsets;
    }
    let notes = notes(summaries);
    if !notes.is_empty() {
        text.push('\n');
        for note in notes {
            text += &format!("Note {note}\n");
        }
    }
    text
}

/// The name of a summary's part.
fn part(summary: &Summary) -> &'static str {
    summary.part.map_or("all", Part::word)
}

/// Part, measure, value, interval; with the interval by speaker where any part has one.
fn measures(summaries: &[&Summary]) -> Vec<Vec<String>> {
    let by_speaker = summaries
        .iter()
        .flat_map(|summary| summary.metrics.values())
        .any(|measured| measured.by_speaker.is_some());
    let mut rows = vec![
        ["part", "n", "measure", "value", "95 % interval"]
            .map(str::to_owned)
            .to_vec(),
    ];
    if by_speaker {
        rows[0].push("by speaker".to_owned());
    }
    for summary in summaries {
        for (index, (name, measured)) in summary.metrics.iter().enumerate() {
            let (part, n) = match index {
                0 => (part(summary).to_owned(), summary.n.to_string()),
                _ => (String::new(), String::new()),
            };
            let mut row = vec![
                part,
                n,
                name.to_uppercase(),
                number(measured.value),
                span(measured.interval()),
            ];
            if by_speaker {
                row.push(span(measured.by_speaker));
            }
            rows.push(row);
        }
    }
    rows
}

/// One line on the figures of combined predictions, and of certain ones.
fn subsets(summaries: &[&Summary]) -> String {
    let mut text = String::new();
    for summary in summaries {
        let figures = |of: &Summary| {
            let figures = of.metrics.iter().take(2).map(|(name, measured)| {
                let (value, interval) = (number(measured.value), span(measured.interval()));
                format!("{} {value} {interval}", name.to_uppercase())
            });
            figures.collect::<Vec<_>>().join(", ")
        };
        let part = part(summary);
        if let Some(combined) = &summary.combined {
            text += &format!(
                "  {part}, one prediction a {} ({}): {} of {}\n",
                combined.by,
                combined.method.word(),
                figures(&combined.summary),
                combined.summary.n
            );
        }
        if let Some(certain) = &summary.certain {
            text += &format!(
                "  {part}, uncertainty below {}: {} of {} utterances, {}\n",
                certain.threshold,
                certain.summary.n,
                certain.of,
                figures(&certain.summary)
            );
        }
    }
    text
}

/// Recall of each class by part, with the utterances it is of.
fn recalls(summaries: &[&Summary]) -> Vec<Vec<String>> {
    let summaries: Vec<&&Summary> = summaries
        .iter()
        .filter(|summary| summary.task == Task::Classification)
        .collect();
    let mut head = vec!["recall".to_owned()];
    for summary in &summaries {
        head.extend([part(summary).to_owned(), "of".to_owned()]);
    }
    let mut rows = vec![head];
    let Some(first) = summaries.first() else {
        return rows;
    };
    for (index, class) in first.classes.iter().enumerate() {
        let mut row = vec![class.label.clone()];
        for summary in &summaries {
            let scores = summary.classes.get(index).map(|class| class.scores);
            row.push(number(scores.and_then(|scores| scores.recall)));
            row.push(scores.map_or(0, |scores| scores.support).to_string());
        }
        rows.push(row);
    }
    rows
}

fn notes(summaries: &[&Summary]) -> Vec<String> {
    let mut notes = Vec::new();
    for summary in summaries {
        let part = part(summary);
        if let Some(note) = &summary.note {
            notes.push(format!("({part}): {note}"));
        }
        let absent: Vec<String> = summary
            .classes
            .iter()
            .filter(|class| class.scores.support == 0)
            .map(|class| format!("`{}`", class.label))
            .collect();
        if !absent.is_empty() {
            notes.push(format!(
                "({part}): no utterance of {}, so UAR and F1 are means over the other classes",
                absent.join(", ")
            ));
        }
        if summary.unlabelled > 0 {
            notes.push(format!(
                "({part}): {} without a label, not measured",
                summary.unlabelled
            ));
        }
    }
    notes
}
