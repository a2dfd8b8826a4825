//! Names of sections and keys: unknown, misplaced, or without effect.

use super::{Checker, suggest::nearest};
use crate::config::{
    diagnostics::Code,
    ini::{DEFAULT, Entry, Section, fold},
    keys::{self, Key, Status},
};
use std::collections::BTreeSet;

impl Checker<'_> {
    /// Looks every section and key up in the table.
    pub(super) fn names(&mut self) {
        let document = self.document;
        let databases = self.databases();
        for section in document
            .sections()
            .iter()
            .filter(|section| section.name != DEFAULT)
        {
            if !keys::sections().contains(&section.name.as_str()) {
                self.unknown_section(section);
                continue;
            }
            let elsewhere = keys::all()
                .filter(|key| key.section == section.name)
                .all(|key| key.status == Status::OriginalOnly);
            if elsewhere && self.finetune {
                let message = format!(
                    "[{}] belongs to a part of Nkululeko that is not here; it has no effect",
                    section.name
                );
                self.info(Code::NoEffect, section.name_span, message);
            }
            for entry in &section.entries {
                if self.forbidden(section, entry) {
                    continue;
                }
                match keys::find(&section.name, &entry.key) {
                    Some((row, _)) if !elsewhere => self.status(&section.name, row, entry),
                    Some(_) => {}
                    None if section.name == "DATA" && databases.known.contains(&entry.key) => {
                        self.unused(&databases, entry);
                    }
                    None => self.unknown_key(section, entry, &databases),
                }
            }
        }
    }

    fn unknown_section(&mut self, section: &Section) {
        let name = &section.name;
        let near = keys::sections()
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(name.trim()));
        let near = near.or_else(|| nearest(name.trim(), keys::sections().into_iter()));
        let finding = self.warn(
            Code::UnknownSection,
            section.name_span,
            format!("nothing reads a section [{name}]"),
        );
        if let Some(near) = near {
            finding.replace(format!("write [{near}]"), section.name_span, near);
        }
    }

    /// Says so if a key does nothing.
    fn status(&mut self, section: &str, row: &Key, entry: &Entry) {
        let same = entry.value.eq_ignore_ascii_case(row.default);
        if !self.finetune || same || entry.value.is_empty() {
            return;
        }
        let key = &entry.key;
        match row.status {
            Status::Acts => {}
            Status::Later => {
                let message = format!("`{key}` does nothing yet: {}", lower(row.doc));
                self.warn(Code::ActedOnLater, entry.key_span, message);
            }
            Status::LaterNeeded => {
                let message = format!(
                    "`{key}` does nothing yet, and a run without it would not be the one asked for: {}",
                    lower(row.doc)
                );
                let removal = self.document.removal(section, key);
                self.refuse(Code::ActedOnLater, entry.key_span, message)
                    .fix("remove it", vec![removal]);
            }
            Status::NoEffect | Status::OriginalOnly => {
                let message = format!("`{key}` has no effect here: {}", lower(row.doc));
                self.info(Code::NoEffect, entry.key_span, message);
            }
        }
    }

    fn unknown_key(&mut self, section: &Section, entry: &Entry, databases: &Databases) {
        let (name, key, span) = (&section.name, &entry.key, entry.key_span);
        let home = keys::all().find(|row| {
            row.section != name && !row.is_pattern() && row.name.eq_ignore_ascii_case(key)
        });
        if let Some(home) = home.map(|row| row.section) {
            let message = format!("`{key}` belongs in [{home}]; in [{name}] nothing reads it");
            let edits = vec![
                self.document.removal(name, key),
                self.document.setting(home, key, &entry.value),
            ];
            self.warn(Code::WrongSection, span, message)
                .fix(format!("move it to [{home}]"), edits);
            return;
        }
        let near = candidates(name, key, databases);
        let near = nearest(key, near.iter().map(String::as_str)).map(str::to_owned);
        let far = || {
            let others = keys::all().filter(|row| row.section != name && !row.is_pattern());
            let others: Vec<(&Key, String)> = others.map(|row| (row, fold(row.name))).collect();
            let found = nearest(key, others.iter().map(|(_, name)| name.as_str()))?;
            others
                .iter()
                .find(|(_, name)| name == found)
                .map(|(row, name)| (row.section, name.clone()))
        };
        let message = format!("nothing reads `{key}` of [{name}]");
        let far = if near.is_some() { None } else { far() };
        let finding = self.warn(Code::UnknownKey, span, message);
        if let Some(near) = near {
            finding.replace(format!("write `{near}`"), span, near);
        } else if let Some((other, near)) = far {
            finding.advise(format!("did you mean `{near}` of [{other}]?"));
        }
    }

    /// A database that is described although it is in no list.
    fn unused(&mut self, databases: &Databases, entry: &Entry) {
        if !databases.listed.is_empty() && !databases.listed.contains(&entry.key) {
            let message = format!(
                "the database `{}` is described, and `databases` does not name it",
                entry.key
            );
            self.info(Code::UnusedDatabase, entry.key_span, message);
        }
    }

    /// The names of databases in the text, in lower case.
    fn databases(&self) -> Databases {
        let lists = [
            ("DATA", "databases"),
            ("DATA", "tests"),
            ("DATA", "trains"),
            ("EXP", "databases"),
        ];
        let extra = [("CROSSDB", "train_extra")];
        let listed: BTreeSet<String> = lists
            .iter()
            .chain(&extra)
            .flat_map(|(section, key)| self.peek_list(section, key))
            .map(|name| fold(&name))
            .collect();
        let mut known = listed.clone();
        for entry in self
            .document
            .section("DATA")
            .into_iter()
            .flat_map(|data| &data.entries)
        {
            if let Some((row, db)) = keys::find("DATA", &entry.key)
                && row.name.starts_with("<db>")
            {
                known.insert(db.to_owned());
            }
        }
        Databases { listed, known }
    }
}

/// Names of databases, in lower case.
struct Databases {
    /// In one of the lists.
    listed: BTreeSet<String>,
    /// In a list, or with a key of their own.
    known: BTreeSet<String>,
}

/// Names that a key of `section` could have been meant to be.
fn candidates(section: &str, key: &str, databases: &Databases) -> Vec<String> {
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

/// A sentence as the second half of another.
pub(super) fn lower(sentence: &str) -> String {
    let mut letters = sentence.chars();
    match letters.next() {
        Some(first) if !letters.as_str().starts_with(char::is_uppercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => sentence.to_owned(),
    }
}
