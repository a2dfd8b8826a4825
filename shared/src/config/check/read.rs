//! Texts to typed values, with what is wrong about them.

use super::{
    Origin,
    checker::Checker,
    slot::Slot,
    value::{Wrong, boolean, integer, literal, number, texts},
};
use crate::config::{diagnostics::Code, ini::escaped, literal::Literal};

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
        match wrong.better.map(|better| escaped(&better)) {
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
                let digits = text.trim_start_matches(['+', '-']);
                if !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()) {
                    let range = range.map_or("-2^63 to 2^63 - 1".to_owned(), |it| it.words());
                    return Err(Wrong::range(format!("it must be {range}, and is {text}")));
                }
                let whole = number(text)
                    .filter(|value| value.fract() == 0.0 && value.abs() < 1e15)
                    .map(|value| value.to_string());
                return Err(Wrong::kind(format!("`{text}` is no whole number"), whole));
            };
            // Ranges end far below 2^53, where floats are exact.
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
