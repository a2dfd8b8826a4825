//! A database to rows.

use super::{
    columns::{columns, fill},
    database::Database,
    frame::Key,
    merge::{merge, unlabelled},
    parts::{Membership, part_tables},
    source::Source,
    used::used_tables,
};
use crate::{
    data::{
        DataError,
        drops::{DropReason, Drops},
        row::Row,
        table::{Table, join},
    },
    files::Files,
};

/// Reads a database: a row for each stretch that has a place for the target.
///
/// The tables that are used are those that the configuration names, and those that make the parts
/// of the split; without any, or where none of them has the target, all that have it. What the
/// tables say of the same stretch comes together; with `target_tables_append` they follow each
/// other instead, and a stretch's first row counts.
///
/// # Errors
/// A table cannot be used, none has the target, tables contradict each other in the target, or a
/// stretch belongs to two parts.
pub(in crate::data) fn read(
    files: &dyn Files,
    source: &Source<'_>,
    drops: &mut Drops,
) -> Result<Table, DataError> {
    let config = source.config;
    let mut database = Database::open(files, &config.name, &config.path)?;
    let original = source.target.map(|target| source.original(target));
    let parts = part_tables(&database, config, source.target, original)?;
    let used = used_tables(
        &database,
        source,
        original,
        &parts.iter().map(|(_, table)| table).collect::<Vec<_>>(),
    )?;
    let series = match original {
        Some(name) => database.get(name, &used.labelled)?,
        None => unlabelled(&mut database, &used.labelled)?,
    };
    let mut count = 0;
    let mut rows = merge(source, &series, drops, &mut count)?;
    name_absent(&mut database, source);
    let membership = Membership::new(&mut database, &parts)?;
    list(source, &mut rows, &membership)?;
    for (name, tables) in columns(&database, source, &used.all) {
        fill(&mut database, source, &mut rows, &name, &tables)?;
    }
    if source.target.is_some() {
        drops.sift(&mut rows, None, |row| match row.label {
            Some(_) => Ok(()),
            None => Err((DropReason::MissingLabel, String::new())),
        });
    }
    if count == 0 {
        return Err(DataError::EmptyTable {
            path: join(&[&config.path, &format!("db.{}", used.labelled.join(", db."))]),
        });
    }
    Ok(Table {
        count,
        rows,
        warnings: database.warnings,
    })
}

/// Warns of names to be renamed that are nowhere.
fn name_absent(database: &mut Database<'_>, source: &Source<'_>) {
    for (from, to) in &source.config.colnames {
        let tables = database.header.tables.keys();
        if !tables.into_iter().any(|table| database.has(from, table)) {
            database.warnings.push(format!(
                "{}: no table has `{from}`, which is to be used as `{to}`",
                source.config.name
            ));
        }
    }
}

/// Notes the part whose tables list a row.
fn list(source: &Source<'_>, rows: &mut [Row], membership: &Membership) -> Result<(), DataError> {
    let mut twice: Option<(usize, String)> = None;
    for row in rows {
        match membership.part(&key(row)) {
            Ok(part) => row.listed = part,
            Err((first, second)) => {
                let example = format!("{} stands in `{first}` and in `{second}`", row.name);
                twice.get_or_insert((0, example)).0 += 1;
            }
        }
    }
    match twice {
        None => Ok(()),
        Some((count, example)) => Err(DataError::TwoParts {
            database: source.config.name.clone(),
            count,
            example,
        }),
    }
}

/// The stretch of a row.
pub(super) fn key(row: &Row) -> Key {
    (
        row.name.clone(),
        row.start.to_bits(),
        row.end.map(f64::to_bits),
    )
}
