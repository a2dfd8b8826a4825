//! Figures of each speaker and each sex, as a table to read and as CSV.

use crate::report::{
    GroupRow, ReportError, Summary,
    summary::{aligned, number, span},
};

/// A table for each thing that utterances were grouped by; the groups that are worst recognised
/// stand first.
#[must_use]
pub fn groups_text(summary: &Summary) -> String {
    let mut text = String::new();
    for (by, rows) in &summary.groups {
        if !text.is_empty() {
            text.push('\n');
        }
        text += &format!("By {by}, {} groups\n\n", rows.len());
        text += &aligned(&table(by, rows, summary));
    }
    text
}

/// Name, utterances, figures, interval of the first figure.
pub(in crate::report) fn table(by: &str, rows: &[GroupRow], summary: &Summary) -> Vec<Vec<String>> {
    let names: Vec<&String> = summary.metrics.keys().collect();
    let by_speaker = rows.iter().any(|row| row.by_speaker.is_some());
    let mut head = vec![by.to_owned(), "n".to_owned()];
    for (index, name) in names.iter().enumerate() {
        head.push(name.to_uppercase());
        if index == 0 {
            head.push("95 % interval".to_owned());
            if by_speaker {
                head.push("by speaker".to_owned());
            }
        }
    }
    let mut lines = vec![head];
    for row in worst_first(rows, summary) {
        let mut line = vec![row.name.clone(), row.n.to_string()];
        for (index, name) in names.iter().enumerate() {
            line.push(number(row.metrics.get(*name).copied().flatten()));
            if index == 0 {
                line.push(span(row.interval));
                if by_speaker {
                    line.push(span(row.by_speaker));
                }
            }
        }
        lines.push(line);
    }
    lines
}

/// By the first figure, of which a larger value is better; then by name, as they come.
fn worst_first<'a>(rows: &'a [GroupRow], summary: &Summary) -> Vec<&'a GroupRow> {
    let first = summary.metrics.keys().next();
    let value = |row: &GroupRow| first.and_then(|name| row.metrics.get(name).copied().flatten());
    let mut rows: Vec<&GroupRow> = rows.iter().collect();
    rows.sort_by(|a, b| {
        let (a, b) = (value(a), value(b));
        a.unwrap_or(f64::INFINITY)
            .total_cmp(&b.unwrap_or(f64::INFINITY))
    });
    rows
}

/// One line a group: `grouping,group,n`, the figures, `low,high`. What is not defined is empty.
///
/// # Errors
/// [`ReportError::Table`].
pub fn groups_csv(summary: &Summary) -> Result<Vec<u8>, ReportError> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let names: Vec<&String> = summary.metrics.keys().collect();
    let mut head = vec!["grouping", "group", "n"];
    head.extend(names.iter().map(|name| name.as_str()));
    head.extend(["low", "high"]);
    table.write_record(&head)?;
    let cell = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    for (by, rows) in &summary.groups {
        for row in rows {
            let mut line = vec![by.clone(), row.name.clone(), row.n.to_string()];
            line.extend(
                names
                    .iter()
                    .map(|name| cell(row.metrics.get(*name).copied().flatten())),
            );
            line.extend([
                cell(row.interval.map(|interval| interval.low)),
                cell(row.interval.map(|interval| interval.high)),
            ]);
            table.write_record(&line)?;
        }
    }
    table
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()).into())
}
