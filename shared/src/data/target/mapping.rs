//! `mapping` and `labels`, or texts to numbers.

use super::Kind;
use crate::{
    config::{DataConfig, DatabaseConfig, Mapping},
    data::{
        drops::{DropReason, Drops, Objection},
        row::{Row, gender},
    },
};

/// Makes the label of each row of a database what it is to be before it is encoded: mapped and one
/// of `labels`, or a number.
pub(in crate::data) fn prepare(
    rows: &mut Vec<Row>,
    kind: Kind,
    data: &DataConfig,
    database: &DatabaseConfig,
    drops: &mut Drops,
    warnings: &mut Vec<String>,
) {
    let target = data.target.as_deref().unwrap_or_default();
    let mut unused = |key: &str, why: &str| {
        warnings.push(format!("{}: {key} is not used, since {why}", database.name));
    };
    if kind == Kind::Numbers && data.labels.is_some() {
        unused("labels", "this is a regression");
    }
    if kind != Kind::Numbers && (database.scale || database.reverse) {
        unused("scale or reverse", "this is not a regression");
    }
    if matches!(kind, Kind::Numbers | Kind::Binned) {
        if database.mapping.is_some() {
            unused("mapping", "the target is continuous");
        }
        drops.sift(rows, None, number);
        return;
    }
    match &database.mapping {
        None => {}
        Some(Mapping::Target(pairs)) => drops.sift(rows, None, |row| map_label(row, target, pairs)),
        Some(Mapping::Columns(columns)) => drops.sift(rows, None, |row| {
            for (column, pairs) in columns {
                if kind == Kind::Texts && column == target {
                    map_label(row, target, pairs)?;
                } else {
                    map_column(row, column, pairs);
                }
            }
            Ok(())
        }),
    }
    if let (Kind::Texts, Some(labels)) = (kind, &data.labels) {
        drops.sift(rows, None, |row| match &row.label {
            Some(label) if !labels.contains(label) => {
                Err((DropReason::NotInLabels, format!("`{label}`")))
            }
            _ => Ok(()),
        });
    }
}

/// Reads the label as a finite number.
fn number(row: &mut Row) -> Result<(), Objection> {
    let text = row.label.as_deref().unwrap_or_default();
    row.value = text.parse::<f64>().ok().filter(|value| value.is_finite());
    match row.value {
        Some(_) => Ok(()),
        None => Err((DropReason::NotANumber, format!("`{text}`"))),
    }
}

/// Replaces the label, or objects where the mapping does not name it.
fn map_label(row: &mut Row, target: &str, pairs: &[(String, String)]) -> Result<(), Objection> {
    let old = row.label.as_deref().unwrap_or_default();
    let Some(new) = renamed(pairs, old) else {
        return Err((DropReason::Unmapped, format!("`{old}`")));
    };
    row.label = Some(new.clone());
    row.columns.insert(target.to_owned(), new);
    Ok(())
}

/// Replaces another column's value, which is missing afterwards where the mapping does not name it.
fn map_column(row: &mut Row, column: &str, pairs: &[(String, String)]) {
    if column == "speaker" {
        row.speaker = row.speaker.take().and_then(|old| renamed(pairs, &old));
        return;
    }
    let new = row
        .columns
        .shift_remove(column)
        .and_then(|old| renamed(pairs, &old));
    if column == "gender" || column == "sex" {
        row.gender = new.as_deref().map(gender);
    }
    if let Some(new) = new {
        row.columns.insert(column.to_owned(), new);
    }
}

fn renamed(pairs: &[(String, String)], old: &str) -> Option<String> {
    pairs
        .iter()
        .find(|(name, _)| name == old)
        .map(|(_, new)| new.clone())
}
