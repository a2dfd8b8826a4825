//! Changes of an INI that leave everything else as it was.

use super::{
    DEFAULT, Document, EditError, Entry, Section, fold,
    space::{is_space, strip},
};
use crate::config::span::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A stretch of the text and what takes its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Edit {
    /// What is replaced; empty inserts.
    pub span: Span,
    /// What stands there then.
    pub text: String,
}

impl Document {
    /// Replaces stretches of the text; those that overlap an earlier one are left out.
    #[must_use]
    pub fn apply(&self, edits: &[Edit]) -> Self {
        let mut edits: Vec<&Edit> = edits.iter().collect();
        crate::sorting::by_key(&mut edits, |edit| edit.span);
        let mut text = String::with_capacity(self.text().len());
        let mut done = 0;
        for edit in edits {
            let (Some(kept), true) = (
                self.text().get(done..edit.span.start),
                edit.span.start >= done,
            ) else {
                continue;
            };
            text.push_str(kept);
            text.push_str(&edit.text);
            done = edit.span.end;
        }
        text.push_str(self.text().get(done..).unwrap_or_default());
        Self::parse(text)
    }

    /// The edit that gives `key` of `section` a value, as it would be written in the file (a
    /// percent sign is `%%`); section and key are added where they are missing.
    ///
    /// # Errors
    /// See [`EditError`]: what is set must be read back as it was given.
    pub fn setting(&self, section: &str, key: &str, value: &str) -> Result<Edit, EditError> {
        check_key(key)?;
        let lines: Vec<&str> = strip(value).split(['\n', '\r']).map(strip).collect();
        if lines
            .iter()
            .skip(1)
            .any(|line| line.starts_with(['#', ';']))
        {
            return Err(EditError::Value(key.to_owned()));
        }
        let own = self.section(section);
        if let Some(entry) = own.and_then(|own| own.entry(key)) {
            let mut text = self.written(&lines, self.indent_of(entry));
            // Comments between the lines of the old value follow the new one.
            for comment in self.comments_in(entry) {
                text.push_str(self.line_end());
                text.push_str(comment);
            }
            let touching = entry.value_span.start > 0
                && self.text()[..entry.value_span.start].ends_with(['=', ':'])
                && !text.is_empty();
            let text = if touching { format!(" {text}") } else { text };
            return Ok(Edit {
                span: entry.value_span,
                text,
            });
        }
        let end = self.line_end();
        let Some(own) = own else {
            check_section(section)?;
            let body = format!("{key} = {}", self.written(&lines, ""));
            return Ok(self.appended(&format!("[{section}]{end}{}{end}", body.trim_end())));
        };
        let (at, indent) = match own.entries.last() {
            Some(last) => (last.lines.end, self.indent_of(last)),
            None => (own.header.end, self.indent_after(own.header.end)),
        };
        let body = format!("{indent}{key} = {}", self.written(&lines, indent));
        Ok(self.line_at(at, body.trim_end()))
    }

    /// The edit that appends a new section with keys.
    ///
    /// # Errors
    /// See [`EditError`].
    pub fn new_section(&self, section: &str, pairs: &[(&str, &str)]) -> Result<Edit, EditError> {
        check_section(section)?;
        let end = self.line_end();
        let mut body = format!("[{section}]{end}");
        for (key, value) in pairs {
            check_key(key)?;
            let lines: Vec<&str> = value.split('\n').collect();
            body.push_str(&format!("{key} = {}{end}", self.written(&lines, "")));
        }
        Ok(self.appended(&body))
    }

    /// The edit that takes `key` out of `section`, with its line; comments between the lines of its
    /// value stay.
    ///
    /// # Errors
    /// [`EditError::NoSuchKey`].
    pub fn removal(&self, section: &str, key: &str) -> Result<Edit, EditError> {
        let entry = self.section(section).and_then(|own| own.entry(key));
        let missing = || EditError::NoSuchKey {
            section: section.to_owned(),
            key: fold(key),
        };
        let entry = entry.ok_or_else(missing)?;
        let mut text = String::new();
        for comment in self.comments_in(entry) {
            text.push_str(comment);
            text.push_str(self.line_end());
        }
        Ok(Edit {
            span: entry.lines,
            text,
        })
    }

    /// Gives `key` of `section` a value: see [`Document::setting`].
    ///
    /// # Errors
    /// See [`EditError`].
    pub fn set(&mut self, section: &str, key: &str, value: &str) -> Result<(), EditError> {
        let edit = self.setting(section, key, value)?;
        *self = self.apply(&[edit]);
        Ok(())
    }

    /// Takes `key` out of `section`.
    ///
    /// # Errors
    /// [`EditError::NoSuchKey`].
    pub fn remove(&mut self, section: &str, key: &str) -> Result<(), EditError> {
        let edit = self.removal(section, key)?;
        *self = self.apply(&[edit]);
        Ok(())
    }

    /// Adds an empty section at the end, unless it is there.
    ///
    /// # Errors
    /// [`EditError::Section`].
    pub fn add_section(&mut self, section: &str) -> Result<(), EditError> {
        check_section(section)?;
        if self.section(section).is_none() && section != DEFAULT {
            let edit = self.appended(&format!("[{section}]{}", self.line_end()));
            *self = self.apply(&[edit]);
        }
        Ok(())
    }

    /// The line end that the text uses.
    fn line_end(&self) -> &'static str {
        match self.text().find(['\n', '\r']).map(|at| &self.text()[at..]) {
            Some(rest) if rest.starts_with("\r\n") => "\r\n",
            Some(rest) if rest.starts_with('\r') => "\r",
            _ => "\n",
        }
    }

    /// The comment lines between the lines of an entry's value, as they are written.
    fn comments_in(&self, entry: &Entry) -> Vec<&str> {
        let lines = entry.value_span.of(self.text()).split(['\n', '\r']);
        lines
            .skip(1)
            .filter(|line| strip(line).starts_with(['#', ';']))
            .collect()
    }

    /// The white space before an entry's key.
    fn indent_of(&self, entry: &Entry) -> &str {
        Span::new(entry.lines.start, entry.key_span.start)
            .of(self.text())
            .trim_start_matches('\u{feff}')
    }

    /// The white space before the first line from `at` on that says something. A key that is put
    /// before that line must not stand further left, or the line would continue its value.
    fn indent_after(&self, at: usize) -> &str {
        let text = self.text();
        let rest = text.get(at..).unwrap_or_default();
        let says = |line: &&str| !matches!(strip(line).chars().next(), None | Some('#' | ';'));
        let line = rest.split(['\n', '\r']).find(says).unwrap_or_default();
        let body = line.len() - line.trim_start_matches(is_space).len();
        &line[..body]
    }

    /// A value's lines; those after the first are indented so that they continue the value.
    fn written(&self, lines: &[&str], indent: &str) -> String {
        lines.join(&format!("{}{indent}    ", self.line_end()))
    }

    /// The edit that puts a line at the start of the line at `at`.
    fn line_at(&self, at: usize, line: &str) -> Edit {
        let end = self.line_end();
        let open = at > 0 && !self.text()[..at].ends_with(['\n', '\r']);
        let text = if open {
            format!("{end}{line}")
        } else {
            format!("{line}{end}")
        };
        Edit {
            span: Span::at(at),
            text,
        }
    }

    /// The edit that appends `body` after a blank line.
    fn appended(&self, body: &str) -> Edit {
        let end = self.line_end();
        let text = self.text();
        let gap = if text.trim_start_matches('\u{feff}').is_empty() {
            String::new()
        } else if text.ends_with(['\n', '\r']) {
            end.to_owned()
        } else {
            format!("{end}{end}")
        };
        Edit {
            span: Span::at(text.len()),
            text: format!("{gap}{body}"),
        }
    }
}

impl Section {
    /// Where a key that is added would go: after the last key, or after the header.
    #[must_use]
    pub fn end(&self) -> usize {
        self.entries
            .last()
            .map_or(self.header.end, |last| last.lines.end)
    }
}

fn check_key(key: &str) -> Result<(), EditError> {
    let bad = strip(key) != key
        || key.is_empty()
        || key.contains(['=', ':', '\n', '\r'])
        || key.starts_with(['[', '#', ';', '\u{feff}']);
    if bad {
        Err(EditError::Key(key.to_owned()))
    } else {
        Ok(())
    }
}

fn check_section(section: &str) -> Result<(), EditError> {
    if section.is_empty() || section.contains([']', '\n', '\r']) {
        return Err(EditError::Section(section.to_owned()));
    }
    Ok(())
}
