//! A table's parquet file to cells.

use super::{
    cell::{Dtype, date},
    frame::Cells,
};
use crate::data::DataError;
use bytes::Bytes;
use parquet::{
    file::{
        metadata::FileMetaData,
        reader::{FileReader, SerializedFileReader},
    },
    record::Field,
    schema::types::Type,
};
use serde_json::Value;
use std::sync::Arc;

/// More rows than any table of recordings has; a small file can claim any number.
const ROWS: i64 = 20_000_000;

/// Nanoseconds in a second.
const SECOND: i128 = 1_000_000_000;

/// Reads the columns of these names and types, in that order.
///
/// # Errors
/// The file is damaged, compressed in an unknown way, or lacks a column.
pub(super) fn read(
    path: &str,
    bytes: Vec<u8>,
    fields: &[(&str, Dtype)],
) -> Result<Cells, DataError> {
    let wrong = |reason: String| DataError::TableFile {
        path: path.to_owned(),
        reason,
    };
    let unreadable = |error: parquet::errors::ParquetError| {
        wrong(format!(
            "it is no parquet file that can be read ({error}); save the database anew with audformat, with \
             storage_format='csv' or 'parquet'"
        ))
    };
    let reader = SerializedFileReader::new(Bytes::from(bytes)).map_err(unreadable)?;
    let metadata = reader.metadata().file_metadata();
    if !(0..=ROWS).contains(&metadata.num_rows()) {
        return Err(wrong(format!(
            "it claims to have {} rows; at most {ROWS} are read",
            metadata.num_rows()
        )));
    }
    let schema = metadata.schema();
    let mut wanted = Vec::new();
    for (name, _) in fields {
        let found = schema
            .get_fields()
            .iter()
            .find(|field| field.name() == *name);
        let found = found.ok_or_else(|| {
            let names: Vec<&str> = schema
                .get_fields()
                .iter()
                .map(|field| field.name())
                .collect();
            wrong(format!(
                "it has no column `{name}`, which db.yaml says it has (its columns: {})",
                names.join(", ")
            ))
        })?;
        wanted.push(Arc::clone(found));
    }
    let units: Vec<i128> = fields
        .iter()
        .map(|(name, _)| unit(metadata, name))
        .collect();
    let projection = Type::group_type_builder(schema.name())
        .with_fields(wanted)
        .build()
        .map_err(unreadable)?;
    let mut cells = Cells::new(fields.len());
    let rows = reader.get_row_iter(Some(projection)).map_err(unreadable)?;
    for (index, row) in rows.enumerate() {
        let row = row.map_err(unreadable)?;
        // As in a CSV file, where the header is line 1.
        cells.lines.push(index as u64 + 2);
        for (place, (_, field)) in row.get_column_iter().enumerate() {
            let (name, dtype) = fields[place];
            let cell = text(field, dtype, units[place]).map_err(|kind| {
                wrong(format!("its column `{name}` has {kind}, which is no label"))
            })?;
            cells.columns[place].push(cell);
        }
    }
    Ok(cells)
}

/// A value as text; `None` is missing.
fn text(field: &Field, dtype: Dtype, unit: i128) -> Result<Option<String>, &'static str> {
    let whole = |value: i128| match dtype {
        // Lengths of time have no type of their own in parquet.
        Dtype::Time => time(value * unit),
        Dtype::Date => date(value * unit),
        _ => value.to_string(),
    };
    Ok(Some(match field {
        Field::Null => return Ok(None),
        Field::Bool(value) => if *value { "True" } else { "False" }.into(),
        Field::Byte(value) => whole((*value).into()),
        Field::Short(value) => whole((*value).into()),
        Field::Int(value) => whole((*value).into()),
        Field::Long(value) => whole((*value).into()),
        Field::UByte(value) => whole((*value).into()),
        Field::UShort(value) => whole((*value).into()),
        Field::UInt(value) => whole((*value).into()),
        Field::ULong(value) => whole((*value).into()),
        Field::Float(value) if value.is_nan() => return Ok(None),
        Field::Float(value) => format!("{value:?}"),
        Field::Double(value) if value.is_nan() => return Ok(None),
        Field::Double(value) => format!("{value:?}"),
        Field::Str(value) => value.clone(),
        Field::Bytes(value) => String::from_utf8_lossy(value.data()).into_owned(),
        Field::Date(days) => date(i128::from(*days) * 86_400 * SECOND),
        Field::TimestampMillis(value) => date(i128::from(*value) * SECOND / 1000),
        Field::TimestampMicros(value) => date(i128::from(*value) * 1000),
        Field::Group(_) | Field::ListInternal(_) | Field::MapInternal(_) => {
            return Err("lists or groups");
        }
        _ => return Err("values of an unusual type"),
    }))
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
fn unit(metadata: &FileMetaData, column: &str) -> i128 {
    let notes = metadata
        .key_value_metadata()
        .into_iter()
        .flatten()
        .find(|entry| entry.key == "pandas")
        .and_then(|entry| serde_json::from_str::<Value>(entry.value.as_deref()?).ok());
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
