//! A check as JSON.

use super::Checked;
use crate::config::{
    ini::{DEFAULT, Section},
    literal,
};
use serde_json::{Map, Value, json};

impl Checked {
    /// `sections` as Python's `configparser` gives them (texts after interpolation, the keys of
    /// `[DEFAULT]` in each), `values` as `ast.literal_eval` reads those that are literals, and
    /// `diagnostics`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let (mut sections, mut values) = (Map::new(), Map::new());
        for section in self
            .document
            .sections()
            .iter()
            .filter(|section| section.name != DEFAULT)
        {
            let texts = self.texts(section);
            let literal = |text: &Value| literal::parse(text.as_str()?).ok();
            let read: Map<String, Value> = texts
                .iter()
                .filter_map(|(key, text)| Some((key.clone(), literal(text)?.to_json())))
                .collect();
            sections.insert(section.name.clone(), texts.into());
            if !read.is_empty() {
                values.insert(section.name.clone(), read.into());
            }
        }
        let diagnostics: Vec<Value> = self
            .diagnostics
            .iter()
            .map(|finding| finding.to_json())
            .collect();
        json!({ "sections": sections, "values": values, "diagnostics": diagnostics })
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
