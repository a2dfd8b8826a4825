//! Keys that are known and do nothing, or not yet.

use super::{
    Checker,
    slot::unquoted,
    value::{boolean, number},
};
use crate::config::{
    diagnostics::Code,
    keys::{Key, Kind, Status},
    literal::{self, Literal},
    span::Span,
};

/// A key of the table as it is written somewhere.
pub(super) struct Written<'w> {
    pub(super) key: &'w str,
    /// The value with its references filled in.
    pub(super) value: &'w str,
    /// Where it is pointed out.
    pub(super) span: Span,
    /// The file, where it is not the text itself.
    pub(super) file: Option<&'w str>,
    /// Whether another value refers to it.
    pub(super) used: bool,
}

impl Checker<'_> {
    /// Says so if a key does nothing.
    pub(super) fn status(&mut self, row: &Key, written: &Written<'_>) {
        if !self.finetune || is_default(row, written.value) {
            return;
        }
        let (key, span) = (written.key, written.span);
        let file = written
            .file
            .map_or_else(String::new, |file| format!(" of `{file}`"));
        match row.status {
            Status::Acts => {}
            Status::NoEffect | Status::OriginalOnly if written.used => {}
            Status::NoEffect | Status::OriginalOnly => {
                let message = format!("`{key}`{file} has no effect here: {}", lower(row.doc));
                self.warn(Code::NoEffect, span, message);
            }
        }
    }
}

/// Whether `text` says what the key says without it: `no`, `0` and `False` are the same switch.
pub(super) fn is_default(row: &Key, text: &str) -> bool {
    let text = if row.name.starts_with("<db>") {
        unquoted(text.trim())
    } else {
        text.trim()
    };
    let default = row.default;
    if text.is_empty() || text.eq_ignore_ascii_case(default) {
        return true;
    }
    if let (Some(value), Some(usual)) = (number(text), number(default)) {
        return value == usual;
    }
    let read = |text: &str| literal::parse(text).ok();
    let off = || boolean(text) == Some(false) || text.eq_ignore_ascii_case("none");
    let nothing = || match read(text) {
        Some(Literal::Dict(pairs)) => pairs.is_empty(),
        Some(other) => other.items().is_some_and(<[Literal]>::is_empty),
        None => false,
    };
    match row.kind {
        Kind::Boolean => boolean(text).is_some() && boolean(text) == boolean(default),
        _ if default == "False" => off(),
        Kind::Text | Kind::Path => false,
        _ if default.is_empty() => off() || nothing(),
        _ => read(text).is_some_and(|value| Some(value) == read(default)),
    }
}

/// A sentence as the second half of another.
pub(super) fn lower(sentence: &str) -> String {
    let mut letters = sentence.chars();
    match letters.next() {
        Some(first) if !letters.as_str().starts_with(char::is_uppercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => sentence.to_owned(),
    }
}
