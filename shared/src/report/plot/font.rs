//! The embedded font: its bytes, and how wide text is in it.

use skrifa::{
    FontRef, MetadataProvider,
    instance::{LocationRef, Size},
};

/// Noto Sans Regular, a subset (`font/README.md`).
pub(super) const FONT: &[u8] = include_bytes!("font/NotoSans-Regular.ttf");

/// What an SVG asks for: the font of the PNG, else one that looks like it.
pub(super) const FAMILY: &str = "Noto Sans, Open Sans, Arial, Helvetica, sans-serif";

/// Width in em of a character that the font lacks: that of a Chinese one.
const MISSING: f32 = 1.0;

/// Width of `text` at `size` px per em, in px.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let Ok(font) = FontRef::new(FONT) else {
        return text.chars().count() as f64 * size;
    };
    let map = font.charmap();
    let metrics = font.glyph_metrics(Size::new(1.0), LocationRef::default());
    let ems: f32 = text
        .chars()
        .map(|c| {
            map.map(c)
                .and_then(|glyph| metrics.advance_width(glyph))
                .unwrap_or(MISSING)
        })
        .sum();
    f64::from(ems) * size
}

/// `text`, cut with `…` where it is wider than `limit` px.
pub(super) fn fitted(text: &str, size: f64, limit: f64) -> String {
    if width(text, size) <= limit {
        return text.to_owned();
    }
    let limit = limit - width("…", size);
    let mut cut = String::new();
    let mut taken = 0.0;
    for c in text.chars() {
        taken += width(c.encode_utf8(&mut [0; 4]), size);
        if taken > limit {
            break;
        }
        cut.push(c);
    }
    cut.truncate(cut.trim_end().len());
    cut + "…"
}

/// `text` in lines of at most `limit` px, broken between words; a longer word is cut.
pub(super) fn wrapped(text: &str, size: f64, limit: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        if let Some(line) = lines.last_mut() {
            let longer = format!("{line} {word}");
            if width(&longer, size) <= limit {
                *line = longer;
                continue;
            }
        }
        lines.push(fitted(word, size, limit));
    }
    lines
}
