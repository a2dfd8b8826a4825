//! Dicts: `mapping`, `colnames`, `filter`.

use super::value::{Wrong, literal};
use crate::config::{Mapping, literal::Literal};

/// `{'old': 'new'}`.
pub(super) fn pairs(text: &str) -> Result<Vec<(String, String)>, Wrong> {
    match literal(text)? {
        Literal::Dict(entries) => names(&entries, false),
        other => Err(Wrong::kind(
            format!(
                "it must be a dict, {{'old': 'new'}}, and this is {}",
                other.kind()
            ),
            None,
        )),
    }
}

/// `{'old': 'new'}`, where an old name may be several with commas between them, or
/// `{'column': {'old': 'new'}}`.
pub(super) fn mapping(text: &str) -> Result<Mapping, Wrong> {
    let Literal::Dict(entries) = literal(text)? else {
        return Err(Wrong::kind(
            "it must be a dict: {'old': 'new'} or {'column': {'old': 'new'}}",
            None,
        ));
    };
    let nested = entries
        .iter()
        .filter(|(_, value)| matches!(value, Literal::Dict(_)))
        .count();
    if nested == 0 {
        return Ok(Mapping::Target(names(&entries, true)?));
    }
    let column = |(column, value): &(Literal, Literal)| match value {
        Literal::Dict(inner) => Ok((column.text(), names(inner, true)?)),
        _ => Err(Wrong::kind(
            "either each value of the dict is a dict, or none",
            None,
        )),
    };
    Ok(Mapping::Columns(
        entries.iter().map(column).collect::<Result<_, _>>()?,
    ))
}

/// Old and new names. A later entry of the same old name replaces an earlier one.
fn names(entries: &[(Literal, Literal)], several: bool) -> Result<Vec<(String, String)>, Wrong> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (key, value) in entries {
        if key.items().is_some() || matches!(key, Literal::Dict(_) | Literal::None) {
            return Err(Wrong::kind(
                format!(
                    "the old name `{}` must be a text or a number; for several write 'a, b'",
                    key.text()
                ),
                None,
            ));
        }
        if value.items().is_some() || matches!(value, Literal::Dict(_) | Literal::None) {
            return Err(Wrong::kind(
                format!("the new name of `{}` must be a text", key.text()),
                None,
            ));
        }
        let key = key.text();
        let olds: Vec<&str> = if several {
            key.split(',').map(str::trim).collect()
        } else {
            vec![&key]
        };
        for old in olds.into_iter().filter(|old| !old.is_empty()) {
            pairs.retain(|(known, _)| known != old);
            pairs.push((old.to_owned(), value.text()));
        }
    }
    Ok(pairs)
}

/// `{'column': ['value', ..]}`, `[['column', 'value'], ..]` or one such pair; a value may be a list.
pub(super) fn filter(text: &str) -> Result<Vec<(String, Vec<String>)>, Wrong> {
    let values = |value: &Literal| match value.items() {
        Some(items) => items.iter().map(Literal::text).collect(),
        None => vec![value.text()],
    };
    let pair = |items: &[Literal]| match items {
        [Literal::Str(column), value] => Some((column.clone(), values(value))),
        _ => None,
    };
    let literal = literal(text)?;
    let read = match &literal {
        Literal::Dict(entries) => Some(
            entries
                .iter()
                .map(|(column, value)| (column.text(), values(value)))
                .collect(),
        ),
        _ => literal.items().and_then(|items| match pair(items) {
            Some(single) => Some(vec![single]),
            None => items.iter().map(|item| pair(item.items()?)).collect(),
        }),
    };
    read.ok_or_else(|| Wrong::kind("it must be a dict, {'column': ['value']}", None))
}
