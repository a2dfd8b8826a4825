//! White space as Python's `str.strip` sees it.

use crate::config::span::Span;

/// Python counts the four information separators too.
pub(super) fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

/// `span` without white space at either end.
pub(super) fn trim(text: &str, span: Span) -> Span {
    let inner = span.of(text);
    let left = inner.trim_start_matches(is_space);
    let start = span.end - left.len();
    Span::new(start, start + left.trim_end_matches(is_space).len())
}

/// Characters before the first that is no white space.
pub(super) fn indent(text: &str, span: Span) -> usize {
    span.of(text)
        .chars()
        .take_while(|&character| is_space(character))
        .count()
}

/// `text` without white space at either end.
pub(super) fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}
