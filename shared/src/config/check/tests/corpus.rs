//! INIs as Nkululeko's users write them.

use super::{Mode, checked, shown};
use crate::{config::check, files::Disk};
use serde_json::Value;
use std::{fs, path::PathBuf};

const FOLDER: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../tests/fixtures/config/nkululeko"
);

fn inis() -> Vec<PathBuf> {
    let mut inis: Vec<PathBuf> = fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    inis.retain(|path| path.extension().is_some_and(|extension| extension == "ini"));
    inis.sort();
    inis
}

#[test]
fn sections_and_values_are_pythons() {
    assert!(inis().len() > 30);
    for path in inis() {
        let text = fs::read_to_string(&path).unwrap();
        let json = check(&text, &Disk, Mode::Check).to_json();
        let json: Value = serde_json::from_str(&json).unwrap();
        let expected: Value =
            serde_json::from_slice(&fs::read(path.with_extension("json")).unwrap()).unwrap();
        assert_eq!(json["sections"], expected["sections"], "{}", path.display());
        assert_eq!(json["values"], expected["values"], "{}", path.display());
    }
}

#[test]
fn what_is_said_about_some() {
    for name in [
        "examples__exp_emodb_finetune",
        "meta__demos__exp_emodb_wav2vec",
        "examples__data_roots",
    ] {
        let text = fs::read_to_string(format!("{FOLDER}/{name}.ini")).unwrap();
        insta::assert_snapshot!(name, shown(&text, Mode::Check));
    }
}

#[test]
fn the_example_of_an_audformat_database() {
    let page = include_str!("../../../../../docs/audformat.md");
    let text = page.split("```").nth(1).unwrap();
    let text = text.strip_prefix("ini\n").unwrap();
    // Files in memory have plain names.
    let text = text.replace("= ./", "= ");
    let findings = checked(&text, Mode::Run).diagnostics;
    assert!(findings.is_empty(), "{findings:#?}");
}

#[test]
fn the_pages_templates_are_right() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../static/templates");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let findings = checked(&text, Mode::Text).diagnostics;
        let bad = findings
            .iter()
            .find(|finding| finding.severity != crate::config::diagnostics::Severity::Info);
        assert_eq!(bad, None, "{}", path.display());
        count += 1;
    }
    assert!(count > 3);
}
