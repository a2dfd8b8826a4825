//! The rows of several tables together.

use super::{database::Database, frame::Key, get::Series, source::Source};
use crate::data::{
    DataError,
    drops::{DropReason, Drops},
    row::Row,
};
use std::collections::HashMap;

/// Every stretch of the tables, without a value.
///
/// # Errors
/// A table's file cannot be read.
pub(super) fn unlabelled(
    database: &mut Database<'_>,
    tables: &[String],
) -> Result<Vec<Series>, DataError> {
    tables
        .iter()
        .map(|table| {
            let frame = database.frame(table)?;
            Ok(Series {
                table: table.clone(),
                values: vec![None; frame.entries.len()],
                frame,
            })
        })
        .collect()
}

/// The union of the tables' stretches, each with its label, in the order in which they come.
/// `count` is raised by the rows that there are.
///
/// # Errors
/// Two labels of the same stretch differ.
pub(super) fn merge(
    source: &Source<'_>,
    series: &[Series],
    drops: &mut Drops,
    count: &mut usize,
) -> Result<Vec<Row>, DataError> {
    let config = source.config;
    let mut rows: Vec<Row> = Vec::new();
    // The row of each stretch, and the series that it comes from.
    let mut seen: HashMap<Key, (usize, usize)> = HashMap::new();
    let mut differ: Option<(usize, String)> = None;
    for (place, one) in series.iter().enumerate() {
        for (entry, value) in one.frame.entries.iter().zip(&one.values) {
            if let Some((reason, detail)) = &entry.problem {
                *count += 1;
                drops.add(&source.row(&config.path, entry), None, *reason, detail);
                continue;
            }
            let key = entry.key();
            let Some((index, origin)) = seen.get(&key).copied() else {
                *count += 1;
                seen.insert(key, (rows.len(), place));
                let mut row = source.row(&config.path, entry);
                row.label.clone_from(value);
                rows.push(row);
                continue;
            };
            let row = &mut rows[index];
            let differs = row.label.is_some() && value.is_some() && row.label != *value;
            if origin == place || config.tables.append && row.label.is_some() {
                *count += 1;
                let detail = if differs { "with another label" } else { "" };
                drops.add(
                    &source.row(&config.path, entry),
                    None,
                    DropReason::Duplicate,
                    detail,
                );
            } else if differs {
                let text = |value: &Option<String>| value.clone().unwrap_or_default();
                let example = format!(
                    "{} is `{}` in the table `{}` and `{}` in `{}`",
                    entry.file,
                    text(&row.label),
                    series[origin].table,
                    text(value),
                    one.table
                );
                differ.get_or_insert((0, example)).0 += 1;
            } else if row.label.is_none() {
                row.label.clone_from(value);
            }
        }
    }
    match differ {
        None => Ok(rows),
        Some((count, example)) => Err(DataError::Disagree {
            database: config.name.clone(),
            target: source.target.unwrap_or_default().to_owned(),
            count,
            example,
        }),
    }
}
