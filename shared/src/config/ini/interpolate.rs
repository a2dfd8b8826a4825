//! `%(key)s` and `%%`, as Python's `BasicInterpolation` reads them.

use super::InterpolationError;

/// Python's `MAX_INTERPOLATION_DEPTH`.
const DEEPEST: usize = 10;

/// A few lines of references can stand for gigabytes; no path or list is that long.
pub(super) const LONGEST: usize = 1 << 20;

/// References that one value may fill in, counted through all levels.
const MOST: usize = 10_000;

/// Fills in the references of `raw`; `lookup` gives the raw value of a key.
pub(super) fn interpolate<'t>(
    raw: &'t str,
    lookup: &dyn Fn(&str) -> Option<&'t str>,
) -> Result<String, InterpolationError> {
    let mut filling = Filling {
        lookup,
        out: String::with_capacity(raw.len()),
        references: 0,
    };
    filling.append(raw, 1)?;
    Ok(filling.out)
}

/// `text` as it is written in a file, so that it is read back as it is.
#[must_use]
pub fn escaped(text: &str) -> String {
    text.replace('%', "%%")
}

/// The keys that `raw` refers to, in lower case.
pub(crate) fn references(raw: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let mut rest = raw;
    while let Some(at) = rest.find('%') {
        rest = &rest[at + 1..];
        if let Some(tail) = rest.strip_prefix('%') {
            rest = tail;
        } else if let Some((key, tail)) = rest
            .strip_prefix('(')
            .and_then(|inner| inner.split_once(")s"))
        {
            keys.push(super::fold(key));
            rest = tail;
        }
    }
    keys
}

struct Filling<'l, 't> {
    lookup: &'l dyn Fn(&str) -> Option<&'t str>,
    out: String,
    references: usize,
}

impl Filling<'_, '_> {
    fn append(&mut self, raw: &str, depth: usize) -> Result<(), InterpolationError> {
        if depth > DEEPEST {
            return Err(InterpolationError::TooDeep);
        }
        let mut rest = raw;
        while let Some(at) = rest.find('%') {
            self.out.push_str(&rest[..at]);
            let tail = &rest[at + 1..];
            if let Some(tail) = tail.strip_prefix('%') {
                self.out.push('%');
                rest = tail;
            } else if let Some(tail) = tail.strip_prefix('(') {
                let (key, tail) = tail.split_once(')').ok_or(InterpolationError::Unclosed)?;
                rest = tail.strip_prefix('s').ok_or(InterpolationError::Unclosed)?;
                self.refer(key, depth)?;
            } else {
                return Err(InterpolationError::LonePercent);
            }
        }
        self.out.push_str(rest);
        Ok(())
    }

    fn refer(&mut self, key: &str, depth: usize) -> Result<(), InterpolationError> {
        if key.is_empty() {
            return Err(InterpolationError::Unclosed);
        }
        let value =
            (self.lookup)(key).ok_or_else(|| InterpolationError::Missing(super::fold(key)))?;
        self.references += 1;
        if self.references > MOST || self.out.len() + value.len() > LONGEST {
            return Err(InterpolationError::TooLong);
        }
        if value.contains('%') {
            self.append(value, depth + 1)
        } else {
            self.out.push_str(value);
            Ok(())
        }
    }
}
