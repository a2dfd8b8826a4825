//! The text itself: what `configparser` refuses, and values that hold more than was meant.

use super::{Checker, Mode};
use crate::config::{
    diagnostics::Code,
    ini::{DEFAULT, Entry, IniError, InterpolationError, Section, escaped},
    keys::{self, Kind},
    literal,
    span::Span,
};
use std::collections::BTreeSet;

impl Checker<'_> {
    /// Reports what is wrong with the text, and looks at each value by itself.
    pub(super) fn syntax(&mut self) {
        if self.document.text().starts_with('\u{feff}') {
            let mark = Span::new(0, '\u{feff}'.len_utf8());
            self.warn(
                Code::ByteOrderMark,
                mark,
                "the text begins with a byte order mark, at which Nkululeko stops",
            )
            .replace("save it as UTF-8 without one", mark, "");
        }
        for error in self.document.errors() {
            let (code, advice) = match error {
                IniError::MissingSectionHeader(_) => {
                    (Code::MissingSectionHeader, "begin with [EXP]")
                }
                IniError::NotAnOption(_) => (
                    Code::NotAnOption,
                    "write `key = value`, indent it to continue the value above, or put # before it",
                ),
                IniError::NoKey(_) => (Code::NoKey, "write a key before the value"),
                IniError::DuplicateSection { .. } => {
                    (Code::DuplicateSection, "move its keys to the first one")
                }
                IniError::DuplicateOption { .. } => (Code::DuplicateKey, "remove one of them"),
            };
            self.error(code, error.span(), error.to_string())
                .advise(advice);
        }
        let document = self.document;
        // What [DEFAULT] gives to several sections is looked at once: in one that reads it, else in
        // one where its references can be filled in.
        let rank = |(section, entry): &(&Section, &Entry)| {
            if section.name == DEFAULT {
                3
            } else if keys::find(&section.name, &entry.key).is_some() {
                0
            } else if document.value(&section.name, entry).is_ok() {
                1
            } else {
                2
            }
        };
        let mut entries: Vec<(&Section, &Entry)> = document
            .sections()
            .iter()
            .flat_map(|section| {
                let entries = document.entries(section).into_iter();
                entries.map(move |entry| (section, entry))
            })
            .collect();
        crate::sorting::by_key(&mut entries, rank);
        let mut seen = BTreeSet::new();
        for (section, entry) in entries {
            if seen.insert(entry.key_span) {
                self.entry(section, entry);
            }
        }
    }

    fn entry(&mut self, section: &Section, entry: &Entry) {
        match self.document.value(&section.name, entry) {
            Err(error) if section.name != DEFAULT => {
                let advice = match error {
                    InterpolationError::Missing(_) => {
                        "set that key, or write `%%(` for the characters themselves"
                    }
                    _ => "write `%%` for a percent sign",
                };
                let message = format!("`{}`: {error}", entry.key);
                self.error(Code::Interpolation, entry.value_span, message)
                    .advise(advice);
            }
            Err(_) => {}
            Ok(value) => {
                self.comment(section, entry, &value);
                self.quotes(section, entry, &value);
            }
        }
    }

    /// `value  # words`: the words are part of the value.
    fn comment(&mut self, section: &Section, entry: &Entry, filled: &str) {
        let row = keys::find(&section.name, &entry.key).map(|(row, _)| row);
        if row.is_some_and(|row| row.kind.is_literal()) && literal::parse(filled).is_ok() {
            // Python's literals may hold comments, and whoever reads them passes over those.
            return;
        }
        let value = &entry.value;
        let begins = |&at: &usize| {
            let before = value[..at].chars().next_back();
            before.is_none_or(char::is_whitespace) && !quoted(value, at)
        };
        let Some(at) = value
            .match_indices(['#', ';'])
            .map(|(at, _)| at)
            .find(begins)
        else {
            return;
        };
        let start = value[..at].trim_end().len();
        let end = value[at..]
            .find('\n')
            .map_or(value.len(), |length| at + length);
        let span = Span::new(entry.locate(start), entry.locate(end));
        let message = format!(
            "`{}`: a comment behind a value is part of the value",
            entry.key
        );
        self.warn(Code::InlineComment, span, message).replace(
            "put it into a line of its own, or remove it",
            span,
            "",
        );
    }

    /// `name = 'x'`: only lists, and the keys of databases, want quotes.
    fn quotes(&mut self, section: &Section, entry: &Entry, value: &str) {
        let Some((row, _)) = keys::find(&section.name, &entry.key) else {
            return;
        };
        let plain = matches!(row.kind, Kind::Text | Kind::Path) && !row.name.starts_with("<db>");
        fn within(text: &str) -> Option<&str> {
            let inner = text.strip_prefix(['\'', '"'])?;
            inner.strip_suffix(['\'', '"'])
        }
        if let (true, Some(inner)) = (plain, within(value)) {
            // As it is written, where the quotes are written too: with its references and `%%`.
            let inner = within(&entry.value).map_or_else(|| escaped(inner), str::to_owned);
            let message = format!("`{}`: the quotes are part of the value", entry.key);
            self.warn(Code::Quotes, entry.value_span, message).replace(
                "leave them away",
                entry.value_span,
                inner,
            );
        }
    }

    /// Whether files may be asked for.
    pub(super) fn sees_files(&self) -> bool {
        self.mode != Mode::Text
    }
}

/// Whether the character at `at` stands inside quotes.
fn quoted(value: &str, at: usize) -> bool {
    let mut open = None;
    let mut before = None;
    for (start, character) in value[..at].char_indices() {
        match open {
            // The apostrophe of a word opens nothing, nor does a mark that is never closed.
            None if matches!(character, '\'' | '"') => {
                let inside = before.is_some_and(char::is_alphanumeric);
                let closed = value[start + 1..].contains(character);
                open = (!inside && closed).then_some(character);
            }
            Some(mark) if mark == character => open = None,
            _ => {}
        }
        before = Some(character);
    }
    open.is_some()
}
