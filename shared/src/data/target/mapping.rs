//! `mapping` and `labels`, or texts to numbers.

use super::Kind;
use crate::{
    config::{DataConfig, DatabaseConfig, Mapping},
    data::{
        drops::{DropReason, Drops, Objection},
        row::{Row, gender},
        same::{find, same},
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
        Some(Mapping::Columns(columns)) => {
            let mut effects: Vec<Effect> = columns.iter().map(|_| Effect::default()).collect();
            drops.sift(rows, None, |row| {
                for ((column, pairs), effect) in columns.iter().zip(&mut effects) {
                    if kind == Kind::Texts && column == target {
                        effect.seen += 1;
                        map_label(row, target, pairs)?;
                    } else {
                        effect.note(map_column(row, column, pairs));
                    }
                }
                Ok(())
            });
            for ((column, _), effect) in columns.iter().zip(effects) {
                let text = effect.warning(column);
                warnings.extend(text.map(|text| format!("{}: {text}", database.name)));
            }
        }
    }
    if let (Kind::Texts, Some(labels)) = (kind, &data.labels) {
        drops.sift(rows, None, |row| {
            let Some(label) = &row.label else {
                return Ok(());
            };
            let Some(known) = find(labels, label) else {
                return Err((DropReason::NotInLabels, format!("`{label}`")));
            };
            if known != label {
                relabel(row, target, known.clone());
            }
            Ok(())
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
    relabel(row, target, new);
    Ok(())
}

fn relabel(row: &mut Row, target: &str, new: String) {
    row.label = Some(new.clone());
    row.columns.insert(target.to_owned(), new);
}

/// What mapping a column other than the target did.
#[derive(Debug, Default)]
struct Effect {
    /// Rows with a value in the column.
    seen: usize,
    /// Rows whose value the mapping does not name, and the first such value.
    lost: usize,
    example: String,
}

impl Effect {
    /// Notes what was done to a row: nothing, a new value, or no value instead of an old one.
    fn note(&mut self, done: Option<Result<(), String>>) {
        self.seen += usize::from(done.is_some());
        if let Some(Err(old)) = done {
            self.lost += 1;
            if self.lost == 1 {
                self.example = old;
            }
        }
    }

    fn warning(self, column: &str) -> Option<String> {
        if self.seen == 0 {
            return Some(format!(
                "mapping has no effect on `{column}`: no row has a value in a column of this name"
            ));
        }
        (self.lost > 0).then(|| {
            format!(
                "mapping does not name all values of `{column}`: it is missing now in {} of {} rows (for instance `{}`)",
                self.lost, self.seen, self.example
            )
        })
    }
}

/// Replaces another column's value, which is missing afterwards where the mapping does not name it;
/// then the old one is the error. `None` if there was no value.
fn map_column(
    row: &mut Row,
    column: &str,
    pairs: &[(String, String)],
) -> Option<Result<(), String>> {
    if column == "speaker" {
        let old = row.speaker.take()?;
        row.speaker = renamed(pairs, &old);
        return Some(row.speaker.as_ref().map(|_| ()).ok_or(old));
    }
    let old = row.columns.shift_remove(column)?;
    let new = renamed(pairs, &old);
    let done = new.as_ref().map(|_| ()).ok_or(old);
    if column == "gender" || column == "sex" {
        row.gender = new.as_deref().map(gender);
    }
    if let Some(new) = new {
        row.columns.insert(column.to_owned(), new);
    }
    Some(done)
}

fn renamed(pairs: &[(String, String)], old: &str) -> Option<String> {
    let exact = pairs.iter().find(|(name, _)| name == old);
    exact
        .or_else(|| pairs.iter().find(|(name, _)| same(name, old)))
        .map(|(_, new)| new.clone())
}
