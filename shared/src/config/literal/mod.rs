//! Python literals, as `ast.literal_eval` reads them; nothing is ever evaluated.
//!
//! Left out on purpose, each with its own message: bytes, complex numbers, `...`, f-strings,
//! `\N{name}` escapes (the table of names is larger than the whole page), lone surrogates, and whole
//! numbers of more than 4300 digits, which Python refuses to print as well.

mod error;
mod json;
mod number;
mod parse;
mod string;
#[cfg(test)]
mod tests;

pub use error::LiteralError;

/// A value that a literal stands for.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `None`
    None,
    /// `True`, `False`
    Bool(bool),
    /// A whole number.
    Int(i128),
    /// A whole number beyond 128 bits: its decimal digits, with a minus sign where it is negative.
    Big(String),
    /// A number with a point or an exponent.
    Float(f64),
    /// A string.
    Str(String),
    /// `[a, b]`
    List(Vec<Literal>),
    /// `(a, b)`
    Tuple(Vec<Literal>),
    /// `{a, b}`, without repetitions, in the order of the text.
    Set(Vec<Literal>),
    /// `{a: b}`, a repeated key with its last value, in the order of the text.
    Dict(Vec<(Literal, Literal)>),
}

/// Reads `text` as one Python literal.
///
/// # Errors
/// See [`LiteralError`]; its offset counts bytes from the start of `text`.
pub fn parse(text: &str) -> Result<Literal, LiteralError> {
    parse::parse(text)
}

impl Literal {
    /// What it is, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Bool(_) => "a boolean",
            Self::Int(_) | Self::Big(_) => "a whole number",
            Self::Float(_) => "a number",
            Self::Str(_) => "a string",
            Self::List(_) => "a list",
            Self::Tuple(_) => "a tuple",
            Self::Set(_) => "a set",
            Self::Dict(_) => "a dict",
        }
    }

    /// The members of a list, a tuple or a set.
    #[must_use]
    pub fn items(&self) -> Option<&[Literal]> {
        match self {
            Self::List(items) | Self::Tuple(items) | Self::Set(items) => Some(items),
            _ => None,
        }
    }

    /// The value of a number.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::Float(value) => Some(*value),
            Self::Big(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// Whether Python takes both for the same key: `1`, `1.0` and `True` are.
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Str(a), Self::Str(b)) => a == b,
            (Self::Big(a), Self::Big(b)) => a == b,
            (Self::None, Self::None) => true,
            (Self::Tuple(a), Self::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b))
            }
            _ => match (self.as_int(), other.as_int()) {
                (Some(a), Some(b)) => a == b,
                _ => self
                    .number()
                    .zip(other.number())
                    .is_some_and(|(a, b)| a == b),
            },
        }
    }

    /// The whole number that a boolean, an int or a float without a fraction is.
    fn as_int(&self) -> Option<i128> {
        match self {
            Self::Bool(value) => Some((*value).into()),
            Self::Int(value) => Some(*value),
            // Beyond 2^100 every float is whole, and none of them fits the way back.
            Self::Float(value) if value.fract() == 0.0 && value.abs() < 1e30 => {
                Some(*value as i128)
            }
            _ => None,
        }
    }

    /// Whether Python lets it be a key.
    fn hashable(&self) -> bool {
        match self {
            Self::List(_) | Self::Set(_) | Self::Dict(_) => false,
            Self::Tuple(items) => items.iter().all(Self::hashable),
            _ => true,
        }
    }
}
