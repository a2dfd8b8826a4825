//! Texts to typed values, with what is wrong about them.

use super::{Origin, checker::Checker, slot::Slot, suggest::nearest};
use crate::config::{
    diagnostics::Code,
    literal::{self, Literal},
};

impl Checker<'_> {
    /// The value, or the default where there is none or a wrong one.
    fn value<T>(&mut self, slot: &Slot, read: impl Fn(&str) -> Result<T, Wrong>) -> Option<T> {
        if let Some(found) = &slot.found {
            match read(&found.text) {
                Ok(value) => {
                    self.setting(slot.setting(&found.text, found.origin));
                    return Some(value);
                }
                Err(wrong) => self.wrong(slot, wrong),
            }
        }
        let value = if slot.default.is_empty() {
            None
        } else {
            read(slot.default).ok()
        };
        if slot.found.is_none() {
            self.setting(slot.setting(slot.default, Origin::Default));
        }
        value
    }

    /// Reports a wrong value.
    pub(super) fn wrong(&mut self, slot: &Slot, wrong: Wrong) {
        let Some(found) = &slot.found else { return };
        let finding = self.error(
            wrong.code,
            found.span,
            format!("`{}`: {}", slot.name, wrong.message),
        );
        match wrong.better {
            Some(better) if found.origin == Origin::File => {
                finding.replace(format!("write `{better}`"), found.span, better);
            }
            Some(better) => finding.advise(format!("write `{better}`")),
            None => {}
        }
    }

    /// Any text.
    pub(super) fn text(&mut self, slot: &Slot) -> Option<String> {
        self.value(slot, |text| Ok(text.to_owned()))
    }

    /// A text; an error where it is missing.
    pub(super) fn required(&mut self, slot: &Slot, example: &str) -> String {
        if !slot.is_set() {
            let (section, name) = (slot.row.section, &slot.name);
            let place = self.place(section);
            let edit = self.document.setting(section, name, example);
            let message = format!("[{section}] has no `{name}`; it is required");
            self.error(Code::MissingKey, place, message).fix(
                format!("add, for instance, `{name} = {example}`"),
                vec![edit],
            );
        }
        self.text(slot).unwrap_or_default()
    }

    /// A whole number in the table's range.
    pub(super) fn integer<T: TryFrom<i64>>(&mut self, slot: &Slot) -> Option<T> {
        let range = slot.row.range;
        let read = |text: &str| -> Result<i64, Wrong> {
            let Some(value) = integer(text) else {
                let whole = number(text)
                    .filter(|value| value.fract() == 0.0)
                    .map(|value| value.to_string());
                return Err(Wrong::kind(format!("`{text}` is no whole number"), whole));
            };
            // Ranges end far below 2^53, where floats are exact.
            #[allow(clippy::cast_precision_loss)]
            match range.filter(|range| !range.contains(value as f64)) {
                Some(range) => Err(Wrong::range(range.outside(&value))),
                None => Ok(value),
            }
        };
        let value = self.value(slot, read)?;
        T::try_from(value).ok()
    }

    /// A number in the table's range.
    pub(super) fn number(&mut self, slot: &Slot) -> Option<f64> {
        let range = slot.row.range;
        self.value(slot, |text| {
            let value = number(text).ok_or_else(|| {
                let comma = number(&text.replace(',', ".")).map(|_| text.replace(',', "."));
                Wrong::kind(format!("`{text}` is no number"), comma)
            })?;
            match range.filter(|range| !range.contains(value)) {
                Some(range) => Err(Wrong::range(range.outside(&text))),
                None if value.is_finite() => Ok(value),
                None => Err(Wrong::range(format!("{text} is not finite"))),
            }
        })
    }

    /// True or False.
    pub(super) fn boolean(&mut self, slot: &Slot) -> bool {
        let read = |text: &str| {
            boolean(text)
                .ok_or_else(|| Wrong::kind(format!("`{text}` is neither True nor False"), None))
        };
        self.value(slot, read).unwrap_or_default()
    }

    /// One of the table's words.
    pub(super) fn word(&mut self, slot: &Slot) -> Option<&'static str> {
        let choices = slot.row.choices;
        self.value(slot, |text| {
            let known = choices.iter().find(|word| word.eq_ignore_ascii_case(text));
            known.copied().ok_or_else(|| Wrong::choice(text, choices))
        })
    }

    /// What `parse` makes of the text.
    pub(super) fn parsed<T>(
        &mut self,
        slot: &Slot,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        self.value(slot, parse)
    }

    /// A list of texts; numbers count as their text.
    pub(super) fn texts(&mut self, slot: &Slot) -> Option<Vec<String>> {
        self.value(slot, texts)
    }

    /// A list of numbers.
    pub(super) fn numbers(&mut self, slot: &Slot) -> Option<Vec<f64>> {
        self.value(slot, |text| {
            let literal = literal(text)?;
            let numbers = literal
                .items()
                .map(|items| items.iter().map(Literal::number).collect::<Option<_>>());
            numbers.flatten().ok_or_else(|| {
                Wrong::kind(
                    "it must be a list of numbers, for instance [0, 0.5, 1]",
                    None,
                )
            })
        })
    }
}

/// Why a text is not what a key needs.
pub(super) struct Wrong {
    code: Code,
    message: String,
    better: Option<String>,
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
