//! Quotes that swallow lines.

use csv::StringRecord;

/// The line, from 1, of the opening quote of a field that is never closed.
///
/// A field is quoted if a quote is its first character (RFC 4180); two quotes within are one.
pub(super) fn unclosed(text: &[u8], separator: u8) -> Option<usize> {
    let (mut line, mut opened, mut begins) = (1, None, true);
    let mut bytes = text.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte == b'\n' || byte == b'\r' && bytes.peek() != Some(&b'\n') {
            line += 1;
        }
        match (opened, byte) {
            (None, b'"') if begins => opened = Some(line),
            (Some(_), b'"') if bytes.next_if_eq(&b'"').is_none() => opened = None,
            _ => {}
        }
        begins = opened.is_none() && (byte == separator || byte == b'\n' || byte == b'\r');
    }
    opened
}

/// Rows that look as if a quote had swallowed lines: with a line break in a field, and fewer fields
/// than the header.
#[derive(Debug, Default)]
pub(super) struct Broken {
    count: usize,
    lines: usize,
    first: u64,
}

impl Broken {
    /// Looks at one record of a table with so many columns.
    pub(super) fn look(&mut self, record: &StringRecord, columns: usize) {
        let breaks = |field: &str| field.matches('\n').count();
        let lines: usize = record.iter().map(breaks).sum();
        if lines == 0 || record.len() >= columns {
            return;
        }
        if self.count == 0 {
            self.first = record.position().map_or(0, csv::Position::line);
        }
        self.count += 1;
        self.lines += lines;
    }

    /// What to say of them.
    pub(super) fn warning(&self, path: &str) -> Option<String> {
        (self.count > 0).then(|| {
            format!(
                "{path}: {} rows have line breaks in a field and too few fields, the first in line {}: a quote that is \
                 not closed there takes lines into a field (of {} lines), which are lost; close it",
                self.count, self.first, self.lines
            )
        })
    }
}
