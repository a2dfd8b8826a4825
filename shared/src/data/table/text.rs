//! Bytes of a table to its text, and which separator it has.

use crate::data::DataError;

/// The text of a table without a byte-order mark.
///
/// # Errors
/// The bytes are not UTF-8; the line is named.
pub(in crate::data) fn decode<'a>(path: &str, bytes: &'a [u8]) -> Result<&'a str, DataError> {
    let wrong = |line, found: &str| DataError::Encoding {
        path: path.to_owned(),
        line,
        found: found.to_owned(),
    };
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(wrong(1, "UTF-16"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        wrong(line, "something else, perhaps Latin-1")
    })
}

/// The separator of a table: the one of `,`, `;` and tab that occurs most often in the first line
/// outside of quotes, and a comma if none does.
pub(super) fn separator(text: &str) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in text.trim_start().bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if !quoted => {
                if let Some((_, count)) =
                    counts.iter_mut().find(|(separator, _)| *separator == byte)
                {
                    *count += 1;
                }
            }
            _ => {}
        }
    }
    // The first of equal ones.
    counts
        .iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .map_or(b',', |(separator, _)| *separator)
}

/// Whether pandas' `read_csv` takes a field as missing.
pub(in crate::data) fn is_missing(field: &str) -> bool {
    matches!(
        field,
        "" | "#N/A"
            | "#N/A N/A"
            | "#NA"
            | "-1.#IND"
            | "-1.#QNAN"
            | "-NaN"
            | "-nan"
            | "1.#IND"
            | "1.#QNAN"
            | "<NA>"
            | "N/A"
            | "NA"
            | "NULL"
            | "NaN"
            | "None"
            | "n/a"
            | "nan"
            | "null"
    )
}
