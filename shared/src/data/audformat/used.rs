//! Which tables of a database are used.

use super::{database::Database, source::Source};
use crate::data::DataError;
use indexmap::IndexSet;

/// Tables that are used.
pub(super) struct Used {
    /// Those with the target, which make the rows.
    pub(super) labelled: Vec<String>,
    /// Those whose columns are kept.
    pub(super) all: Vec<String>,
}

/// The tables that the configuration names and `parts`, those of the parts of the split; without
/// any, or where none of them has the target, all that have it.
///
/// # Errors
/// A table is not there, or none has the target.
pub(super) fn used_tables(
    database: &Database<'_>,
    source: &Source<'_>,
    target: Option<&str>,
    parts: &[&String],
) -> Result<Used, DataError> {
    let lists = &source.config.tables;
    let mut named: IndexSet<String> = IndexSet::new();
    for list in [
        &lists.target,
        &lists.files,
        &lists.test,
        &lists.dev,
        &lists.train,
    ] {
        named.extend(list.iter().cloned());
    }
    named.extend(parts.iter().map(|table| (*table).clone()));
    if let Some(unknown) = named
        .iter()
        .find(|id| !database.header.tables.contains_key(*id))
    {
        return Err(DataError::NoTable {
            database: database.name.to_owned(),
            table: unknown.clone(),
            known: database.known_tables(),
        });
    }
    let labelled = |tables: &[String]| -> Vec<String> {
        let has = |table: &&String| target.is_none_or(|target| database.has(target, table));
        tables.iter().filter(has).cloned().collect()
    };
    let every: Vec<String> = database.header.tables.keys().cloned().collect();
    let named: Vec<String> = named.into_iter().collect();
    let mut found = labelled(&named);
    if found.is_empty() {
        found = labelled(&every);
    }
    if found.is_empty() {
        let mut names: IndexSet<String> = database.names(&every).into_iter().collect();
        names.sort_unstable();
        return Err(DataError::NoTarget {
            database: database.name.to_owned(),
            target: target.unwrap_or_default().to_owned(),
            found: names.into_iter().collect::<Vec<_>>().join(", "),
        });
    }
    let mut all: IndexSet<String> = named.into_iter().collect();
    all.extend(found.iter().cloned());
    Ok(Used {
        labelled: found,
        all: all.into_iter().collect(),
    })
}
