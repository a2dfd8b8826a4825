//! A table's parquet file to cells.
//!
//! This reads what pyarrow writes of a table: flat columns, in pages of plain values or with a
//! dictionary, not compressed or by snappy (<https://parquet.apache.org/docs/file-format/>).

mod footer;
mod hybrid;
mod page;
mod thrift;

use super::{
    cell::{Dtype, date},
    frame::Cells,
};
use crate::data::DataError;
use footer::{Footer, Leaf, Meaning};
use page::Raw;
use serde_json::Value;

/// More rows than a table of recordings has; a small file can claim any number.
const ROWS: usize = 5_000_000;

/// Nanoseconds in a second.
const SECOND: i128 = 1_000_000_000;

/// Reads the columns of these names and types, in that order.
///
/// # Errors
/// The file is damaged, compressed in another way, or lacks a column.
pub(super) fn read(path: &str, file: &[u8], fields: &[(&str, Dtype)]) -> Result<Cells, DataError> {
    let wrong = |reason: String| DataError::TableFile {
        path: path.to_owned(),
        reason,
    };
    let unreadable = |reason: &str| {
        wrong(format!(
            "it is no parquet table that can be read: {reason}; save the database anew with audformat, with \
             storage_format='parquet' or 'csv'"
        ))
    };
    let footer = Footer::read(file).ok_or_else(|| unreadable("it is damaged"))?;
    let rows = footer.rows().ok_or_else(|| unreadable("it is damaged"))?;
    if rows > ROWS {
        return Err(unreadable(&format!(
            "it claims to have {rows} rows, and {ROWS} is the most"
        )));
    }
    let mut cells = Cells::new(0);
    // As in a CSV file, where the header is line 1.
    cells.lines = (0..rows as u64).map(|row| row + 2).collect();
    for (name, dtype) in fields {
        let leaf = footer.leaf(name).ok_or_else(|| {
            wrong(format!(
                "it has no column `{name}`, which db.yaml says it has (its columns: {})",
                footer.names().join(", ")
            ))
        })?;
        let of_column = |reason: String| unreadable(&format!("of the column `{name}`, {reason}"));
        let leaf = leaf.map_err(of_column)?;
        let unit = unit(&footer, name);
        let mut column = Vec::new();
        for chunk in footer.chunks(&leaf).map_err(of_column)? {
            if chunk.values > rows - column.len() {
                return Err(of_column("it is damaged".into()));
            }
            let values = page::read(file, &leaf, &chunk).map_err(of_column)?;
            column.extend(
                values
                    .into_iter()
                    .map(|value| text(value?, &leaf, *dtype, unit)),
            );
        }
        if column.len() != rows {
            return Err(of_column("it is damaged".into()));
        }
        cells.columns.push(column);
    }
    Ok(cells)
}

/// A value as text; `None` is missing.
fn text(value: Raw, leaf: &Leaf, dtype: Dtype, unit: i128) -> Option<String> {
    Some(match value {
        Raw::Bool(value) => if value { "True" } else { "False" }.into(),
        Raw::Int(value) => match (leaf.meaning, dtype) {
            (Meaning::Day, _) => date(i128::from(value) * 86_400 * SECOND),
            (Meaning::Moment(unit), _) => date(i128::from(value) * unit),
            // Lengths of time have no type of their own in parquet.
            (Meaning::Number, Dtype::Time) => time(i128::from(value) * unit),
            (Meaning::Number, Dtype::Date) => date(i128::from(value) * unit),
            (Meaning::Number, _) => value.to_string(),
        },
        Raw::Float(value) if value.is_nan() => return None,
        Raw::Float(value) => format!("{value:?}"),
        Raw::Text(text) => text,
    })
}

/// A length of time as pandas writes it, to the nanosecond.
fn time(nanoseconds: i128) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let all = nanoseconds.unsigned_abs();
    let second = SECOND.unsigned_abs();
    let (seconds, fraction) = (all / second, all % second);
    format!(
        "{sign}{} days {:02}:{:02}:{:02}.{fraction:09}",
        seconds / 86_400,
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// Nanoseconds in the unit of a column of times, as pandas' own notes in the file have it.
fn unit(footer: &Footer<'_>, column: &str) -> i128 {
    let notes = footer
        .note("pandas")
        .and_then(|note| serde_json::from_str::<Value>(note).ok());
    let kind = notes.as_ref().and_then(|notes| {
        let columns = notes.get("columns")?.as_array()?;
        let named = |entry: &&Value| entry.get("name").and_then(Value::as_str) == Some(column);
        columns.iter().find(named)?.get("numpy_type")?.as_str()
    });
    match kind.and_then(|kind| kind.split_once('[')) {
        Some((_, "s]")) => SECOND,
        Some((_, "ms]")) => SECOND / 1000,
        Some((_, "us]")) => 1000,
        _ => 1,
    }
}
