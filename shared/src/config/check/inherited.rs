//! Keys that do not stand in their section: those of `[DEFAULT]`, which are in every section, and
//! those of the INI that `root_folders` names.

use super::{
    Checker,
    databases::{Databases, Meaning, candidates},
    slot::Found,
    status::Written,
    suggest::nearest,
};
use crate::config::{
    diagnostics::Code,
    ini::{DEFAULT, Edit, EditError, Entry, escaped, fold, references},
    keys::{Key, Status},
};
use std::collections::BTreeSet;

/// The sections that fine-tuning reads.
const READ: [&str; 7] = [
    "EXP", "DATA", "MODEL", "FINETUNE", "FEATS", "PLOT", "CROSSDB",
];

impl Checker<'_> {
    /// The keys of `[DEFAULT]`, each once.
    pub(super) fn inherited(&mut self, databases: &Databases) {
        let document = self.document;
        let Some(defaults) = document.section(DEFAULT) else {
            return;
        };
        let sections = || document.sections().iter();
        let used: BTreeSet<String> = sections()
            .flat_map(|section| self.referenced(&section.name))
            .collect();
        for entry in &defaults.entries {
            if self.forbidden(defaults, entry) {
                continue;
            }
            let key = &entry.key;
            let mut rows: Vec<(&str, &'static Key)> = Vec::new();
            let mut acts = false;
            for section in sections().filter(|section| section.entry(key).is_none()) {
                match databases.find(&section.name, key) {
                    Meaning::Row(row) => {
                        acts |= row.status == Status::Acts;
                        rows.push((section.name.as_str(), row));
                    }
                    Meaning::Unknown | Meaning::OfUnknown(_) => {}
                    Meaning::Database | Meaning::Unused | Meaning::OfUnused => acts = true,
                }
            }
            let used = used.contains(key);
            // A section that sets the key itself has reported what there is to say.
            let set = sections().any(|other| other.name != DEFAULT && other.entry(key).is_some());
            let known = !rows.is_empty();
            rows.retain(|(section, _)| READ.contains(section));
            match rows.first() {
                _ if acts => {}
                Some((section, row)) => {
                    let value = document.value(section, entry).unwrap_or_default();
                    self.status(
                        row,
                        &Written {
                            key,
                            value: &value,
                            span: entry.key_span,
                            file: None,
                            used,
                        },
                    );
                }
                None if used || set || known || sections().count() < 2 => {}
                None => self.unknown_default(entry, databases),
            }
        }
    }

    /// A key of `[DEFAULT]` that no section has.
    fn unknown_default(&mut self, entry: &Entry, databases: &Databases) {
        let names: BTreeSet<String> = READ
            .iter()
            .filter(|section| self.document.section(section).is_some())
            .flat_map(|section| candidates(section, &entry.key, databases))
            .collect();
        let near = nearest(&entry.key, names.iter().map(String::as_str));
        let message = format!("nothing reads `{}` of [{DEFAULT}]", entry.key);
        let finding = self.warn(Code::UnknownKey, entry.key_span, message);
        match near {
            Some(near) => finding.advise(format!("did you mean `{near}`?")),
            None => finding.advise("remove it, or move it to its section"),
        }
    }

    /// The keys of the second INI that count: those of databases that are used. They are pointed
    /// out where that file is named.
    pub(super) fn names_of_roots(&mut self, named: &Found, path: &str) {
        let Some(roots) = self.roots.take() else {
            return;
        };
        let databases = self.databases();
        let data = roots.section("DATA");
        for entry in data.map_or_else(Vec::new, |data| roots.entries(data)) {
            let key = &entry.key;
            let of_listed = databases
                .listed
                .iter()
                .any(|db| key == db || key.starts_with(&format!("{db}.")));
            if !of_listed || self.value_of("DATA", key).is_some() {
                continue;
            }
            let value = match roots.value("DATA", entry) {
                Ok(value) => value,
                Err(error) => {
                    let message = format!("`{key}` of `{path}`: {error}");
                    self.error(Code::Interpolation, named.span, message)
                        .advise("check that file by itself");
                    continue;
                }
            };
            match databases.find("DATA", key) {
                Meaning::Row(row) => self.status(
                    row,
                    &Written {
                        key,
                        value: &value,
                        span: named.span,
                        file: Some(path),
                        used: false,
                    },
                ),
                Meaning::Unknown => {
                    let names = candidates("DATA", key, &databases);
                    let near = nearest(key, names.iter().map(String::as_str));
                    let message = format!("nothing reads `{key}` of `{path}`");
                    let finding = self.warn(Code::UnknownKey, named.span, message);
                    if let Some(near) = near {
                        finding.advise(format!("write `{near}` there"));
                    }
                }
                _ => {}
            }
        }
        self.roots = Some(roots);
    }

    /// The keys that values of `section` refer to.
    pub(super) fn referenced(&self, section: &str) -> BTreeSet<String> {
        let entries = self.document.section(section);
        let entries = entries.map_or_else(Vec::new, |own| self.document.entries(own));
        entries
            .iter()
            .flat_map(|entry| references(&entry.value))
            .collect()
    }

    /// The edits that move `entry` of `section` to `target` of `home`, so that it means the same
    /// there; none where a value that stays refers to it.
    pub(super) fn moving(
        &self,
        section: &str,
        entry: &Entry,
        home: &str,
        target: &str,
    ) -> Vec<Result<Edit, EditError>> {
        if self.referenced(section).contains(&fold(&entry.key)) {
            return Vec::new();
        }
        vec![
            self.document.removal(section, &entry.key),
            self.document
                .setting(home, target, &self.portable(section, entry)),
        ]
    }

    /// The value of `entry` as it is written in any section.
    pub(super) fn portable(&self, section: &str, entry: &Entry) -> String {
        if references(&entry.value).is_empty() {
            return entry.value.clone();
        }
        let value = self.document.value(section, entry);
        value.map_or_else(|_| entry.value.clone(), |value| escaped(&value))
    }
}
