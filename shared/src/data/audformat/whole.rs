//! A whole database as one table, for people who want to see what is in it.

use super::{database::Database, frame::Key, get::value_of, merge::unlabelled};
use crate::{
    data::{DataError, Part, row::gender},
    files::Files,
};
use indexmap::IndexSet;
use std::collections::{HashMap, HashSet};

/// A database as one table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatabaseTable {
    /// Names of the columns: `file`, then `start` and `end` if rows are stretches, then all that any
    /// table knows, attributes of speakers among it, and `split` if tables belong to parts.
    pub columns: Vec<String>,
    /// The rows, each as long as `columns`; what is missing is empty. `start` and `end` are in
    /// seconds.
    pub rows: Vec<Vec<String>>,
    /// What is worth knowing about it.
    pub warnings: Vec<String>,
}

/// Reads all tables of the database in `folder`: a row for each stretch, and for each file that has
/// no stretches.
///
/// # Errors
/// There is no `db.yaml`, it is no header of audformat, or a table's file cannot be read.
pub fn database_table(files: &dyn Files, folder: &str) -> Result<DatabaseTable, DataError> {
    let mut database = Database::open(files, "database", folder)?;
    let every: Vec<String> = database.header.tables.keys().cloned().collect();
    let mut keys: IndexSet<Key> = IndexSet::new();
    for series in unlabelled(&mut database, &every)? {
        let fine = series.frame.entries.iter();
        keys.extend(
            fine.filter(|entry| entry.problem.is_none())
                .map(|entry| entry.key()),
        );
    }
    let whole = |key: &Key| key.1 == 0 && key.2.is_none();
    let cut: HashSet<String> = keys
        .iter()
        .filter(|key| !whole(key))
        .map(|key| key.0.clone())
        .collect();
    keys.retain(|key| !whole(key) || !cut.contains(&key.0));
    let mut table = DatabaseTable {
        columns: vec!["file".to_owned()],
        rows: keys.iter().map(|key| vec![key.0.clone()]).collect(),
        warnings: Vec::new(),
    };
    if !cut.is_empty() {
        let seconds = |bits: u64| f64::from_bits(bits).to_string();
        table.add("start", keys.iter().map(|key| seconds(key.1)));
        table.add(
            "end",
            keys.iter()
                .map(|key| key.2.map(seconds).unwrap_or_default()),
        );
    }
    let names: IndexSet<String> = database.names(&every).into_iter().collect();
    for name in names {
        let series = database.get(&name, &every)?;
        let is_gender = matches!(name.as_str(), "gender" | "sex");
        let values = keys.iter().map(|key| match value_of(&series, key).0 {
            Some(value) if is_gender => gender(value),
            value => value.unwrap_or_default().to_owned(),
        });
        table.add(&name, values.collect::<Vec<_>>().into_iter());
    }
    let parts = parts(&mut database)?;
    if !parts.is_empty() && !table.columns.iter().any(|name| name == "split") {
        let part = |key: &Key| {
            parts
                .get(key)
                .or_else(|| parts.get(&(key.0.clone(), 0, None)))
        };
        table.add(
            "split",
            keys.iter()
                .map(|key| part(key).map_or("", |part| part.word()).to_owned()),
        );
    }
    table.warnings = database.warnings;
    Ok(table)
}

impl DatabaseTable {
    fn add(&mut self, name: &str, values: impl Iterator<Item = String>) {
        if matches!(name, "file" | "start" | "end") && self.columns.iter().any(|own| own == name) {
            return;
        }
        self.columns.push(name.to_owned());
        for (row, value) in self.rows.iter_mut().zip(values) {
            row.push(value);
        }
    }
}

/// The part of each stretch, where tables belong to one: by their split, else by their name.
fn parts(database: &mut Database<'_>) -> Result<HashMap<Key, Part>, DataError> {
    let of_name = |id: &str| {
        let has = |part: &Part| id.split('.').any(|word| word == part.word());
        Part::ALL.into_iter().find(has)
    };
    let tables = database.header.tables.iter();
    let tables: Vec<(String, Part)> = tables
        .filter_map(|(id, table)| Some((id.clone(), table.part.or_else(|| of_name(id))?)))
        .collect();
    let mut parts = HashMap::new();
    for (id, part) in tables {
        for entry in &database.frame(&id)?.entries {
            parts.entry(entry.key()).or_insert(part);
        }
    }
    Ok(parts)
}
