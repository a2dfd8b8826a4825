//! Where something stands in a text.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A stretch of a text, in bytes; `start` is at most `end`.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One behind the last byte.
    pub end: usize,
}

impl Span {
    /// The stretch from `start` to `end`.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start,
            end: end.max(start),
        }
    }

    /// The place before the byte `at`.
    #[must_use]
    pub fn at(at: usize) -> Self {
        Self { start: at, end: at }
    }

    /// The stretch of `text`; empty where the span does not lie in it.
    #[must_use]
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// A place for people: line and column, both from 1, columns in characters.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// Finds the line of a byte.
///
/// Lines end in LF, CR LF or CR, as in Python's universal newlines.
#[derive(Debug, Clone)]
pub struct LineIndex {
    starts: Vec<usize>,
}

impl LineIndex {
    /// Indexes `text`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self {
            starts: lines(text).map(|line| line.span.start).collect(),
        }
    }

    /// The position of byte `at` of the same text.
    #[must_use]
    pub fn position(&self, text: &str, at: usize) -> Position {
        let line = self.starts.partition_point(|&start| start <= at).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let column = text
            .get(start..at.min(text.len()))
            .map_or(0, |before| before.chars().count())
            + 1;
        Position { line, column }
    }
}

/// A line of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    /// The line without its end.
    pub(super) span: Span,
    /// Where the next line starts.
    pub(super) next: usize,
}

/// The lines of `text`; there is always one, and one more after a final line end.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line> {
    let mut start = Some(0);
    std::iter::from_fn(move || {
        let from = start?;
        let rest = text.get(from..)?;
        let Some(length) = rest.find(['\n', '\r']) else {
            start = None;
            return Some(Line {
                span: Span::new(from, text.len()),
                next: text.len(),
            });
        };
        let end = from + length;
        let next = end
            + if rest[length..].starts_with("\r\n") {
                2
            } else {
                1
            };
        start = Some(next);
        Some(Line {
            span: Span::new(from, end),
            next,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let text = "äb\r\nc\rd\n";
        let index = LineIndex::new(text);
        let at = |byte| {
            let Position { line, column } = index.position(text, byte);
            (line, column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(2), (1, 2));
        assert_eq!(at(5), (2, 1));
        assert_eq!(at(7), (3, 1));
        assert_eq!(at(text.len()), (4, 1));
    }
}
