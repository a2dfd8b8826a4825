//! A table's CSV file to cells.

use super::frame::Cells;
use crate::data::{
    DataError,
    table::{decode, is_missing},
};
use csv::ReaderBuilder;

/// Reads the columns `names`, in that order.
///
/// Fields are not trimmed, and what pyarrow takes as missing is missing, which is what pandas does
/// but for `None` and `<NA>`.
///
/// # Errors
/// The file is not UTF-8 or not CSV, or lacks a column.
pub(super) fn read(path: &str, bytes: &[u8], names: &[&str]) -> Result<Cells, DataError> {
    let text = decode(path, bytes)?;
    let mut reader = ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let wrong = |source| DataError::Csv {
        path: path.to_owned(),
        source,
    };
    let header = reader.headers().map_err(wrong)?.clone();
    let positions: Vec<usize> = names
        .iter()
        .map(|name| {
            let position = header.iter().position(|column| column == *name);
            position.ok_or_else(|| DataError::TableFile {
                path: path.to_owned(),
                reason: format!(
                    "it has no column `{name}`, which db.yaml says it has (its columns: {})",
                    header.iter().collect::<Vec<_>>().join(", ")
                ),
            })
        })
        .collect::<Result<_, _>>()?;
    let mut cells = Cells::new(names.len());
    for record in reader.records() {
        let record = record.map_err(wrong)?;
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() > header.len() {
            return Err(DataError::LongRow {
                path: path.to_owned(),
                line,
                found: record.len(),
                expected: header.len(),
            });
        }
        cells.lines.push(line);
        for (column, position) in cells.columns.iter_mut().zip(&positions) {
            let field = record.get(*position).unwrap_or_default();
            let missing = is_missing(field) && !matches!(field, "None" | "<NA>");
            column.push((!missing).then(|| field.to_owned()));
        }
    }
    Ok(cells)
}
