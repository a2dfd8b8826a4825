//! Lines to sections and keys, by the rules of Python's `configparser.ConfigParser()`.

use super::{
    DEFAULT, Entry, IniError, Section, fold,
    space::{indent, trim},
};
use crate::config::span::{Line, LineIndex, Span, lines};

/// Parses `text`. Python stops at the first wrong section or duplicate; here the line is left out
/// and the work goes on, so that all errors are found together.
pub(super) fn parse(text: &str, index: &LineIndex) -> (Vec<Section>, Vec<IniError>) {
    let mut parser = Parser::new(text, index);
    for line in lines(text) {
        parser.line(line);
    }
    parser.close();
    (parser.sections, parser.errors)
}

/// Where lines go that continue a value.
#[derive(Clone, Copy, PartialEq)]
enum Value {
    /// Nowhere: a section has just begun.
    None,
    /// To the last entry of the open section.
    Open,
    /// To a key that is left out.
    Dropped,
}

struct Parser<'t> {
    text: &'t str,
    index: &'t LineIndex,
    sections: Vec<Section>,
    errors: Vec<IniError>,
    /// The open section's place in `sections`.
    open: Option<usize>,
    value: Value,
    /// Columns before the last key or section.
    indent: usize,
    /// Lines of the open value.
    pieces: Vec<Span>,
    /// Where the line after the last line of the open value starts.
    value_end: usize,
    /// Whether a line before the first section was already reported.
    headless: bool,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, index: &'t LineIndex) -> Self {
        Self {
            text,
            index,
            sections: Vec::new(),
            errors: Vec::new(),
            open: None,
            value: Value::None,
            indent: 0,
            pieces: Vec::new(),
            value_end: 0,
            headless: false,
        }
    }

    fn line(&mut self, line: Line) {
        let mut content = trim(self.text, line.span);
        // A byte order mark is no part of the first line.
        if line.span.start == 0 && self.text.starts_with('\u{feff}') {
            content = trim(
                self.text,
                Span::new(content.start + '\u{feff}'.len_utf8(), content.end),
            );
        }
        let written = content.of(self.text);
        if written.starts_with(['#', ';']) {
            return;
        }
        if written.is_empty() {
            if self.value == Value::Open {
                self.pieces.push(content);
            }
            return;
        }
        let columns = indent(self.text, line.span);
        if self.value != Value::None && columns > self.indent {
            self.pieces.push(content);
            self.value_end = line.next;
            return;
        }
        self.indent = columns;
        if let Some(name) = header(content, written) {
            self.close();
            self.section(name, Span::new(line.span.start, line.next));
        } else if self.open.is_none() {
            // Once for all lines before the first section.
            if !self.headless {
                self.errors.push(IniError::MissingSectionHeader(content));
                self.headless = true;
            }
        } else {
            self.option(content, line);
        }
    }

    fn section(&mut self, name_span: Span, header: Span) {
        self.value = Value::None;
        let name = name_span.of(self.text).to_owned();
        let known = self
            .sections
            .iter()
            .position(|section| section.name == name);
        if let Some(known) = known {
            if name != DEFAULT {
                let first = self.line_of(self.sections[known].name_span);
                self.errors.push(IniError::DuplicateSection {
                    span: name_span,
                    name,
                    first,
                });
            }
            self.open = Some(known);
            return;
        }
        self.open = Some(self.sections.len());
        self.sections.push(Section {
            name,
            name_span,
            header,
            entries: Vec::new(),
        });
    }

    fn option(&mut self, content: Span, line: Line) {
        let written = content.of(self.text);
        let Some(delimiter) = written.find(['=', ':']) else {
            self.errors.push(IniError::NotAnOption(content));
            return;
        };
        self.close();
        let key_span = trim(
            self.text,
            Span::new(content.start, content.start + delimiter),
        );
        let value = trim(
            self.text,
            Span::new(content.start + delimiter + 1, content.end),
        );
        let key = fold(key_span.of(self.text));
        let Some(section) = self.open.and_then(|open| self.sections.get(open)) else {
            return;
        };
        if key.is_empty() {
            self.errors.push(IniError::NoKey(content));
            self.value = Value::None;
            return;
        }
        if let Some(first) = section.entry(&key) {
            let first = self.line_of(first.key_span);
            let section = section.name.clone();
            self.errors.push(IniError::DuplicateOption {
                span: key_span,
                section,
                key,
                first,
            });
            self.value = Value::Dropped;
            return;
        }
        let entry = Entry {
            key,
            key_span,
            value: String::new(),
            value_span: value,
            lines: Span::new(line.span.start, line.next),
            pieces: Vec::new(),
        };
        if let Some(section) = self.open.and_then(|open| self.sections.get_mut(open)) {
            section.entries.push(entry);
        }
        self.value = Value::Open;
        self.pieces = vec![value];
        self.value_end = line.next;
    }

    /// Puts the lines of the open value together.
    fn close(&mut self) {
        let pieces = std::mem::take(&mut self.pieces);
        if std::mem::replace(&mut self.value, Value::None) != Value::Open {
            return;
        }
        let Some(entry) = self
            .open
            .and_then(|open| self.sections.get_mut(open)?.entries.last_mut())
        else {
            return;
        };
        let filled = pieces
            .iter()
            .rposition(|piece| piece.start < piece.end)
            .map_or(1, |last| last + 1);
        let pieces = &pieces[..filled.min(pieces.len())];
        for (i, piece) in pieces.iter().enumerate() {
            if i > 0 {
                entry.value.push('\n');
            }
            entry.pieces.push((entry.value.len(), piece.start));
            entry.value.push_str(piece.of(self.text));
        }
        entry.value_span.end = pieces.last().map_or(entry.value_span.end, |last| last.end);
        entry.lines.end = self.value_end;
    }

    fn line_of(&self, span: Span) -> usize {
        self.index.position(self.text, span.start).line
    }
}

/// The name in a section's header: from the first bracket to the last.
fn header(content: Span, written: &str) -> Option<Span> {
    let inner = written.strip_prefix('[')?;
    let close = inner.rfind(']').filter(|&close| close > 0)?;
    Some(Span::new(content.start + 1, content.start + 1 + close))
}
