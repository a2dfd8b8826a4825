//! Names of sections and keys: unknown, misplaced, or without effect.

use super::{
    Checker,
    databases::{Databases, Meaning, candidates},
    status::{Written, lower},
    suggest::nearest,
};
use crate::config::{
    diagnostics::Code,
    ini::{DEFAULT, Edit, Entry, Section, fold},
    keys::{self, Key, Status},
};

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
            if elsewhere && self.finetune && !section.entries.is_empty() {
                let message = format!(
                    "[{}] belongs to a part of Nkululeko that is not here; it has no effect",
                    section.name
                );
                self.warn(Code::NoEffect, section.name_span, message);
            }
            let used = self.referenced(&section.name);
            for entry in &section.entries {
                if self.forbidden(section, entry) {
                    continue;
                }
                let used = used.contains(&entry.key);
                match databases.find(&section.name, &entry.key) {
                    Meaning::Row(row) if !elsewhere => {
                        let value = document.value(&section.name, entry);
                        self.status(
                            row,
                            &Written {
                                key: &entry.key,
                                value: &value.unwrap_or_default(),
                                span: entry.key_span,
                                file: None,
                                used,
                            },
                        );
                    }
                    Meaning::Row(_) | Meaning::Database | Meaning::OfUnused => {}
                    Meaning::Unused => self.unused(entry),
                    // It stands there for the values that refer to it.
                    Meaning::Unknown | Meaning::OfUnknown(_) if used => {}
                    Meaning::OfUnknown(db) => self.unknown_database(section, entry, db, &databases),
                    Meaning::Unknown => self.unknown_key(section, entry, &databases),
                }
            }
        }
        self.inherited(&databases);
    }

    fn unknown_section(&mut self, section: &Section) {
        let name = &section.name;
        let near = keys::sections()
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(name.trim()));
        let near = near.or_else(|| nearest(name.trim(), keys::sections().into_iter()));
        let document = self.document;
        let finding = self.warn(
            Code::UnknownSection,
            section.name_span,
            format!("nothing reads a section [{name}]"),
        );
        let Some(near) = near else { return };
        let Some(there) = document.section(near) else {
            finding.replace(format!("write [{near}]"), section.name_span, near);
            return;
        };
        // A second section of that name would be an error.
        let twice = section
            .entries
            .iter()
            .any(|entry| there.entry(&entry.key).is_some());
        let mut edits = Vec::new();
        if !twice {
            edits.push(Ok(Edit {
                span: section.header,
                text: String::new(),
            }));
            for entry in &section.entries {
                edits.push(self.document.removal(name, &entry.key));
                edits.push(self.document.setting(near, &entry.key, &entry.value));
            }
        }
        self.amend(format!("move its keys to [{near}]"), edits);
    }

    /// A key of a database that no list names, and that has no path of its own.
    fn unknown_database(
        &mut self,
        section: &Section,
        entry: &Entry,
        db: &str,
        databases: &Databases,
    ) {
        let (key, span) = (&entry.key, entry.key_span);
        let near = nearest(db, databases.listed.iter().map(String::as_str));
        let message = format!("nothing reads `{key}`: `databases` names no `{db}`");
        self.warn(Code::UnknownKey, span, message);
        match near.map(|near| format!("{near}{}", &key[db.len()..])) {
            Some(near) => self.rename(section, entry, near),
            None => self.amend(
                format!("add `{db}` to `databases`, or remove it"),
                Vec::new(),
            ),
        }
    }

    /// The last finding is mended by another name of the key, or without it where there is such a
    /// key already.
    fn rename(&mut self, section: &Section, entry: &Entry, name: String) {
        if section.entry(&name).is_some() {
            let removal = self.document.removal(&section.name, &entry.key);
            self.amend(format!("remove it: `{name}` is there too"), vec![removal]);
        } else {
            let message = format!("write `{name}`");
            let edit = Edit {
                span: entry.key_span,
                text: name,
            };
            self.amend(message, vec![Ok(edit)]);
        }
    }

    fn unknown_key(&mut self, section: &Section, entry: &Entry, databases: &Databases) {
        let (name, key, span) = (&section.name, &entry.key, entry.key_span);
        // The seed of Nkululeko's other models.
        let wanted = match key.as_str() {
            "random_seed" => "seed",
            other => other,
        };
        let home = keys::all()
            .filter(|row| row.section != name && !row.is_pattern())
            .filter(|row| row.name.eq_ignore_ascii_case(wanted))
            .min_by_key(|row| {
                let model = |section: &str| matches!(section, "MODEL" | "FINETUNE");
                // Several sections have such a key: that which everybody uses, or has used, comes first.
                let is_set = self.document.entry(row.section, wanted).is_some();
                (
                    row.status != Status::Acts,
                    model(row.section) != model(name),
                    !is_set,
                    row.section != "DATA",
                )
            });
        if name == "FINETUNE" && wanted != key {
            let message = format!("nothing reads `{key}` of [{name}]");
            self.warn(Code::UnknownKey, span, message);
            self.rename(section, entry, wanted.to_owned());
            return;
        }
        if let Some(row) = home {
            self.wrong_section(section, entry, row);
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
        self.warn(Code::UnknownKey, span, message);
        if let Some(near) = near {
            self.rename(section, entry, near);
        } else if let Some((other, near)) = far {
            self.amend(format!("did you mean `{near}` of [{other}]?"), Vec::new());
        }
    }

    /// A key of another section.
    fn wrong_section(&mut self, section: &Section, entry: &Entry, row: &Key) {
        let (name, key, span) = (&section.name, &entry.key, entry.key_span);
        let (home, target) = (row.section, fold(row.name));
        let called = if target == *key {
            String::new()
        } else {
            format!(" as `{target}`")
        };
        let removal = self.document.removal(name, key);
        if matches!(row.status, Status::NoEffect | Status::OriginalOnly) {
            let message = format!(
                "nothing reads `{key}` of [{name}], and in [{home}] it has no effect either: {}",
                lower(row.doc)
            );
            self.warn(Code::WrongSection, span, message)
                .fix("remove it", vec![removal]);
            return;
        }
        let message = format!("`{key}` belongs in [{home}]{called}; in [{name}] nothing reads it");
        let there = self.document.entry(home, &target);
        let there = there.filter(|there| !there.value.is_empty());
        let Some(there) = there else {
            let edits = self.moving(name, entry, home, &target);
            self.warn(Code::WrongSection, span, message)
                .fix(format!("move it to [{home}]{called}"), edits);
            return;
        };
        let message = format!(
            "{message}, and `{target} = {}` is there already",
            there.value
        );
        self.warn(Code::WrongSection, span, message)
            .fix("remove it", vec![removal]);
    }

    /// A database that is described although it is in no list.
    fn unused(&mut self, entry: &Entry) {
        let message = format!(
            "the database `{}` is described, and `databases` does not name it",
            entry.key
        );
        self.info(Code::UnusedDatabase, entry.key_span, message);
    }
}
