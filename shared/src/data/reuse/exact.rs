//! JSON whose numbers come back to the bit: a parser may be off by the last one in decimal fractions.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Error, Number, Value, json};

/// The key of the only entry of an object that stands for a fraction.
const BITS: &str = "f64 bits";

/// `data` as JSON without fractions.
///
/// # Errors
/// It has no form in JSON.
pub(super) fn write(data: &impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(data).map(without_fractions)
}

/// What [`write`] has written.
///
/// # Errors
/// It is something else.
pub(super) fn read<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    serde_json::from_value(with_fractions(value))
}

fn without_fractions(value: Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => match number.as_f64() {
            Some(fraction) => json!({ BITS: fraction.to_bits() }),
            None => Value::Null,
        },
        Value::Array(values) => values.into_iter().map(without_fractions).collect(),
        Value::Object(entries) => entries
            .into_iter()
            .map(|(key, value)| (key, without_fractions(value)))
            .collect(),
        other => other,
    }
}

fn with_fractions(value: Value) -> Value {
    match value {
        Value::Array(values) => values.into_iter().map(with_fractions).collect(),
        Value::Object(entries) => {
            if let (1, Some(Value::Number(bits))) = (entries.len(), entries.get(BITS))
                && let Some(number) = bits
                    .as_u64()
                    .and_then(|bits| Number::from_f64(f64::from_bits(bits)))
            {
                return Value::Number(number);
            }
            entries
                .into_iter()
                .map(|(key, value)| (key, with_fractions(value)))
                .collect()
        }
        other => other,
    }
}
