//! The table for a terminal, for the documentation, and for an editor.

use super::{Key, Kind, all};
use crate::config::check::suggest;
use serde_json::{Value, json as object};
use std::fmt::Write as _;

impl Key {
    /// Type, choices and range together.
    #[must_use]
    pub fn values(&self) -> String {
        if !self.choices.is_empty() {
            return self.choices.join(", ");
        }
        match &self.range {
            Some(range) => format!("{}, {}", self.kind.word(), range.words()),
            None => self.kind.word().to_owned(),
        }
    }
}

/// The keys whose section or name contains `filter` (case is ignored), aligned for a terminal.
#[must_use]
pub fn text(filter: &str) -> String {
    let filter = filter.to_lowercase();
    let wanted = |key: &&Key| {
        format!("[{}] {}", key.section, key.name)
            .to_lowercase()
            .contains(&filter)
    };
    let keys: Vec<&Key> = all().filter(wanted).collect();
    let width = |column: fn(&Key) -> usize| keys.iter().map(|key| column(key)).max().unwrap_or(0);
    let (names, defaults) = (
        width(|key| key.name.len()),
        width(|key| key.default.len()).min(12),
    );
    let mut out = String::new();
    let mut section = "";
    for key in keys {
        if section != key.section {
            let gap = if section.is_empty() { "" } else { "\n" };
            let also = if key.section == "FINETUNE" {
                "  (or [MODEL])"
            } else {
                ""
            };
            let _ = writeln!(out, "{gap}[{}]{also}", key.section);
            section = key.section;
        }
        let default = if key.default.is_empty() {
            "-"
        } else {
            key.default
        };
        let _ = writeln!(
            out,
            "  {:<names$}  {default:<defaults$}  {}",
            key.name, key.doc
        );
        let indent = " ".repeat(names + defaults + 6);
        let _ = writeln!(out, "{indent}{}; {}", key.values(), key.status.words());
    }
    out
}

/// The key whose name is most like `word`, if any is.
#[must_use]
pub fn nearest(word: &str) -> Option<&'static Key> {
    let name = suggest::nearest(word, all().map(|key| key.name))?;
    all().find(|key| key.name == name)
}

/// The documentation's table of all keys.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::from(HEAD);
    let mut section = "";
    for key in all() {
        if section != key.section {
            section = key.section;
            let _ = write!(out, "\n## [{section}]\n\n{COLUMNS}");
        }
        let default = if key.default.is_empty() {
            String::new()
        } else {
            format!("`{}`", key.default)
        };
        let cells = [
            format!("`{}`", key.name),
            key.values(),
            default,
            key.status.words().into(),
            key.doc.into(),
        ];
        let _ = writeln!(
            out,
            "| {} |",
            cells.map(|cell| cell.replace('|', "\\|")).join(" | ")
        );
    }
    out
}

const HEAD: &str = "# Keys of the INI

This page is generated from the table in `shared/src/config/keys` (`voxtune keys --markdown`).

Sections are case-sensitive, keys are not. Keys of `[FINETUNE]` are read from `[MODEL]` too; where
both have one, `[FINETUNE]` wins and a warning is given. `<db>` stands for a name in `databases`.
How this differs from Nkululeko stands in [compatibility.md](compatibility.md).

- *acts*: the key does what it says.
- *no effect on fine-tuning*: Nkululeko reads it for other models only.
- *in the original only*: it belongs to a part of Nkululeko that is not here.
";

const COLUMNS: &str = "| key | values | default | status | meaning |\n|---|---|---|---|---|\n";

/// The table for an editor's completion: an array of objects with `section`, `also` (another
/// section that it is read from), `name`, `type`, `default`, `choices`, `range`, `status`, `doc`.
#[must_use]
pub fn json() -> Value {
    let row = |key: &Key| {
        let choices = if key.kind == Kind::Boolean {
            vec!["True", "False"]
        } else {
            key.choices.to_vec()
        };
        object!({
            "section": key.section,
            "also": (key.section == "FINETUNE").then_some("MODEL"),
            "name": key.name,
            "type": key.kind.word(),
            "default": (!key.default.is_empty()).then_some(key.default),
            "choices": choices,
            "range": key.range.map(|range| range.words()),
            "status": key.status.words(),
            "doc": key.doc,
        })
    };
    Value::Array(all().map(row).collect())
}
