//! CSV tables to rows.

mod columns;
mod path;
mod quotes;
mod record;
mod text;
mod time;

#[cfg(test)]
mod tests;

pub(super) use path::{folder, join};
pub(super) use record::stretch;
pub(super) use text::{decode, is_missing};
pub use time::seconds;

use super::{
    DataError,
    drops::{DropReason, Drops},
    row::Row,
};
use crate::{config::DatabaseConfig, files::Files};
use columns::Columns;
use csv::{ReaderBuilder, Trim};
use std::collections::HashMap;

/// Which table to read, and how.
#[derive(Debug, Clone)]
pub(super) struct Source<'a> {
    /// Index of the database.
    pub(super) database: usize,
    /// Its name.
    pub(super) name: &'a str,
    /// The CSV file.
    pub(super) path: &'a str,
    /// What stands before each relative file name.
    pub(super) prefix: String,
    /// (name in the table, name to use).
    pub(super) renames: Vec<(&'a str, &'a str)>,
    /// The target's column, after renaming; rows without it are dropped.
    pub(super) target: Option<&'a str>,
}

impl<'a> Source<'a> {
    /// The table of a database.
    pub(super) fn new(
        database: usize,
        config: &'a DatabaseConfig,
        target: Option<&'a str>,
    ) -> Self {
        let beside = if config.absolute_path {
            ""
        } else {
            folder(&config.path)
        };
        let mut renames: Vec<_> = config
            .colnames
            .iter()
            .map(|(from, to)| (from.as_str(), to.as_str()))
            .collect();
        renames.extend(config.label.as_deref().zip(target));
        Self {
            database,
            name: &config.name,
            path: &config.path,
            prefix: join(&[beside, &config.audio_path]),
            renames,
            target,
        }
    }
}

/// A table that was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    /// Rows in the file.
    pub(super) count: usize,
    /// Rows that can be used.
    pub(super) rows: Vec<Row>,
    /// What is worth knowing about the table.
    pub(super) warnings: Vec<String>,
}

/// Reads a table: a header, then a row a recording or stretch.
///
/// The separator is a comma, a semicolon or a tab; fields are trimmed; what pandas takes as missing
/// is missing.
///
/// # Errors
/// The file cannot be read, is not UTF-8, has rows that are longer than the header, or lacks a
/// column.
pub(super) fn read(
    files: &dyn Files,
    source: &Source<'_>,
    drops: &mut Drops,
) -> Result<Table, DataError> {
    let bytes = files
        .read(source.path)
        .map_err(|error| DataError::ReadTable {
            database: source.name.to_owned(),
            path: source.path.to_owned(),
            source: error,
        })?;
    let text = text::decode(source.path, &bytes)?;
    let separator = text::separator(text);
    if let Some(line) = quotes::unclosed(text.as_bytes(), separator) {
        return Err(DataError::OpenQuote {
            path: source.path.to_owned(),
            line,
        });
    }
    let mut reader = ReaderBuilder::new()
        .delimiter(separator)
        .trim(Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let wrong = |source_error| DataError::Csv {
        path: source.path.to_owned(),
        source: source_error,
    };
    let mut warnings = Vec::new();
    let columns = Columns::find(reader.headers().map_err(wrong)?, source, &mut warnings)?;
    let mut broken = quotes::Broken::default();
    let mut count = 0;
    let mut rows = Vec::new();
    let mut seen: HashMap<(String, u64, Option<u64>), Option<String>> = HashMap::new();
    for record in reader.records() {
        let record = record.map_err(wrong)?;
        count += 1;
        broken.look(&record, columns.count());
        let (row, found) = columns.row(&record, source)?;
        if let Err((reason, detail)) = found {
            drops.add(&row, None, reason, &detail);
            continue;
        }
        let (file, start, end) = row.key();
        let key = (file.to_owned(), start, end);
        if let Some(label) = seen.get(&key) {
            let detail = if *label == row.label {
                ""
            } else {
                "with another label"
            };
            drops.add(&row, None, DropReason::Duplicate, detail);
            continue;
        }
        seen.insert(key, row.label.clone());
        rows.push(row);
    }
    if count == 0 {
        return Err(DataError::EmptyTable {
            path: source.path.to_owned(),
        });
    }
    warnings.extend(broken.warning(source.path));
    Ok(Table {
        count,
        rows,
        warnings,
    })
}
