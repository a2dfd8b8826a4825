//! Fixes do what they say.

use super::{BASE, Mode, checked, with};
use crate::config::{diagnostics::Code, ini::Document};

/// The text after the fix of the first finding with `code`.
fn fixed(text: &str, code: Code) -> String {
    let checked = checked(text, Mode::Check);
    let finding = checked
        .diagnostics
        .iter()
        .find(|finding| finding.code == code)
        .expect("a finding");
    let edits = &finding.fix.as_ref().expect("a fix").edits;
    assert!(!edits.is_empty(), "{}", finding.message);
    let text = checked.document.apply(edits).text().to_owned();
    assert!(
        !super::checked(&text, Mode::Check)
            .diagnostics
            .iter()
            .any(|left| left == finding),
        "{text}"
    );
    text
}

/// The value of a key after the fix.
fn value(text: &str, section: &str, key: &str) -> Option<String> {
    Document::parse(text)
        .entry(section, key)
        .map(|entry| entry.value.clone())
}

#[test]
fn names_and_values_are_put_right() {
    for (line, code, section, key, right) in [
        ("EXP epoch = 3", Code::UnknownKey, "EXP", "epochs", "3"),
        (
            "DATA d.tests_size = 30",
            Code::UnknownKey,
            "DATA",
            "d.test_size",
            "30",
        ),
        (
            "DATA split_strategy = random",
            Code::UnknownKey,
            "DATA",
            "d.split_strategy",
            "random",
        ),
        ("MODEL epochs = 3", Code::WrongSection, "EXP", "epochs", "3"),
        (
            "FINETUNE duration = 3",
            Code::Alias,
            "FINETUNE",
            "max_duration",
            "3",
        ),
        (
            "DATA databases = d",
            Code::WrongType,
            "DATA",
            "databases",
            "['d']",
        ),
        (
            "DATA labels = anger, joy",
            Code::WrongType,
            "DATA",
            "labels",
            "['anger', 'joy']",
        ),
        ("EXP epochs = 3.0", Code::WrongType, "EXP", "epochs", "3"),
        (
            "EXP epochs = 3 # passes",
            Code::InlineComment,
            "EXP",
            "epochs",
            "3",
        ),
        ("EXP name = 'demo'", Code::Quotes, "EXP", "name", "demo"),
        (
            "FINETUNE pooling = meen",
            Code::UnknownValue,
            "FINETUNE",
            "pooling",
            "mean",
        ),
        (
            "FEATS type = ['os']",
            Code::FeatsType,
            "FEATS",
            "type",
            "[]",
        ),
        (
            "FINETUNE loss = mse",
            Code::LossForTask,
            "FINETUNE",
            "loss",
            "cross",
        ),
        (
            "MODEL batch_size = 4",
            Code::OtherSection,
            "FINETUNE",
            "batch_size",
            "4",
        ),
        (
            "DATA d = e.csv",
            Code::MissingPath,
            "DATA",
            "d",
            "beside/e.csv",
        ),
        (
            "DATA d = dataset:5eed/deep/e.csv",
            Code::MissingPath,
            "DATA",
            "d",
            "beside/e.csv",
        ),
        (
            "DATA d.dev_size = 30",
            Code::NoEffect,
            "EXP",
            "traindevtest",
            "True",
        ),
    ] {
        let text = fixed(&with(&[line]), code);
        assert_eq!(
            value(&text, section, key).as_deref(),
            Some(right),
            "{line}:\n{text}"
        );
    }
}

#[test]
fn a_fix_leaves_a_text_that_is_right() {
    // Each time the key or the section that the fix would make is there already, or the value holds
    // something that the edit must not lose.
    for (lines, code, section, key, right) in [
        (
            vec!["FINETUNE duration = 3", "FINETUNE max_duration = 4"],
            Code::Alias,
            "FINETUNE",
            "max_duration",
            "4",
        ),
        (
            vec!["EXP epoch = 3", "EXP epochs = 4"],
            Code::UnknownKey,
            "EXP",
            "epochs",
            "4",
        ),
        (
            vec!["MODEL epochs = 3", "EXP epochs = 10"],
            Code::WrongSection,
            "EXP",
            "epochs",
            "10",
        ),
        (
            vec![
                "DATA databases = ['emodb']",
                "DATA emodb = d.csv",
                "DATA emodb.type = csv",
                "DATA emdob.test_size = 30",
                "DATA emodb.test_size = 40",
            ],
            Code::UnknownKey,
            "DATA",
            "emodb.test_size",
            "40",
        ),
        (
            vec!["EXP res_name = '50%%'"],
            Code::Quotes,
            "EXP",
            "res_name",
            "50%%",
        ),
        (
            vec!["EXP res_name = '%(name)s'"],
            Code::Quotes,
            "EXP",
            "res_name",
            "%(name)s",
        ),
        (
            vec!["DATA labels = 100%%, b"],
            Code::WrongType,
            "DATA",
            "labels",
            "['100%%', 'b']",
        ),
        (
            vec!["MODEL x = 5", "MODEL epochs = %(x)s"],
            Code::WrongSection,
            "EXP",
            "epochs",
            "5",
        ),
        (
            vec!["Model batch_size = 3"],
            Code::UnknownSection,
            "MODEL",
            "batch_size",
            "3",
        ),
        (
            vec!["DATA random_seed = 3"],
            Code::WrongSection,
            "FINETUNE",
            "seed",
            "3",
        ),
        (
            vec!["FINETUNE random_seed = 3"],
            Code::UnknownKey,
            "FINETUNE",
            "seed",
            "3",
        ),
    ] {
        let text = fixed(&with(&lines), code);
        assert!(Document::parse(text.as_str()).errors().is_empty(), "{text}");
        assert_eq!(
            value(&text, section, key).as_deref(),
            Some(right),
            "{lines:?}:\n{text}"
        );
    }
}

#[test]
fn what_others_refer_to_stays_where_it_is() {
    let text = with(&["MODEL epochs = 3", "MODEL n = %(epochs)s"]);
    let findings = checked(&text, Mode::Check).diagnostics;
    let moved = findings
        .iter()
        .any(|finding| finding.code == Code::WrongSection);
    assert!(!moved, "it is there for `n`");
}

#[test]
fn a_missing_type_is_added() {
    let text = fixed(&BASE.replace("d.type = csv\n", ""), Code::WrongType);
    assert_eq!(value(&text, "DATA", "d.type").as_deref(), Some("csv"));
}

#[test]
fn the_older_layout_becomes_the_newer_one_and_means_the_same() {
    let old = with(&["FINETUNE batch_size = 4"]).replace("[FINETUNE]\n", "");
    let new = fixed(&old, Code::OldLayout);
    insta::assert_snapshot!(new);
    let experiment = |text: &str| {
        checked(text, Mode::Check)
            .experiment
            .expect("an experiment")
    };
    assert_eq!(experiment(&old).tuning, experiment(&new).tuning);
}
