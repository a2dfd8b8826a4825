//! What stands at a place of a text.

use crate::config::{
    ini::Document,
    keys::{self, Key},
    literal::{self, Literal},
    span::{Span, lines},
};

/// What stands at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place<'t> {
    /// A section's name, without its brackets.
    Header(Span),
    /// A key of a section.
    Key {
        /// The section's name.
        section: &'t str,
        /// The key as far as it is written.
        span: Span,
    },
    /// The value of a key.
    Value {
        /// The section's name.
        section: &'t str,
        /// The key, as it is written.
        key: &'t str,
        /// The line of the value, from its first character.
        span: Span,
    },
    /// A comment, or nothing that could be completed.
    Nothing,
}

/// Finds what stands at byte `at`, as `configparser` reads the lines up to there.
pub(super) fn place(text: &str, at: usize) -> Place<'_> {
    let mut section = "";
    let mut open: Option<(usize, &str)> = None;
    for line in lines(text) {
        let here = (line.span.start..=line.span.end).contains(&at);
        let content = line.span.of(text);
        let body = content.trim_start();
        let indent = content.len() - body.len();
        let start = line.span.start + indent;
        let end = line.span.end;
        if body.starts_with(['#', ';']) {
            if here {
                return Place::Nothing;
            }
            continue;
        }
        if let Some((deep, key)) = open
            && (indent > deep || body.is_empty())
            && !(here && body.is_empty() && indent <= deep)
        {
            if here {
                let span = Span::new(start, end);
                return Place::Value { section, key, span };
            }
            continue;
        }
        if let Some(name) = body.strip_prefix('[') {
            let name = name.split(']').next().unwrap_or_default();
            if here {
                return Place::Header(Span::new(start + 1, start + 1 + name.len()));
            }
            section = name;
            open = None;
            continue;
        }
        let sign = body.find(['=', ':']);
        let key = body[..sign.unwrap_or(body.len())].trim_end();
        if here {
            let Some(sign) = sign.filter(|sign| at > start + sign) else {
                let span = Span::new(start, start + key.len());
                return Place::Key { section, span };
            };
            let after = &body[sign + 1..];
            let gap = after.len() - after.trim_start().len();
            let span = Span::new(start + sign + 1 + gap, end);
            return Place::Value { section, key, span };
        }
        if !body.is_empty() {
            open = Some((indent, key));
        }
    }
    Place::Nothing
}

/// The names in `databases`, as far as they can be read.
#[must_use]
pub fn databases(document: &Document) -> Vec<String> {
    let entry = document.entry("DATA", "databases");
    let value = entry.and_then(|entry| document.value("DATA", entry).ok());
    let Some(Ok(parsed)) = value.as_deref().map(literal::parse) else {
        return Vec::new();
    };
    let name = |item: &Literal| match item {
        Literal::Str(name) => Some(name.clone()),
        _ => None,
    };
    parsed
        .items()
        .unwrap_or_default()
        .iter()
        .filter_map(name)
        .collect()
}

/// The row of a key that is written as `name`: `<db>` stands for one of `databases`.
pub(super) fn row(section: &str, name: &str, databases: &[String]) -> Option<&'static Key> {
    let name = name.to_lowercase();
    let own = |database: &String| {
        let rest = name.strip_prefix(&database.to_lowercase())?;
        (rest.is_empty() || rest.starts_with('.'))
            .then(|| keys::row("DATA", &format!("<db>{rest}")))?
    };
    let of_database = (section == "DATA")
        .then(|| databases.iter().find_map(own))
        .flatten();
    of_database.or_else(|| keys::find(section, &name).map(|(key, _)| key))
}
