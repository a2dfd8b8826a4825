//! A check as JSON.

use super::Checked;
use crate::config::{
    ini::{DEFAULT, Section},
    literal,
};
use serde_json::{Map, Value};

impl Checked {
    /// `sections` as Python's `configparser` gives them (texts after interpolation, the keys of
    /// `[DEFAULT]` in each), `values` as `ast.literal_eval` reads those that are literals, and
    /// `diagnostics`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let (mut sections, mut values) = (Map::new(), Vec::new());
        for section in self
            .document
            .sections()
            .iter()
            .filter(|section| section.name != DEFAULT)
        {
            let texts = self.texts(section);
            let read: Vec<(String, String)> = texts
                .iter()
                .filter_map(|(key, text)| {
                    let value = literal::parse(text.as_str()?).ok()?;
                    Some((key.clone(), value.to_json()))
                })
                .collect();
            sections.insert(section.name.clone(), texts.into());
            if !read.is_empty() {
                values.push((section.name.clone(), object(&read, 2)));
            }
        }
        let diagnostics: Vec<Value> = self
            .diagnostics
            .iter()
            .map(|finding| finding.to_json())
            .collect();
        let parts = [
            ("sections".to_owned(), pretty(&sections.into())),
            ("values".to_owned(), object(&values, 1)),
            ("diagnostics".to_owned(), pretty(&diagnostics.into())),
        ];
        object(&parts, 0)
    }

    /// The texts of a section; one that cannot be put together stays as it is written.
    fn texts(&self, section: &Section) -> Map<String, Value> {
        let text = |entry: &&_| self.document.value(&section.name, entry);
        let entries = self.document.entries(section);
        entries
            .iter()
            .map(|entry| {
                (
                    entry.key.clone(),
                    text(entry).unwrap_or_else(|_| entry.value.clone()).into(),
                )
            })
            .collect()
    }
}

/// An object of members that are JSON already, one a line. The values of literals may be numbers
/// that no [`Value`] holds.
fn object(members: &[(String, String)], depth: usize) -> String {
    if members.is_empty() {
        return "{}".to_owned();
    }
    let (outer, inner) = ("  ".repeat(depth), "  ".repeat(depth + 1));
    let lines: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("{inner}{}: {value}", Value::from(name.as_str())))
        .collect();
    format!("{{\n{}\n{outer}}}", lines.join(",\n"))
}

/// A value over several lines, as a member of the outermost object.
fn pretty(value: &Value) -> String {
    format!("{value:#}").replace('\n', "\n  ")
}
