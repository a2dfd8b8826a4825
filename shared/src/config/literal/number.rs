//! Numbers of Python's grammar.

use super::{Literal, LiteralError};

/// Reads the number at the start of `text`; gives it with its length in bytes.
///
/// `at` is where `text` starts, for errors.
pub(super) fn number(text: &str, at: usize) -> Result<(Literal, usize), LiteralError> {
    let error = |message: &str| LiteralError::new(at, message);
    let bytes = text.as_bytes();
    let radix = match bytes.get(1).map(u8::to_ascii_lowercase) {
        Some(b'x') if bytes[0] == b'0' => 16,
        Some(b'o') if bytes[0] == b'0' => 8,
        Some(b'b') if bytes[0] == b'0' => 2,
        _ => 10,
    };
    let length;
    let value = if radix == 10 {
        let (value, end) = decimal(text).map_err(error)?;
        length = end;
        value
    } else {
        // An underscore may follow the prefix, and stand between two digits.
        let rest = text[2..].strip_prefix('_').unwrap_or(&text[2..]);
        let body = digits(rest, radix)
            .filter(|&end| end > 0)
            .ok_or_else(|| error("a digit is missing"))?;
        length = text.len() - rest.len() + body;
        let plain = rest[..body].replace('_', "");
        match i128::from_str_radix(&plain, radix) {
            Ok(value) => Literal::Int(value),
            Err(_) => Literal::Big(in_decimal(&plain, radix).ok_or_else(|| error(TOO_LARGE))?),
        }
    };
    match text[length..].chars().next() {
        Some('j' | 'J') => Err(error("complex numbers are not read")),
        Some(next) if next.is_alphanumeric() || next == '_' => Err(LiteralError::new(
            at + length,
            format!("`{next}` cannot follow a number; texts need quotes"),
        )),
        _ => Ok((value, length)),
    }
}

const TOO_LARGE: &str = "this number is too large: it has more than 4300 digits";

/// Decimal digits of a whole number that Python reads and prints.
const MOST_DIGITS: usize = 4300;

/// The decimal digits of a whole number that is written with `digits`.
fn in_decimal(digits: &str, radix: u32) -> Option<String> {
    let digits = digits.trim_start_matches('0');
    // A digit of base 2 adds least, 0.30 decimal ones; what is longer needs no work.
    if digits.len() > 4 * MOST_DIGITS {
        return None;
    }
    // Nine decimal digits a limb, the lowest first.
    let mut limbs: Vec<u64> = vec![0];
    for digit in digits.chars() {
        let mut carry = u64::from(digit.to_digit(radix)?);
        for limb in &mut limbs {
            let value = *limb * u64::from(radix) + carry;
            *limb = value % 1_000_000_000;
            carry = value / 1_000_000_000;
        }
        if carry > 0 {
            limbs.push(carry);
        }
    }
    let text: String = limbs
        .iter()
        .rev()
        .map(|limb| format!("{limb:09}"))
        .collect();
    let text = text.trim_start_matches('0');
    (text.len() <= MOST_DIGITS).then(|| text.to_owned())
}
const UNDERSCORE: &str = "an underscore in a number must stand between two digits";

/// A decimal number: whole, or with a point or an exponent.
fn decimal(text: &str) -> Result<(Literal, usize), &'static str> {
    let whole = digits(text, 10).ok_or(UNDERSCORE)?;
    let mut end = whole;
    let mut is_float = false;
    if text[end..].starts_with('.') {
        is_float = true;
        end += 1;
        end += digits(&text[end..], 10).ok_or(UNDERSCORE)?;
    }
    if text[end..].starts_with(['e', 'E']) {
        let rest = &text[end + 1..];
        let sign = usize::from(rest.starts_with(['+', '-']));
        let body = digits(&rest[sign..], 10)
            .filter(|&body| body > 0)
            .ok_or("the exponent's digits are missing")?;
        is_float = true;
        end += 1 + sign + body;
    }
    let plain = text[..end].replace('_', "");
    if is_float {
        return Ok((
            Literal::Float(plain.parse().map_err(|_| "this is not a number")?),
            end,
        ));
    }
    if plain.len() > 1 && plain.starts_with('0') && plain.bytes().any(|digit| digit != b'0') {
        return Err("a whole number must not begin with 0; an octal one begins with 0o");
    }
    Ok((
        match plain.parse() {
            Ok(value) => Literal::Int(value),
            Err(_) if plain.len() <= MOST_DIGITS => Literal::Big(plain),
            Err(_) => return Err(TOO_LARGE),
        },
        end,
    ))
}

/// Length of the digits at the start of `text`, single underscores between them included; `None`
/// where an underscore stands at either end or beside another.
fn digits(text: &str, radix: u32) -> Option<usize> {
    let is_digit = |character: char| character.is_digit(radix) || character == '_';
    let end = text
        .find(|character| !is_digit(character))
        .unwrap_or(text.len());
    let run = &text[..end];
    (!run.starts_with('_') && !run.ends_with('_') && !run.contains("__")).then_some(end)
}
