//! Where a key's value is found.

use super::{Origin, Setting, checker::Checker};
use crate::config::{
    diagnostics::Code,
    ini::{DEFAULT, Document, Entry},
    keys::{self, Key},
    span::Span,
};

/// A value in the text.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// The section that has it.
    pub(super) section: String,
    /// The value with its references filled in; never blank.
    pub(super) text: String,
    /// The value; for one of the second INI the name of that file.
    pub(super) span: Span,
    /// The key.
    pub(super) key_span: Span,
    pub(super) origin: Origin,
}

/// A key of the table with its value, if it has one.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub(super) row: &'static Key,
    /// The key as it stands in the text, patterns filled in.
    pub(super) name: String,
    pub(super) found: Option<Found>,
    /// What is taken without a value; empty is none.
    pub(super) default: &'static str,
}

impl Slot {
    /// Whether the text sets it.
    pub(super) fn is_set(&self) -> bool {
        self.found.is_some()
    }

    /// The value's place, where there is one.
    pub(super) fn span(&self) -> Option<Span> {
        self.found.as_ref().map(|found| found.span)
    }

    /// As an effective key.
    pub(super) fn setting(&self, value: &str, origin: Origin) -> Setting {
        let section = self
            .found
            .as_ref()
            .filter(|_| origin != Origin::Default)
            .map(|found| found.section.clone());
        Setting {
            section: section.unwrap_or_else(|| self.row.section.to_owned()),
            key: self.name.clone(),
            value: value.to_owned(),
            origin,
        }
    }
}

/// The table's row of a key that the check reads.
fn row(section: &str, name: &str) -> &'static Key {
    keys::row(section, name).expect("every key that is read stands in the table")
}

impl Checker<'_> {
    /// `key` of `section`.
    pub(super) fn slot(&self, section: &str, name: &str) -> Slot {
        let row = row(section, name);
        Slot {
            row,
            name: name.to_owned(),
            found: self.value_of(section, name),
            default: row.default,
        }
    }

    /// `key` of the database `db`; empty is the database itself. Quotes around the value are no
    /// part of it, and `root_folders` may have it.
    pub(super) fn database_slot(&self, db: &str, name: &str) -> Slot {
        let (row, name) = match name {
            "" => (row("DATA", "<db>"), db.to_owned()),
            _ => (row("DATA", &format!("<db>.{name}")), format!("{db}.{name}")),
        };
        let mut found = self
            .value_of("DATA", &name)
            .or_else(|| self.value_of_roots(&name));
        if let Some(found) = &mut found {
            found.text = unquoted(&found.text).to_owned();
        }
        Slot {
            row,
            name,
            found,
            default: row.default,
        }
    }

    /// `key` of fine-tuning: in `[FINETUNE]`, else in `[MODEL]`.
    pub(super) fn tuning_slot(&self, name: &str) -> Slot {
        let row = row("FINETUNE", name);
        let found = self
            .value_of("FINETUNE", name)
            .or_else(|| self.value_of("MODEL", name));
        Slot {
            row,
            name: name.to_owned(),
            found,
            default: row.default,
        }
    }

    /// As [`Checker::tuning_slot`], and reports a value in the other section that differs.
    pub(super) fn tuned(&mut self, name: &str) -> Slot {
        let slot = self.tuning_slot(name);
        // What [DEFAULT] gives to both is one value.
        let other = self
            .value_of("MODEL", name)
            .filter(|_| self.owns("MODEL", name));
        self.differing(name, slot.found.as_ref(), other);
        slot
    }

    /// Reports `other` if it says something else than the value that counts.
    pub(super) fn differing(&mut self, name: &str, first: Option<&Found>, other: Option<Found>) {
        let Some((first, other)) = first
            .zip(other)
            .filter(|(first, other)| first.text != other.text)
        else {
            return;
        };
        let written = |found: &Found| {
            let key = self.key_at(found.key_span);
            let section = match self.owns(&found.section, key) {
                true => found.section.as_str(),
                false => DEFAULT,
            };
            format!("`{key} = {}` of [{section}]", found.text)
        };
        let message = format!(
            "`{name}` is set twice: {} counts, {} does not",
            written(first),
            written(&other)
        );
        let removal = self
            .document
            .removal(&other.section, self.key_at(other.key_span));
        self.warn(Code::ConflictingKeys, other.span, message)
            .fix("remove the one that does not count", vec![removal]);
    }

    /// Whether `section` itself sets `key`, and not [DEFAULT] for it.
    pub(super) fn owns(&self, section: &str, key: &str) -> bool {
        let own = self.document.section(section);
        own.is_some_and(|own| own.entry(key).is_some())
    }

    fn key_at(&self, span: Span) -> &str {
        span.of(self.document.text())
    }

    /// The value of `key` in `section` of the text.
    pub(super) fn value_of(&self, section: &str, key: &str) -> Option<Found> {
        let entry = self.document.entry(section, key)?;
        let found = filled(self.document, section, entry)?;
        Some(Found {
            span: entry.value_span,
            key_span: entry.key_span,
            ..found
        })
    }

    /// The value of `key` in the second INI; it is pointed out where that file is named.
    fn value_of_roots(&self, key: &str) -> Option<Found> {
        let roots = self.roots.as_ref()?;
        let found = filled(roots, "DATA", roots.entry("DATA", key)?)?;
        let named = self.document.entry("DATA", "root_folders")?;
        Some(Found {
            span: named.value_span,
            key_span: named.key_span,
            origin: Origin::Roots,
            ..found
        })
    }
}

/// The value of an entry; none where it is blank or cannot be put together (which the check of the
/// text reports).
fn filled(document: &Document, section: &str, entry: &Entry) -> Option<Found> {
    let text = document.value(section, entry).ok()?.trim().to_owned();
    let nowhere = Span::default();
    (!text.is_empty()).then(|| Found {
        section: section.to_owned(),
        text,
        span: nowhere,
        key_span: nowhere,
        origin: Origin::File,
    })
}

/// `text` without a pair of quotes around it.
pub(super) fn unquoted(text: &str) -> &str {
    let inner = |mark: char| text.strip_prefix(mark)?.strip_suffix(mark);
    inner('\'').or_else(|| inner('"')).unwrap_or(text).trim()
}
