//! The one report of an experiment that trains on each database and tests on each.

use crate::report::{
    CrossTable, Manifest, ReportError, RunsSummary,
    summary::{aligned, number, span},
};
use std::fmt::Write;

/// The names of all figures, that of the measure first.
fn names(runs: &[Manifest]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let measure = runs
        .first()
        .map(|run| run.selection.measure.word().to_owned());
    let cells = runs.iter().flat_map(|run| &run.databases);
    let all: Vec<&String> = cells.flat_map(|cell| cell.metrics.keys()).collect();
    names.extend(measure.filter(|name| all.contains(&name)));
    for name in all {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// To read: a table a figure, mean over the runs, with means over other databases at its sides; then each
/// figure of the measure with its intervals.
#[must_use]
pub fn cross_text(runs: &[Manifest]) -> String {
    let names = names(runs);
    let tables: Vec<(String, CrossTable)> = names
        .into_iter()
        .filter_map(|name| CrossTable::of(runs, &name).map(|table| (name, table)))
        .collect();
    let Some((measure, first)) = tables.first() else {
        return String::new();
    };
    let plural = if runs.len() == 1 { "" } else { "s" };
    let mut text = format!(
        "{} databases, each trained on (rows) and tested on (columns), {} run{plural}\n",
        first.names.len(),
        runs.len()
    );
    for (name, table) in &tables {
        let _ = write!(text, "\n{}\n", name.to_uppercase());
        text += &aligned(&rows(table));
        let _ = writeln!(
            text,
            "mean {}; of the same database {}, of others {}",
            number(table.mean(|_, _| true)),
            number(table.mean(|row, column| row == column)),
            number(table.mean(|row, column| row != column))
        );
    }
    let _ = write!(text, "\n{} of each run\n", measure.to_uppercase());
    text += &aligned(&each(measure, runs));
    for note in RunsSummary::of(runs).notes() {
        let _ = writeln!(text, "\nNote: {note}");
    }
    text
}

/// A table with means over other databases, and with deviations where there are several runs.
fn rows(table: &CrossTable) -> Vec<Vec<String>> {
    let others = "mean of others";
    let mut head = vec![String::new()];
    head.extend(table.names.iter().cloned());
    head.push(others.to_owned());
    let mut rows = vec![head];
    for (index, (name, cells)) in table.names.iter().zip(&table.cells).enumerate() {
        let mut row = vec![name.clone()];
        for cell in cells {
            row.push(match cell.sd {
                Some(sd) => format!("{} ± {}", number(cell.mean), number(Some(sd))),
                None => number(cell.mean),
            });
        }
        row.push(number(
            table.mean(|row, column| row == index && column != index),
        ));
        rows.push(row);
    }
    let mut last = vec![others.to_owned()];
    for index in 0..table.names.len() {
        last.push(number(
            table.mean(|row, column| column == index && row != index),
        ));
    }
    last.push(number(table.mean(|row, column| row != column)));
    rows.push(last);
    rows
}

fn each(measure: &str, runs: &[Manifest]) -> Vec<Vec<String>> {
    let head = [
        "run",
        "trained on",
        "tested on",
        "n",
        measure,
        "95 % interval",
        "by speaker",
        "epoch",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for run in runs {
        for cell in &run.databases {
            let figure = cell.metrics.get(measure).copied().unwrap_or_default();
            rows.push(vec![
                run.run.to_string(),
                cell.trained_on.clone(),
                cell.tested_on.clone(),
                cell.utterances.to_string(),
                number(figure.value),
                span(figure.interval()),
                span(figure.by_speaker),
                super::epoch_text(cell.best_epoch),
            ]);
        }
    }
    rows
}

/// Each cell of each run as a table: `run,seed,trained_on,tested_on,utterances,best_epoch`, then one column a
/// figure. What is not defined is empty.
///
/// # Errors
/// [`ReportError::Table`].
pub fn cross_csv(runs: &[Manifest]) -> Result<Vec<u8>, ReportError> {
    let names = names(runs);
    let mut table = csv::Writer::from_writer(Vec::new());
    let mut head = vec![
        "run",
        "seed",
        "trained_on",
        "tested_on",
        "utterances",
        "best_epoch",
    ];
    head.extend(names.iter().map(String::as_str));
    table.write_record(&head)?;
    let text = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    for run in runs {
        for cell in &run.databases {
            let mut row = vec![
                run.run.to_string(),
                run.seed.to_string(),
                cell.trained_on.clone(),
                cell.tested_on.clone(),
                cell.utterances.to_string(),
                text(cell.best_epoch),
            ];
            row.extend(
                names
                    .iter()
                    .map(|name| text(cell.metrics.get(name).and_then(|one| one.value))),
            );
            table.write_record(&row)?;
        }
    }
    table
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()).into())
}
