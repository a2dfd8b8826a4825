//! An INI text with the place of everything in it.

use super::{IniError, InterpolationError, interpolate, parse};
use crate::config::span::{LineIndex, Position, Span};

/// The section whose keys are in every other section too.
pub const DEFAULT: &str = "DEFAULT";

/// A key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key in lower case.
    pub key: String,
    /// The key as it is written.
    pub key_span: Span,
    /// The value before interpolation, its lines joined by line feeds.
    pub value: String,
    /// The value as it is written, from its first character to its last.
    pub value_span: Span,
    /// Where the key's line starts, and where the line after the value starts.
    pub lines: Span,
    /// For each line of the value where it starts in the value and where in the text.
    pub(super) pieces: Vec<(usize, usize)>,
}

impl Entry {
    /// Where byte `at` of the value stands in the text.
    #[must_use]
    pub fn locate(&self, at: usize) -> usize {
        let piece = self.pieces.iter().rev().find(|(start, _)| *start <= at);
        piece.map_or(self.value_span.start, |(start, source)| {
            (source + at - start).min(self.value_span.end)
        })
    }
}

/// A section with its keys in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The name between the brackets.
    pub name: String,
    /// The name as it is written.
    pub name_span: Span,
    /// The header's line, with its end.
    pub header: Span,
    /// The keys.
    pub entries: Vec<Entry>,
}

impl Section {
    /// The entry of `key`, whatever its case.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        let key = fold(key);
        self.entries.iter().find(|entry| entry.key == key)
    }
}

/// A parsed text. It keeps the text itself, so that nothing of it is ever lost.
#[derive(Debug, Clone)]
pub struct Document {
    text: String,
    index: LineIndex,
    sections: Vec<Section>,
    errors: Vec<IniError>,
}

impl Document {
    /// Parses `text`. What cannot be read is left out and stands in [`Document::errors`].
    #[must_use]
    pub fn parse(text: impl Into<String>) -> Self {
        let text = text.into();
        let index = LineIndex::new(&text);
        let (sections, errors) = parse::parse(&text, &index);
        Self {
            text,
            index,
            sections,
            errors,
        }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What `configparser` would refuse, in the order of the text.
    #[must_use]
    pub fn errors(&self) -> &[IniError] {
        &self.errors
    }

    /// The sections in the order of the text, with `[DEFAULT]` where there is one.
    #[must_use]
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The section `name` (case counts).
    #[must_use]
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }

    /// The line and column of byte `at`.
    #[must_use]
    pub fn position(&self, at: usize) -> Position {
        self.index.position(&self.text, at)
    }

    /// The entry of `key` in `section`, or in `[DEFAULT]`; the section must exist.
    #[must_use]
    pub fn entry(&self, section: &str, key: &str) -> Option<&Entry> {
        let own = self.section(section)?;
        own.entry(key).or_else(|| self.section(DEFAULT)?.entry(key))
    }

    /// The entries of a section in the order of Python's `dict(parser[section])`: its own, then
    /// those of `[DEFAULT]` that it does not set itself.
    #[must_use]
    pub fn entries<'d>(&'d self, section: &'d Section) -> Vec<&'d Entry> {
        let mut entries: Vec<&Entry> = section.entries.iter().collect();
        if section.name != DEFAULT
            && let Some(defaults) = self.section(DEFAULT)
        {
            entries.extend(
                defaults
                    .entries
                    .iter()
                    .filter(|entry| section.entry(&entry.key).is_none()),
            );
        }
        entries
    }

    /// The value of an entry of `section` with its `%(key)s` filled in.
    ///
    /// # Errors
    /// See [`InterpolationError`].
    pub fn value(&self, section: &str, entry: &Entry) -> Result<String, InterpolationError> {
        interpolate::interpolate(&entry.value, &|key| {
            self.entry(section, key).map(|found| found.value.as_str())
        })
    }
}

/// A key as it is compared.
pub(crate) fn fold(key: &str) -> String {
    key.to_lowercase()
}
