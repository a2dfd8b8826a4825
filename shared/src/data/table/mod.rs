//! CSV tables to rows.

mod columns;
mod path;
mod text;
mod time;

#[cfg(test)]
mod tests;

pub(super) use path::{folder, join};
pub(super) use text::decode;

use super::{
    DataError,
    drops::{DropReason, Drops},
    row::{Row, gender},
};
use crate::{config::DatabaseConfig, files::Files};
use columns::Columns;
use csv::{ReaderBuilder, StringRecord, Trim};
use indexmap::IndexMap;
use std::collections::HashMap;
use text::is_missing;

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
    let mut reader = ReaderBuilder::new()
        .delimiter(text::separator(text))
        .trim(Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let wrong = |source_error| DataError::Csv {
        path: source.path.to_owned(),
        source: source_error,
    };
    let mut warnings = Vec::new();
    let columns = Columns::find(reader.headers().map_err(wrong)?, source, &mut warnings)?;
    let mut count = 0;
    let mut rows = Vec::new();
    let mut seen: HashMap<(String, u64, Option<u64>), Option<String>> = HashMap::new();
    for record in reader.records() {
        let record = record.map_err(wrong)?;
        count += 1;
        let row = columns.row(&record, source)?;
        let row = match check(row, source.target.is_some()) {
            Ok(row) => row,
            Err((row, reason, detail)) => {
                drops.add(&row, None, reason, &detail);
                continue;
            }
        };
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
    Ok(Table {
        count,
        rows,
        warnings,
    })
}

/// A row with the texts of its times still unread.
struct RawRow {
    row: Row,
    start: Option<String>,
    end: Option<String>,
}

/// Reads the times, and says what is wrong with a row.
fn check(raw: RawRow, labelled: bool) -> Result<Row, (Row, DropReason, String)> {
    let RawRow {
        mut row,
        start,
        end,
    } = raw;
    if row.name.is_empty() {
        return Err((row, DropReason::NoFileName, String::new()));
    }
    let read = |text: &Option<String>| match text.as_deref() {
        None | Some("NaT") => Ok(None),
        Some(text) => time::seconds(text)
            .map(Some)
            .ok_or_else(|| format!("`{text}`")),
    };
    let (first, last) = match (read(&start), read(&end)) {
        (Ok(first), Ok(last)) => (first.unwrap_or(0.0), last),
        (Err(detail), _) | (_, Err(detail)) => return Err((row, DropReason::BadTime, detail)),
    };
    if first < 0.0 {
        return Err((row, DropReason::BadTime, format!("starts at {first} s")));
    }
    if let Some(last) = last.filter(|last| *last <= first) {
        return Err((
            row,
            DropReason::BadTime,
            format!("ends at {last} s, not after its start at {first} s"),
        ));
    }
    (row.start, row.end) = (first, last);
    if labelled && row.label.is_none() {
        return Err((row, DropReason::MissingLabel, String::new()));
    }
    Ok(row)
}

impl Columns {
    /// A record's fields as a row.
    fn row(&self, record: &StringRecord, source: &Source<'_>) -> Result<RawRow, DataError> {
        let line = record.position().map_or(0, csv::Position::line);
        if record
            .iter()
            .skip(self.count())
            .any(|field| !field.is_empty())
        {
            return Err(DataError::LongRow {
                path: source.path.to_owned(),
                line,
                found: record.len(),
                expected: self.count(),
            });
        }
        let field = |index: usize| {
            record
                .get(index)
                .filter(|field| !is_missing(field))
                .map(str::to_owned)
        };
        let named = |index: Option<usize>| index.and_then(field);
        let mut columns = IndexMap::new();
        for (index, name) in self.others() {
            if let Some(value) = field(index) {
                columns.insert(name.to_owned(), value);
            }
        }
        let name = field(self.file).unwrap_or_default();
        let label = source.target.and_then(|target| match target {
            "speaker" => named(self.speaker),
            _ => columns.get(target).cloned(),
        });
        let row = Row {
            database: source.database,
            line,
            file: join(&[&source.prefix, &name]),
            start: 0.0,
            end: None,
            seconds: 0.0,
            speaker: named(self.speaker),
            gender: columns
                .get("gender")
                .or_else(|| columns.get("sex"))
                .map(|text| gender(text)),
            value: None,
            label,
            columns,
            name,
        };
        Ok(RawRow {
            row,
            start: named(self.start),
            end: named(self.end),
        })
    }
}
