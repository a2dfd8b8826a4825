//! The parser against Python's, and edits against their promises.

use super::{DEFAULT, Document, IniError};
use proptest::prelude::*;
use serde_json::{Map, Value};

const PYTHON: &str = include_str!("../../../../tests/fixtures/config/python.json");

/// The error that Python would raise: the first that stops it, else all wrong lines.
fn raised(document: &Document) -> Option<(&'static str, Vec<usize>)> {
    let line = |error: &IniError| document.position(error.span().start).line;
    let fatal = document.errors().iter().find_map(|error| match error {
        IniError::MissingSectionHeader(_) => Some(("MissingSectionHeaderError", vec![line(error)])),
        IniError::DuplicateSection { .. } => Some(("DuplicateSectionError", vec![line(error)])),
        IniError::DuplicateOption { .. } => Some(("DuplicateOptionError", vec![line(error)])),
        IniError::NotAnOption(_) | IniError::NoKey(_) => None,
    });
    let wrong = || ("ParsingError", document.errors().iter().map(line).collect());
    fatal.or_else(|| (!document.errors().is_empty()).then(wrong))
}

#[test]
fn every_text_is_read_as_python_reads_it() {
    let python: Value = serde_json::from_str(PYTHON).unwrap();
    for case in python["ini"].as_array().unwrap() {
        let text = case["text"].as_str().unwrap();
        // Python takes a byte order mark for text; here it is skipped.
        if text.starts_with('\u{feff}') {
            continue;
        }
        let document = Document::parse(text);
        let expected = case["error"].as_str().map(|class| {
            let lines = case["lines"].as_array().unwrap();
            (
                class,
                lines
                    .iter()
                    .map(|line| line.as_u64().unwrap() as usize)
                    .collect(),
            )
        });
        assert_eq!(raised(&document), expected, "{text:?}");
        if expected.is_some() {
            continue;
        }
        let mut sections = Map::new();
        let mut failed = Vec::new();
        for section in document
            .sections()
            .iter()
            .filter(|section| section.name != DEFAULT)
        {
            let mut texts = Map::new();
            for entry in document.entries(section) {
                let value = document.value(&section.name, entry).unwrap_or_else(|_| {
                    failed.push((section.name.clone(), entry.key.clone()));
                    entry.value.clone()
                });
                texts.insert(entry.key.clone(), value.into());
            }
            sections.insert(section.name.clone(), texts.into());
        }
        assert_eq!(Value::Object(sections), case["sections"], "{text:?}");
        let wrong = case["failed"].as_array().unwrap().iter();
        let wrong: Vec<_> = wrong
            .map(|it| {
                (
                    it[0].as_str().unwrap().to_owned(),
                    it[1].as_str().unwrap().to_owned(),
                )
            })
            .collect();
        assert_eq!(failed, wrong, "{text:?}");
    }
}

#[test]
fn spans_are_the_written_names_and_values() {
    let text = "\u{feff}[A]\r\n  Key : 'ä',\r\n\t# why\r\n\r\n    'b'\r\nnext=\r\n";
    let document = Document::parse(text);
    let section = document.section("A").unwrap();
    assert_eq!(section.name_span.of(text), "A");
    let entry = section.entry("KEY").unwrap();
    assert_eq!(entry.key_span.of(text), "Key");
    assert_eq!(entry.value, "'ä',\n\n'b'");
    assert_eq!(entry.value_span.of(text), "'ä',\r\n\t# why\r\n\r\n    'b'");
    assert_eq!(
        &text[entry.locate(entry.value.find("'b'").unwrap())..][..3],
        "'b'"
    );
    let position = document.position(entry.value_span.start);
    assert_eq!((position.line, position.column), (2, 9));
}

#[test]
fn all_errors_are_found_together() {
    let text = "early\nagain = 1\n[A]\nx = 1\nbad\nx = 2\n= 3\n[B]\ny = 1\n[A]\nz = 4\n";
    let document = Document::parse(text);
    let found: Vec<(usize, String)> = document
        .errors()
        .iter()
        .map(|error| {
            (
                document.position(error.span().start).line,
                error.to_string(),
            )
        })
        .collect();
    insta::assert_debug_snapshot!(found);
    // What could be read is there.
    assert_eq!(
        document.section("A").unwrap().entry("z").unwrap().value,
        "4"
    );
}

#[test]
fn edits_leave_the_rest() {
    let text = "# head\n[A]\n; about x\nx = 1\n\n  # inside\ny =2\n[B]\n";
    let mut document = Document::parse(text);
    document.set("A", "X", "one\ntwo").unwrap();
    document.set("A", "z", "3").unwrap();
    document.set("B", "k", "v").unwrap();
    document.set("C", "k", "").unwrap();
    document.remove("A", "y").unwrap();
    document.add_section("D").unwrap();
    insta::assert_snapshot!(document.text());
    assert!(document.set("A", "a=b", "1").is_err());
    assert!(document.set("A", "v", "1\n# 2").is_err());
    assert!(document.set("]", "v", "1").is_err());
    assert!(document.remove("A", "none").is_err());
}

#[test]
fn comments_inside_a_value_outlive_it() {
    let text = "[A]\nx = one\n    # of two\n    two\ny = 1\n";
    let mut document = Document::parse(text);
    document.set("A", "x", "1").unwrap();
    assert_eq!(document.text(), "[A]\nx = 1\n    # of two\ny = 1\n");
    let mut document = Document::parse(text);
    document.remove("A", "x").unwrap();
    assert_eq!(document.text(), "[A]\n    # of two\ny = 1\n");
}

#[test]
fn a_byte_order_mark_is_skipped_at_the_very_start_only() {
    let first = |text: &str| Document::parse(text).errors().len();
    assert_eq!(first("\u{feff}[A]\nx = 1\n"), 0);
    // Python takes it for a character of the line, too.
    assert_eq!(first(" \u{feff}[A]\nx = 1\n"), 1);
}

#[test]
fn references_are_found() {
    assert_eq!(
        super::references("%(a)s %% %%(b)s %(C.d)s %(e"),
        ["a", "c.d"]
    );
}

#[test]
fn a_key_is_not_continued_by_the_line_after_it() {
    let mut document = Document::parse("[A]\n\n# why\n  [B]\n  x = 1\n");
    document.set("A", "k", "v").unwrap();
    assert_eq!(document.text(), "[A]\n  k = v\n\n# why\n  [B]\n  x = 1\n");
    assert_eq!(values(&document).len(), 2);
}

#[test]
fn references_cannot_blow_up() {
    let mut text = String::from("[A]\nk0 = \n");
    for i in 1..9 {
        text.push_str(&format!(
            "k{i} = {}\n",
            format!("%(k{})s", i - 1).repeat(40)
        ));
    }
    let document = Document::parse(text);
    let entry = document.entry("A", "k8").unwrap();
    assert!(document.value("A", entry).is_err());
}

/// Lines of all kinds, most of them right.
fn lines() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        3 => "[a-z]{1,3} ?[=:] ?[a-z'\\[\\], ]{0,6}",
        1 => " {0,2}\\[[A-C]\\]",
        1 => "[ \t]{1,4}[a-z]{1,5}",
        1 => "[#;] ?[a-z =]{0,6}",
        1 => " {0,2}",
        1 => "\\PC{0,8}",
    ];
    (
        prop::collection::vec(line, 0..14),
        prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
    )
        .prop_map(|(lines, end)| format!("[A]{end}{}", lines.join(end)))
}

/// Every value of a document, by section and key.
fn values(document: &Document) -> Vec<(String, String, String)> {
    let sections = document.sections().iter();
    sections
        .flat_map(|section| {
            section
                .entries
                .iter()
                .map(|entry| (section.name.clone(), entry.key.clone(), entry.value.clone()))
        })
        .collect()
}

/// The comments and the keys with their values, line by line.
fn comments(text: &str) -> Vec<&str> {
    text.split(['\n', '\r'])
        .map(str::trim)
        .filter(|line| line.starts_with(['#', ';']))
        .collect()
}

proptest! {
    // Many texts are wrong in some way, and edits are only promised for right ones.
    #![proptest_config(ProptestConfig { max_global_rejects: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn parsing_keeps_every_character(text in "\\PC*|[\\[\\]a=:%()s#;\n\r \t]{0,60}") {
        let document = Document::parse(text.as_str());
        prop_assert_eq!(document.text(), text.as_str());
        for section in document.sections() {
            for entry in document.entries(section) {
                let _ = document.value(&section.name, entry);
                prop_assert_eq!(entry.key_span.of(&text).to_lowercase(), entry.key.as_str());
            }
        }
    }

    #[test]
    fn a_set_key_is_read_back_and_the_rest_stays(
        text in lines(), section in "[A-D]", key in "[a-z]{1,3}", value in "[a-z0-9\\[\\]', ]{0,8}(\n[a-z]{1,4})?",
    ) {
        let before = Document::parse(text.as_str());
        prop_assume!(before.errors().is_empty());
        let mut after = before.clone();
        after.set(&section, &key, &value).unwrap();
        prop_assert!(after.errors().is_empty(), "{:?}", after.text());
        let read = after.section(&section).and_then(|own| own.entry(&key)).unwrap().value.clone();
        let wanted: Vec<&str> = value.trim().lines().map(str::trim).collect();
        prop_assert_eq!(read, wanted.join("\n"));
        let rest = |document: &Document| {
            values(document).into_iter().filter(|(s, k, _)| (s, k) != (&section, &key)).collect::<Vec<_>>()
        };
        prop_assert_eq!(rest(&before), rest(&after));
        prop_assert_eq!(comments(before.text()), comments(after.text()));
    }

    #[test]
    fn a_removed_key_is_gone_and_the_rest_stays(text in lines(), pick in any::<prop::sample::Index>()) {
        let before = Document::parse(text.as_str());
        let all = values(&before);
        prop_assume!(before.errors().is_empty() && !all.is_empty());
        let (section, key, _) = pick.get(&all).clone();
        let mut after = before.clone();
        after.remove(&section, &key).unwrap();
        prop_assert_eq!(comments(before.text()), comments(after.text()));
        let rest: Vec<_> = all.iter().filter(|(s, k, _)| (s, k) != (&section, &key)).cloned().collect();
        prop_assert_eq!(values(&after), rest);
        prop_assert!(after.errors().is_empty());
    }
}
