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
            listed: None,
        };
        let times = (named(self.start), named(self.end));
        let labelled = source.target.is_none() || row.label.is_some();
        let found = stretch(&row.name, times).and_then(|span| {
            (row.start, row.end) = span;
            let missing = (DropReason::MissingLabel, String::new());
            if labelled { Ok(()) } else { Err(missing) }
        });
        Ok((row, found))
    }
}

/// Start and end of a row in seconds from their texts (a missing end is the file's), or what is
/// wrong with them or with the name of the file.
pub(in crate::data) fn stretch(
    file: &str,
    (start, end): (Option<String>, Option<String>),
) -> Result<(f64, Option<f64>), Objection> {
    if file.is_empty() {
        return Err((DropReason::NoFileName, String::new()));
    }
    let first = time(start)?.unwrap_or(0.0);
    let end = time(end)?;
    if first < 0.0 {
        return Err((DropReason::BadTime, format!("starts at {first} s")));
    }
    match end.filter(|last| *last <= first) {
        None => Ok((first, end)),
        Some(last) => {
            let detail = format!("ends at {last} s, not after its start at {first} s");
            Err((DropReason::BadTime, detail))
        }
    }
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
