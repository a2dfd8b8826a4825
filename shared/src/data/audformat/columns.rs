//! What else tables say of the rows.

use super::{database::Database, get::value_of, rows::key, source::Source};
use crate::data::{
    DataError,
    row::{Row, gender},
};
use indexmap::IndexMap;

/// The names whose values rows get, as the database calls them, and the tables where each is looked
/// for.
pub(super) fn columns(
    database: &Database<'_>,
    source: &Source<'_>,
    used: &[String],
) -> Vec<(String, Vec<String>)> {
    let every: Vec<String> = database.header.tables.keys().cloned().collect();
    let mut names: IndexMap<String, Vec<String>> = IndexMap::new();
    // The labels are known already, and come first.
    names.extend(
        source
            .target
            .map(|target| (source.original(target).to_owned(), Vec::new())),
    );
    for name in &source.wanted {
        let name = source.original(name).to_owned();
        names.entry(name).or_insert_with(|| every.clone());
    }
    for name in database.names(used) {
        names.entry(name).or_insert_with(|| used.to_vec());
    }
    names.into_iter().collect()
}

/// Puts the values of a name, looked for in `tables`, into the rows.
///
/// # Errors
/// A table's file cannot be read.
pub(super) fn fill(
    database: &mut Database<'_>,
    source: &Source<'_>,
    rows: &mut [Row],
    name: &str,
    tables: &[String],
) -> Result<(), DataError> {
    let Some(column) = source.renamed(name) else {
        return Ok(());
    };
    let is_target = source.target == Some(column.as_str());
    let series = if is_target {
        Vec::new()
    } else {
        database.get(name, tables)?
    };
    let mut differ: Option<(usize, String)> = None;
    for row in rows {
        let value = if is_target {
            row.label.clone()
        } else {
            let (first, other) = value_of(&series, &key(row));
            if let Some((first, other)) = first.zip(other) {
                let example = format!("{} has `{first}` and `{other}`", row.name);
                differ.get_or_insert((0, example)).0 += 1;
            }
            first.map(str::to_owned)
        };
        let Some(value) = value else { continue };
        match column.as_str() {
            "speaker" => row.speaker = Some(value),
            _ => {
                if column == "gender" || column == "sex" && row.gender.is_none() {
                    row.gender = Some(gender(&value));
                }
                row.columns.insert(column.clone(), value);
            }
        }
    }
    if let Some((count, example)) = differ {
        database.warnings.push(format!(
            "{}: tables say different things about `{name}` of {count} rows ({example}); the first one counts",
            source.config.name
        ));
    }
    Ok(())
}
