//! The editor counts UTF-16 units, the checker bytes.

/// The place of byte `byte` in UTF-16 units; past the end it is the end.
pub(super) fn to_units(text: &str, byte: usize) -> u32 {
    let before = text.get(..byte).unwrap_or(text);
    before.encode_utf16().count() as u32
}

/// The byte at `units` UTF-16 units; past the end it is the end.
pub(super) fn to_byte(text: &str, units: u32) -> usize {
    let mut left = units as usize;
    for (byte, letter) in text.char_indices() {
        if left == 0 {
            return byte;
        }
        left = left.saturating_sub(letter.len_utf16());
    }
    text.len()
}
