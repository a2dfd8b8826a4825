//! Which part of the split the tables put a stretch in.

use super::{
    database::Database,
    frame::{Frame, Key},
};
use crate::{
    config::{DatabaseConfig, SplitStrategy},
    data::{DataError, Part},
};
use indexmap::IndexSet;
use std::rc::Rc;

/// The tables of each part, in the order of the parts.
pub(super) type PartTables = Vec<(Part, String)>;

/// The tables that make the parts: those that the configuration names (`specified`), or the
/// database's own (`database`); none with any other strategy.
///
/// The database's own are `<target>.train`, `.dev` and `.test`. Where it has none of them, they are
/// the tables with the target whose split is of that type.
///
/// # Errors
/// There are none.
pub(super) fn part_tables(
    database: &Database<'_>,
    config: &DatabaseConfig,
    target: Option<&str>,
    source: Option<&str>,
) -> Result<PartTables, DataError> {
    let lists = &config.tables;
    let mut tables = Vec::new();
    match config.split {
        SplitStrategy::Specified => {
            for (part, list) in [
                (Part::Train, &lists.train),
                (Part::Dev, &lists.dev),
                (Part::Test, &lists.test),
            ] {
                tables.extend(list.iter().map(|table| (part, table.clone())));
            }
        }
        SplitStrategy::Database => {
            let names: IndexSet<&str> = [target, source].into_iter().flatten().collect();
            for name in names {
                tables.extend(Part::ALL.map(|part| (part, format!("{name}.{}", part.word()))));
            }
            tables.retain(|(_, table)| database.header.tables.contains_key(table));
            if tables.is_empty() {
                let of_splits = database.header.tables.iter().filter_map(|(id, table)| {
                    let labelled = source.is_none_or(|source| database.has(source, id));
                    Some((table.part.filter(|_| labelled)?, id.clone()))
                });
                tables.extend(of_splits);
            }
        }
        _ => return Ok(tables),
    }
    if tables.is_empty() {
        return Err(DataError::NoPartTables {
            database: database.name.to_owned(),
            target: target.unwrap_or_default().to_owned(),
            known: database.known_tables(),
        });
    }
    Ok(tables)
}

/// Tells the part of stretches.
pub(super) struct Membership {
    frames: Vec<(Part, String, Rc<Frame>)>,
}

impl Membership {
    /// Reads the tables of the parts.
    ///
    /// # Errors
    /// A table is not there or cannot be read.
    pub(super) fn new(database: &mut Database<'_>, tables: &PartTables) -> Result<Self, DataError> {
        let mut frames = Vec::new();
        for (part, table) in tables {
            frames.push((*part, table.clone(), database.frame(table)?));
        }
        Ok(Self { frames })
    }

    /// The part whose tables have this stretch, or its whole file in a table of files.
    ///
    /// # Errors
    /// The tables of two parts do; they are named.
    pub(super) fn part(&self, key: &Key) -> Result<Option<Part>, (&str, &str)> {
        let mut found: Option<(Part, &str)> = None;
        for (part, table, frame) in &self.frames {
            if frame.exact(key).or_else(|| frame.of_file(key)).is_none() {
                continue;
            }
            match found {
                None => found = Some((*part, table.as_str())),
                Some((first, name)) if first != *part => return Err((name, table.as_str())),
                Some(_) => {}
            }
        }
        Ok(found.map(|(part, _)| part))
    }
}
