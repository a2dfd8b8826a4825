//! The names of databases, and what the keys of `[DATA]` are by them.

use super::Checker;
use crate::config::{
    ini::fold,
    keys::{self, Key},
};
use std::collections::BTreeSet;

impl Checker<'_> {
    /// The names of databases in the text, in lower case.
    pub(super) fn databases(&self) -> Databases {
        let lists = [
            ("DATA", "databases"),
            ("DATA", "tests"),
            ("DATA", "trains"),
            ("EXP", "databases"),
        ];
        let extra = [("CROSSDB", "train_extra")];
        let labelled = self.value_of("DATA", "label_data").map(|found| found.text);
        let dev = self.value_of("EXP", "lodo_dev").map(|found| found.text);
        let listed: BTreeSet<String> = lists
            .iter()
            .chain(&extra)
            .flat_map(|(section, key)| self.peek_list(section, key))
            .chain(labelled)
            .chain(dev)
            .map(|name| fold(&name))
            .collect();
        let mut known = listed.clone();
        let mut bare = BTreeSet::new();
        if let Some(data) = self.document.section("DATA") {
            for entry in self.document.entries(data) {
                bare.insert(entry.key.clone());
                if let Some((row, db)) = keys::find("DATA", &entry.key)
                    && row.name.starts_with("<db>")
                {
                    known.insert(db.to_owned());
                }
            }
        }
        Databases {
            listed,
            known,
            bare,
        }
    }
}

/// Names of databases, in lower case.
pub(super) struct Databases {
    /// In one of the lists.
    pub(super) listed: BTreeSet<String>,
    /// In a list, or with a key of their own.
    known: BTreeSet<String>,
    /// All keys of [DATA].
    bare: BTreeSet<String>,
}

/// What a key is.
pub(super) enum Meaning<'k> {
    /// A row of the table.
    Row(&'static Key),
    /// The path of a database that is used.
    Database,
    /// The path of a database that no list names.
    Unused,
    /// A key of such a database.
    OfUnused,
    /// A key of something that no list names, and that has no path.
    OfUnknown(&'k str),
    /// Nothing.
    Unknown,
}

impl Databases {
    /// What `key` (in lower case) of `section` is. The names of the databases come before the
    /// patterns of the table, since a database may be called `x_bins` or `my.train`.
    pub(super) fn find<'k>(&self, section: &str, key: &'k str) -> Meaning<'k> {
        let found = keys::find(section, key);
        if section != "DATA" {
            return found.map_or(Meaning::Unknown, |(row, _)| Meaning::Row(row));
        }
        if let Some((row, _)) = found.filter(|(row, _)| !row.is_pattern()) {
            return Meaning::Row(row);
        }
        if self.listed.contains(key) {
            return Meaning::Database;
        }
        let mut of_listed = self.listed.iter().filter_map(|db| {
            let suffix = key.strip_prefix(db.as_str())?.strip_prefix('.')?;
            Some(keys::row("DATA", &format!("<db>.{suffix}")))
        });
        let first = of_listed.next();
        if let Some(row) = first.flatten().or_else(|| of_listed.flatten().next()) {
            return Meaning::Row(row);
        }
        match found {
            Some((row, db)) if row.name.starts_with("<db>") => {
                if first.is_some() {
                    Meaning::Unknown
                } else if self.listed.is_empty() {
                    Meaning::Row(row)
                } else if self.bare.contains(db) {
                    Meaning::OfUnused
                } else {
                    Meaning::OfUnknown(db)
                }
            }
            Some((row, _)) => Meaning::Row(row),
            None if self.known.contains(key) && self.listed.is_empty() => Meaning::Database,
            None if self.known.contains(key) => Meaning::Unused,
            None => Meaning::Unknown,
        }
    }
}

/// Names that a key of `section` could have been meant to be.
pub(super) fn candidates(section: &str, key: &str, databases: &Databases) -> Vec<String> {
    let here =
        |row: &&Key| row.section == section || (section == "MODEL" && row.section == "FINETUNE");
    let mut names: Vec<String> = keys::all()
        .filter(here)
        .filter(|row| !row.is_pattern())
        .map(|row| fold(row.name))
        .collect();
    if section != "DATA" {
        return names;
    }
    let of_databases = || keys::all().filter_map(|row| row.name.strip_prefix("<db>."));
    for db in databases
        .known
        .iter()
        .filter(|db| key.starts_with(&format!("{db}.")))
    {
        names.extend(of_databases().map(|suffix| format!("{db}.{suffix}")));
    }
    // `split_strategy` without the database before it.
    if let [db] = databases.listed.iter().collect::<Vec<_>>()[..]
        && of_databases().any(|suffix| suffix == key)
    {
        return vec![format!("{db}.{key}")];
    }
    names.extend(databases.listed.iter().cloned());
    names
}
