//! One record of a table to a row.

use super::{Source, columns::Columns, join, text::is_missing, time};
use crate::data::{
    DataError,
    drops::{DropReason, Objection},
    row::{Row, gender},
};
use csv::StringRecord;
use indexmap::IndexMap;

impl Columns {
    /// A record's fields as a row, and what is wrong with it.
    ///
    /// # Errors
    /// There are more fields than the header has.
    pub(super) fn row(
        &self,
        record: &StringRecord,
        source: &Source<'_>,
    ) -> Result<(Row, Result<(), Objection>), DataError> {
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
        let mut row = Row {
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
        let times = (named(self.start), named(self.end));
        let found = check(&mut row, times, source.target.is_some());
        Ok((row, found))
    }
}

/// Reads the texts of start and end, and says what is wrong with a row.
fn check(
    row: &mut Row,
    (start, end): (Option<String>, Option<String>),
    labelled: bool,
) -> Result<(), Objection> {
    if row.name.is_empty() {
        return Err((DropReason::NoFileName, String::new()));
    }
    row.start = time(start)?.unwrap_or(0.0);
    row.end = time(end)?;
    let first = row.start;
    if first < 0.0 {
        return Err((DropReason::BadTime, format!("starts at {first} s")));
    }
    if let Some(last) = row.end.filter(|last| *last <= first) {
        let detail = format!("ends at {last} s, not after its start at {first} s");
        return Err((DropReason::BadTime, detail));
    }
    if labelled && row.label.is_none() {
        return Err((DropReason::MissingLabel, String::new()));
    }
    Ok(())
}

/// A time that may be missing.
fn time(text: Option<String>) -> Result<Option<f64>, Objection> {
    match text.as_deref() {
        None | Some("NaT") => Ok(None),
        Some(text) => match time::seconds(text) {
            Some(seconds) => Ok(Some(seconds)),
            None => Err((DropReason::BadTime, format!("`{text}`"))),
        },
    }
}
