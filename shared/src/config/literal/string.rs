//! Strings of Python's grammar.

use super::LiteralError;

/// The letters before a string's quote.
#[derive(Clone, Copy)]
pub(super) struct Prefix {
    raw: bool,
    /// Length in bytes.
    length: usize,
}

/// The prefix at the start of `text`, if a string begins there.
pub(super) fn prefix(text: &str, at: usize) -> Result<Option<Prefix>, LiteralError> {
    let length = text
        .find(|character: char| !character.is_ascii_alphabetic())
        .unwrap_or(text.len());
    if !text[length..].starts_with(['\'', '"']) {
        return Ok(None);
    }
    let raw = match text[..length].to_ascii_lowercase().as_str() {
        "" | "u" => false,
        "r" => true,
        "b" | "br" | "rb" => {
            return Err(LiteralError::new(
                at,
                "bytes are not read; leave the b away",
            ));
        }
        "f" | "fr" | "rf" => {
            return Err(LiteralError::new(
                at,
                "f-strings are not read: nothing is evaluated",
            ));
        }
        other => {
            return Err(LiteralError::new(
                at,
                format!("`{other}` is no prefix of a string"),
            ));
        }
    };
    Ok(Some(Prefix { raw, length }))
}

/// Reads the string at the start of `text`, appends it to `out`, and gives its length in bytes.
pub(super) fn string(
    text: &str,
    prefix: Prefix,
    at: usize,
    out: &mut String,
) -> Result<usize, LiteralError> {
    let body = &text[prefix.length..];
    let mark = &body[..1];
    let triple = mark.repeat(3);
    let quotes = if body.starts_with(&triple) {
        triple.as_str()
    } else {
        mark
    };
    let mut position = prefix.length + quotes.len();
    loop {
        let rest = &text[position..];
        if rest.starts_with(quotes) {
            return Ok(position + quotes.len());
        }
        let Some(character) = rest.chars().next() else {
            return Err(LiteralError::new(at, "the closing quote is missing"));
        };
        match character {
            '\n' if quotes.len() == 1 => {
                return Err(LiteralError::new(
                    at,
                    "the closing quote is missing in this line",
                ));
            }
            '\\' if prefix.raw => {
                // The backslash stays, and so does what it protects from ending the string.
                let Some(next) = rest[1..].chars().next() else {
                    return Err(LiteralError::new(at, "the closing quote is missing"));
                };
                out.push('\\');
                out.push(next);
                position += 1 + next.len_utf8();
            }
            '\\' => position += escape(rest, at + position, out)?,
            _ => {
                out.push(character);
                position += character.len_utf8();
            }
        }
    }
}

/// Reads the escape at the start of `text`; gives its length in bytes.
fn escape(text: &str, at: usize, out: &mut String) -> Result<usize, LiteralError> {
    let Some(letter) = text[1..].chars().next() else {
        return Err(LiteralError::new(at, "the closing quote is missing"));
    };
    let plain = match letter {
        '\n' => return Ok(2),
        '\\' | '\'' | '"' => letter,
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        'x' => return code(text, 2, at, out),
        'u' => return code(text, 4, at, out),
        'U' => return code(text, 8, at, out),
        'N' => {
            return Err(LiteralError::new(
                at,
                "characters by name (\\N) are not read; write the character",
            ));
        }
        '0'..='7' => {
            let digits: String = text[1..]
                .chars()
                .take(3)
                .take_while(|digit| digit.is_digit(8))
                .collect();
            out.push(
                u32::from_str_radix(&digits, 8)
                    .ok()
                    .and_then(char::from_u32)
                    .unwrap_or_default(),
            );
            return Ok(1 + digits.len());
        }
        _ => {
            // Python keeps what it does not know.
            out.push('\\');
            out.push(letter);
            return Ok(1 + letter.len_utf8());
        }
    };
    out.push(plain);
    Ok(2)
}

/// A character by its number in `count` hexadecimal digits.
fn code(text: &str, count: usize, at: usize, out: &mut String) -> Result<usize, LiteralError> {
    let digits = text
        .get(2..2 + count)
        .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
    let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let number = number
        .ok_or_else(|| LiteralError::new(at, format!("{count} hexadecimal digits must follow")))?;
    out.push(
        char::from_u32(number)
            .ok_or_else(|| LiteralError::new(at, "there is no such character"))?,
    );
    Ok(2 + count)
}
