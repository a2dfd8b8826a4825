//! The table, and the page that is made of it.

use super::{Kind, all, find, json, markdown, row, text};
use crate::config::literal;

#[test]
fn the_documentation_is_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/keys.md");
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == markdown(),
        "write it anew: voxtune keys --markdown > docs/keys.md"
    );
}

#[test]
fn defaults_are_values_of_their_keys() {
    for key in all() {
        let (name, default) = (key.name, key.default);
        if default.is_empty() || default == "False" {
            continue;
        }
        if !key.choices.is_empty() {
            assert!(key.choices.contains(&default), "{name}: {default}");
        }
        if matches!(key.kind, Kind::Number | Kind::Integer) {
            let value: f64 = default.parse().unwrap();
            assert!(
                key.range.is_none_or(|range| range.contains(value)),
                "{name}: {default}"
            );
        }
        if matches!(key.kind, Kind::Texts | Kind::Dict | Kind::Boolean) {
            assert!(literal::parse(default).is_ok(), "{name}: {default}");
        }
        assert!(
            key.doc.ends_with('.'),
            "{name}: a sentence ends in a full stop"
        );
    }
}

#[test]
fn no_key_stands_twice() {
    let mut seen = std::collections::BTreeSet::new();
    for key in all() {
        assert!(
            seen.insert((key.section, key.name.to_lowercase())),
            "[{}] {}",
            key.section,
            key.name
        );
    }
}

#[test]
fn names_are_found_with_their_patterns() {
    let name = |section, key| find(section, key).map(|(row, part)| (row.section, row.name, part));
    assert_eq!(
        name("MODEL", "batch_size"),
        Some(("FINETUNE", "batch_size", ""))
    );
    assert_eq!(name("MODEL", "c_val"), Some(("MODEL", "C_val", "")));
    assert_eq!(
        name("DATA", "my.db.split_strategy"),
        Some(("DATA", "<db>.split_strategy", "my.db"))
    );
    assert_eq!(
        name("DATA", "x.reverse.max"),
        Some(("DATA", "<db>.reverse.max", "x"))
    );
    assert_eq!(
        name("DATA", "age_bins"),
        Some(("DATA", "<column>_bins", "age"))
    );
    assert_eq!(
        name("DATA", "filter.sample_selection"),
        Some(("DATA", "filter.sample_selection", ""))
    );
    assert_eq!(name("DATA", "emodb"), None);
    assert_eq!(name("EXP", "batch_size"), None);
    assert!(row("DATA", "<db>").is_some());
}

#[test]
fn a_terminal_shows_them() {
    insta::assert_snapshot!(text("patience"));
    insta::assert_snapshot!(text("<db>.type"));
    insta::assert_json_snapshot!(
        json()
            .as_array()
            .unwrap()
            .iter()
            .find(|key| key["name"] == "drop")
    );
}
