//! Literals as JSON and as Python prints them.

use super::Literal;
use serde_json::{Number, Value};
use std::fmt;

impl Literal {
    /// The value as JSON: tuples and sets are arrays, keys are strings as Python's `str` makes
    /// them. Whole numbers keep all their digits. JSON has no infinity; `1e999` is its stand-in,
    /// which Python and JavaScript read as one.
    #[must_use]
    pub fn to_json(&self) -> String {
        match self {
            Self::None => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Big(digits) => digits.clone(),
            Self::Float(value) => Number::from_f64(*value).map_or_else(
                || if *value < 0.0 { "-1e999" } else { "1e999" }.to_owned(),
                |number| number.to_string(),
            ),
            Self::Str(value) => string(value),
            Self::List(items) | Self::Tuple(items) | Self::Set(items) => {
                let items: Vec<String> = items.iter().map(Self::to_json).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Dict(pairs) => {
                // `1` and `'1'` are two keys in Python, and one here: the last counts.
                let mut members: Vec<(String, String)> = Vec::new();
                for (key, value) in pairs {
                    let key = string(&key.text());
                    members.retain(|(known, _)| *known != key);
                    members.push((key, value.to_json()));
                }
                let members: Vec<String> = members
                    .iter()
                    .map(|(key, value)| format!("{key}: {value}"))
                    .collect();
                format!("{{{}}}", members.join(", "))
            }
        }
    }

    /// The text of a string, else what Python prints.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Str(value) => value.clone(),
            _ => self.to_string(),
        }
    }
}

/// A text in quotes.
fn string(text: &str) -> String {
    Value::from(text).to_string()
}

/// Python's `repr`.
impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Bool(true) => f.write_str("True"),
            Self::Bool(false) => f.write_str("False"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Big(digits) => f.write_str(digits),
            Self::Float(value) => float(*value, f),
            Self::Str(value) => quote(value, f),
            Self::List(items) => list(f, "[", items, "]"),
            Self::Tuple(items) if items.len() == 1 => list(f, "(", items, ",)"),
            Self::Tuple(items) => list(f, "(", items, ")"),
            Self::Set(items) if items.is_empty() => f.write_str("set()"),
            Self::Set(items) => list(f, "{", items, "}"),
            Self::Dict(pairs) => {
                f.write_str("{")?;
                for (i, (key, value)) in pairs.iter().enumerate() {
                    let comma = if i > 0 { ", " } else { "" };
                    write!(f, "{comma}{key}: {value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, open: &str, items: &[Literal], close: &str) -> fmt::Result {
    f.write_str(open)?;
    for (i, item) in items.iter().enumerate() {
        let comma = if i > 0 { ", " } else { "" };
        write!(f, "{comma}{item}")?;
    }
    f.write_str(close)
}

/// The shortest digits that give the same number back; an exponent below 1e-4 and from 1e16.
fn float(value: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if !value.is_finite() {
        return f.write_str(if value.is_nan() {
            "nan"
        } else if value > 0.0 {
            "inf"
        } else {
            "-inf"
        });
    }
    let size = value.abs();
    if size == 0.0 || (1e-4..1e16).contains(&size) {
        return write!(f, "{value:?}");
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent
        .strip_prefix('-')
        .map_or(('+', exponent), |rest| ('-', rest));
    write!(f, "{digits}e{sign}{exponent:0>2}")
}

/// Single quotes, unless there are only single quotes in the text.
fn quote(value: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mark = if value.contains('\'') && !value.contains('"') {
        '"'
    } else {
        '\''
    };
    write!(f, "{mark}")?;
    for character in value.chars() {
        match character {
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '\\' => f.write_str("\\\\")?,
            _ if character == mark => write!(f, "\\{character}")?,
            '\0'..='\x1f' | '\x7f'..='\u{a0}' | '\u{ad}' => {
                write!(f, "\\x{:02x}", u32::from(character))?
            }
            _ => write!(f, "{character}")?,
        }
    }
    write!(f, "{mark}")
}
