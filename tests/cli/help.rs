//! What the program says about itself.

use crate::program::voxtune;
use std::path::Path;

const HERE: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn help_reads_like_a_manual() {
    let commands = [
        "", "run", "check", "keys", "devices", "data", "embed", "predict", "export", "push",
        "compare",
    ];
    for command in commands {
        let mut arguments: Vec<&str> = command.split_terminator(' ').collect();
        arguments.push("--help");
        let outcome = voxtune(Path::new(HERE), arguments).with_status(0);
        let name = if command.is_empty() {
            "voxtune"
        } else {
            command
        };
        insta::assert_snapshot!(format!("help-{name}"), outcome.stdout);
    }
}

#[test]
fn version() {
    let outcome = voxtune(Path::new(HERE), ["--version"]).with_status(0);
    assert_eq!(
        outcome.stdout,
        format!("voxtune {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn a_wrong_command_line_ends_with_status_2() {
    for arguments in [
        vec!["tune"],
        vec!["run"],
        vec!["check", "a.ini", "--no-such-option"],
        vec![],
    ] {
        let outcome = voxtune(Path::new(HERE), &arguments).with_status(2);
        assert!(
            outcome.stderr.contains("Usage: voxtune"),
            "{arguments:?}: {}",
            outcome.stderr
        );
        assert_eq!(outcome.stdout, "", "{arguments:?}");
    }
}

#[test]
fn keys_are_listed_as_text_json_and_markdown() {
    let text = voxtune(Path::new(HERE), ["keys"]).with_status(0).stdout;
    let some = voxtune(Path::new(HERE), ["keys", "learning_rate"])
        .with_status(0)
        .stdout;
    assert!(text.contains("learning_rate") && text.contains("split_strategy"));
    assert!(some.contains("learning_rate") && !some.contains("split_strategy"));

    let json = voxtune(Path::new(HERE), ["keys", "--json"])
        .with_status(0)
        .json();
    assert!(json.to_string().contains("\"gradient_accumulation\""));
    let markdown = voxtune(Path::new(HERE), ["keys", "--markdown"])
        .with_status(0)
        .stdout;
    assert!(markdown.contains("| ") && markdown.contains("gradient_accumulation"));
}

#[test]
fn the_cpu_is_always_a_device() {
    let json = voxtune(Path::new(HERE), ["devices", "--json"])
        .with_status(0)
        .json();
    let ids: Vec<&str> = json
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|device| device["id"].as_str())
        .collect();
    assert!(ids.contains(&"cpu"), "{ids:?}");
    let text = voxtune(Path::new(HERE), ["devices"]).with_status(0).stdout;
    assert_eq!(text.lines().count(), ids.len());
}
