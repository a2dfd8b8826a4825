//! Texts to values, without saying where they stand.

use super::suggest::nearest;
use crate::config::{
    diagnostics::Code,
    literal::{self, Literal},
};

/// Why a text is not what a key needs.
pub(super) struct Wrong {
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) better: Option<String>,
}

impl Wrong {
    /// It is of another type.
    pub(super) fn kind(message: impl Into<String>, better: Option<String>) -> Self {
        Self {
            code: Code::WrongType,
            message: message.into(),
            better,
        }
    }

    /// It is too large or too small.
    pub(super) fn range(message: impl Into<String>) -> Self {
        Self {
            code: Code::OutOfRange,
            message: message.into(),
            better: None,
        }
    }

    /// It is no value of the key.
    pub(super) fn value(message: impl Into<String>, better: &str) -> Self {
        Self {
            code: Code::UnknownValue,
            message: message.into(),
            better: Some(better.to_owned()),
        }
    }

    /// It is none of the choices.
    pub(super) fn choice(text: &str, choices: &[&str]) -> Self {
        let message = format!("`{text}` is none of {}", choices.join(", "));
        let better = nearest(text, choices.iter().copied()).map(str::to_owned);
        Self {
            code: Code::UnknownValue,
            message,
            better,
        }
    }
}

/// Python's `int(text)`.
pub(super) fn integer(text: &str) -> Option<i64> {
    plain(text)?.parse().ok()
}

/// Python's `float(text)`.
pub(super) fn number(text: &str) -> Option<f64> {
    plain(text)?.parse().ok()
}

/// `text` without underscores, which may only stand between two digits.
fn plain(text: &str) -> Option<String> {
    let bad = text.starts_with('_') || text.ends_with('_') || text.contains("__");
    (!bad).then(|| text.replace('_', ""))
}

/// The words for true and false, in any case.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// A Python literal.
pub(super) fn literal(text: &str) -> Result<Literal, Wrong> {
    literal::parse(text)
        .map_err(|error| Wrong::kind(format!("this is no Python literal: {error}"), None))
}

/// A list of texts, and how one would be made of anything else.
pub(super) fn texts(text: &str) -> Result<Vec<String>, Wrong> {
    let quoted = |words: &mut dyn Iterator<Item = &str>| {
        let words: Vec<String> = words
            .map(|word| Literal::Str(word.to_owned()).to_string())
            .collect();
        Some(format!("[{}]", words.join(", ")))
    };
    match literal::parse(text) {
        Ok(Literal::Str(word)) => Err(Wrong::kind(
            "it must be a list, and this is a string",
            quoted(&mut [word.as_str()].into_iter()),
        )),
        Ok(literal) => {
            let plain = |item: &Literal| {
                item.items().is_none() && !matches!(item, Literal::Dict(_) | Literal::None)
            };
            match literal.items().filter(|items| items.iter().all(plain)) {
                Some(items) => Ok(items.iter().map(Literal::text).collect()),
                None if literal.items().is_some() => {
                    Err(Wrong::kind("each member of the list must be a text", None))
                }
                None => Err(Wrong::kind(
                    format!("it must be a list of texts, and this is {}", literal.kind()),
                    None,
                )),
            }
        }
        Err(error) if text.starts_with(['[', '(', '{']) => Err(Wrong::kind(
            format!("this list cannot be read: {error}"),
            None,
        )),
        Err(_) => {
            let better = quoted(
                &mut text
                    .split([',', '\n'])
                    .map(str::trim)
                    .filter(|word| !word.is_empty()),
            );
            Err(Wrong::kind("it must be a list of texts in quotes", better))
        }
    }
}
