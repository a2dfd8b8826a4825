//! YAML text to plain values.

use granit_parser::{Event, Parser, ScalarStyle, StrInput};
use std::collections::HashMap;

/// More values than a header has.
const VALUES: usize = 5_000_000;

/// More values than references of a header unfold to. A few lines could unfold to any number.
const UNFOLDED: usize = 500_000;

/// Values in values.
const DEPTH: usize = 64;

/// A value of YAML; dates and values with tags of their own are texts.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Value>),
    /// In the order of the text.
    Map(Vec<(Value, Value)>),
}

impl Value {
    /// Reads a text.
    ///
    /// # Errors
    /// What is wrong, with its line.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut loader = Loader {
            parser: Parser::new_from_str(text),
            anchors: HashMap::new(),
            left: VALUES,
            unfolded: UNFOLDED,
        };
        match loader.begin()? {
            Some(event) => loader.value(event, 0),
            None => Ok(Self::Null),
        }
    }

    /// How many values it is made of.
    fn count(&self) -> usize {
        1 + match self {
            Self::List(items) => items.iter().map(Self::count).sum(),
            Self::Map(entries) => entries
                .iter()
                .map(|(key, value)| key.count() + value.count())
                .sum(),
            _ => 0,
        }
    }

    /// The value of a key of a map; the last one counts.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries()
            .iter()
            .rev()
            .find(|(name, _)| matches!(name, Self::Text(text) if text == key))
            .map(|(_, value)| value)
    }

    /// The entries of a map; of anything else none.
    pub(super) fn entries(&self) -> &[(Self, Self)] {
        match self {
            Self::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The text of a text.
    pub(super) fn str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A number.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// A single value as a table of pandas has it; `None` for what is missing, a list or a map.
    pub(super) fn cell(&self) -> Option<String> {
        match self {
            Self::Null | Self::List(_) | Self::Map(_) => None,
            Self::Bool(true) => Some("True".into()),
            Self::Bool(false) => Some("False".into()),
            Self::Int(value) => Some(value.to_string()),
            Self::Float(value) => (!value.is_nan()).then(|| format!("{value:?}")),
            Self::Text(text) => Some(text.clone()),
        }
    }
}

/// Reads the events of a text, and puts values together.
struct Loader<'t> {
    parser: Parser<'t, StrInput<'t>>,
    /// Values that have a name, by the parser's number.
    anchors: HashMap<usize, Value>,
    /// Values that may still be made.
    left: usize,
    /// Values that references may still unfold to.
    unfolded: usize,
}

impl Loader<'_> {
    /// The next event that is no comment.
    fn event(&mut self) -> Result<Option<Event<'_>>, String> {
        let event = self.parser.next_event().transpose();
        let event = event.map_err(|error| error.to_string())?;
        Ok(event.map(|(event, _)| event))
    }

    /// The value that `event` begins.
    fn value(&mut self, event: Begin, depth: usize) -> Result<Value, String> {
        self.left = self
            .left
            .checked_sub(1)
            .filter(|_| depth < DEPTH)
            .ok_or("it is too large, or its values are in each other too deeply")?;
        let (value, anchor) = match event {
            Begin::Scalar(value, anchor) => (value, anchor),
            Begin::List(anchor) => {
                let mut items = Vec::new();
                while let Some(event) = self.begin()? {
                    items.push(self.value(event, depth + 1)?);
                }
                (Value::List(items), anchor)
            }
            Begin::Map(anchor) => {
                let mut entries = Vec::new();
                while let Some(event) = self.begin()? {
                    let key = self.value(event, depth + 1)?;
                    let event = self.begin()?.ok_or("a key has no value")?;
                    entries.push((key, self.value(event, depth + 1)?));
                }
                (Value::Map(entries), anchor)
            }
            Begin::Alias(number) => {
                let value = self.anchors.get(&number);
                let value = value.ok_or("a reference has nothing to refer to")?;
                self.unfolded = self
                    .unfolded
                    .checked_sub(value.count())
                    .ok_or("its references unfold to too much")?;
                (value.clone(), 0)
            }
        };
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    /// The start of the next value; `None` is the end of a list, a map or the text.
    fn begin(&mut self) -> Result<Option<Begin>, String> {
        loop {
            return Ok(Some(match self.event()? {
                Some(Event::Scalar(text, style, anchor, tag)) => {
                    let plain = style == ScalarStyle::Plain && tag.is_none();
                    let value = if plain {
                        plain_value(&text)
                    } else {
                        Value::Text(text.into_owned())
                    };
                    Begin::Scalar(value, anchor)
                }
                Some(Event::SequenceStart(_, anchor, _)) => Begin::List(anchor),
                Some(Event::MappingStart(_, anchor, _)) => Begin::Map(anchor),
                Some(Event::Alias(number)) => Begin::Alias(number),
                Some(
                    Event::SequenceEnd | Event::MappingEnd | Event::DocumentEnd | Event::StreamEnd,
                )
                | None => {
                    return Ok(None);
                }
                Some(_) => continue,
            }));
        }
    }
}

/// The start of a value, with the number of its name or 0.
enum Begin {
    Scalar(Value, usize),
    List(usize),
    Map(usize),
    Alias(usize),
}

/// What an unquoted text stands for in YAML 1.1, as PyYAML has it, which writes the headers: there
/// `on` is true, and `1e3`, which has no point, a text.
fn plain_value(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Value::Bool(true);
        }
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Value::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return Value::Float(f64::NAN),
        _ => {}
    }
    let number = int(text)
        .map(Value::Int)
        .or_else(|| float(text).map(Value::Float));
    number.unwrap_or_else(|| Value::Text(text.to_owned()))
}

/// A whole number: decimal, or octal after a 0, or hexadecimal after 0x.
fn int(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if !digits.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let digits = digits.replace('_', "");
    let (base, digits) = match digits.strip_prefix("0x") {
        Some(hexadecimal) => (16, hexadecimal),
        None if digits.len() > 1 && digits.starts_with('0') => (8, &digits[1..]),
        None => (10, &digits[..]),
    };
    // A sign within would be accepted.
    let plain = digits.starts_with(|first: char| first.is_ascii_hexdigit());
    i64::from_str_radix(&format!("{sign}{digits}"), base)
        .ok()
        .filter(|_| plain)
}

/// A number with a point; an exponent has a sign.
fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let negative = text.starts_with('-');
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Some(if negative {
            f64::NEG_INFINITY
        } else {
            f64::INFINITY
        });
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'_')
    };
    let (whole, fraction) = mantissa.split_once('.')?;
    let begins = |text: &str| text.starts_with(|first: char| first.is_ascii_digit());
    // Without a whole part there is no sign, either.
    let bare = whole.is_empty() && begins(fraction) && unsigned == text;
    let mantissa_fits = digits(whole) && digits(fraction) && (begins(whole) || bare);
    let exponent_fits = exponent.is_none_or(|exponent| {
        let figures = exponent.strip_prefix(['-', '+']);
        figures.is_some_and(|figures| {
            !figures.is_empty() && figures.bytes().all(|byte| byte.is_ascii_digit())
        })
    });
    if !mantissa_fits || !exponent_fits {
        return None;
    }
    text.replace('_', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::Value;

    #[test]
    fn reads_what_python_writes() {
        let text = "a: [1, null, 2.5]\nb: 2020-01-02\n'03': drei\n3: {x: 'on', y: None}\nc: !tag t\nd:\n- true\n";
        let value = Value::parse(text).unwrap();
        let list = [Value::Int(1), Value::Null, Value::Float(2.5)];
        assert_eq!(value.get("a"), Some(&Value::List(list.to_vec())));
        assert_eq!(value.get("b").and_then(Value::str), Some("2020-01-02"));
        assert_eq!(value.get("03").and_then(Value::str), Some("drei"));
        let speaker = &value.entries()[3];
        assert_eq!(speaker.0, Value::Int(3));
        assert_eq!(speaker.1.get("x").and_then(Value::str), Some("on"));
        assert_eq!(speaker.1.get("y").and_then(Value::str), Some("None"));
        assert_eq!(value.get("c").and_then(Value::str), Some("t"));
        assert_eq!(value.get("d"), Some(&Value::List(vec![Value::Bool(true)])));
    }

    #[test]
    fn unquoted_texts_are_what_they_are_in_python() {
        let text = |text: &str| Value::Text(text.to_owned());
        for (yaml, value) in [
            ("on", Value::Bool(true)),
            ("No", Value::Bool(false)),
            ("'on'", text("on")),
            ("y", text("y")),
            ("None", text("None")),
            ("~", Value::Null),
            ("12", Value::Int(12)),
            ("-1_000", Value::Int(-1000)),
            ("010", Value::Int(8)),
            ("0x1F", Value::Int(31)),
            ("09", text("09")),
            ("0", Value::Int(0)),
            ("1e3", text("1e3")),
            ("1.5e3", text("1.5e3")),
            ("1.5e+3", Value::Float(1500.0)),
            ("-.5", text("-.5")),
            (".5", Value::Float(0.5)),
            ("5.", Value::Float(5.0)),
            (".", text(".")),
            ("1.2.3", text("1.2.3")),
            ("-.inf", Value::Float(f64::NEG_INFINITY)),
            ("99999999999999999999", text("99999999999999999999")),
            ("2020-01-01", text("2020-01-01")),
            ("a#b", text("a#b")),
        ] {
            let found = Value::parse(&format!("key: {yaml}")).map(|root| root.get("key").cloned());
            assert_eq!(found, Ok(Some(value)), "{yaml}");
        }
    }

    #[test]
    fn says_where_it_is_wrong() {
        let error = Value::parse("a: 1\nb: [\n").unwrap_err();
        assert!(error.contains("line"), "{error}");
    }

    #[test]
    fn a_bomb_does_not_go_off() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let inner = vec![format!("*a{}", level - 1); 10].join(", ");
            text += &format!("a{level}: &a{level} [{inner}]\n");
        }
        assert!(Value::parse(&text).unwrap_err().contains("unfold"));
        assert!(Value::parse(&"[".repeat(100_000)).is_err());
        let same = Value::parse("a: &x {b: 1}\nc: *x\n").unwrap();
        assert_eq!(same.get("a"), same.get("c"));
    }
}
