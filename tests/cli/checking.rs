//! `voxtune check`: findings, JSON, exit statuses.

use crate::{
    corpus,
    program::{Outcome, voxtune},
};
use serde_json::{Value, json};
use std::{fs, path::Path};
use tempfile::TempDir;

fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    corpus::write(folder.path());
    folder
}

fn check(folder: &Path, ini: &str, more: &[&str]) -> Outcome {
    fs::write(folder.join("x.ini"), ini).expect("the experiment");
    voxtune(folder, ["check", "x.ini"].iter().chain(more))
}

#[test]
fn a_right_ini_has_no_findings() {
    let folder = folder();
    let outcome = check(folder.path(), &corpus::ini(), &[]).with_status(0);
    let (findings, needs) = outcome.stdout.split_once('\n').expect("two lines");
    assert_eq!(findings, "x.ini: 0 errors, 0 warnings");
    assert!(needs.starts_with("training needs about "), "{needs}");
    assert_eq!(needs.lines().count(), 1, "{needs}");
    assert_eq!(outcome.stderr, "");
}

#[test]
fn findings_have_a_place_and_a_remedy() {
    let folder = folder();
    let ini = corpus::ini().replace("batch_size = 4", "bacth_size = 4");
    let line = ini
        .lines()
        .position(|line| line.starts_with("bacth_size"))
        .expect("the line")
        + 1;
    let outcome = check(folder.path(), &ini, &[]);
    assert!(
        outcome.stdout.contains(&format!("x.ini:{line}:1\n")),
        "{}",
        outcome.stdout
    );
    assert!(
        outcome.stdout.contains("fix: ") && outcome.stdout.contains("batch_size"),
        "{}",
        outcome.stdout
    );
    assert_eq!(outcome.stderr, "", "findings are what was asked for");
}

#[test]
fn errors_give_status_3() {
    let folder = folder();
    let ini = corpus::ini().replace("batch_size = 4", "batch_size = four");
    let outcome = check(folder.path(), &ini, &[]).with_status(3);
    assert!(
        outcome.stdout.ends_with("x.ini: 1 errors, 0 warnings\n"),
        "{}",
        outcome.stdout
    );
    assert!(outcome.stdout.contains("batch_size"), "{}", outcome.stdout);

    let outcome = voxtune(folder.path(), ["run", "x.ini"]).with_status(3);
    assert!(outcome.stderr.contains("batch_size"), "{}", outcome.stderr);
    assert!(
        !folder.path().join("results").exists(),
        "nothing was started"
    );
}

#[test]
fn json_has_sections_values_and_diagnostics() {
    let folder = folder();
    let ini = corpus::ini().replace("name = tones", "name = 50%%\nruns = zero");
    let outcome = check(folder.path(), &ini, &["--json"]).with_status(3);
    let json = outcome.json();
    assert_eq!(
        json["sections"]["EXP"]["name"], "50%",
        "text after interpolation"
    );
    assert_eq!(json["sections"]["DATA"]["databases"], "['tones']");
    assert_eq!(
        json["values"]["DATA"]["databases"],
        json!(["tones"]),
        "literals as JSON"
    );
    assert_eq!(json["values"]["FINETUNE"]["batch_size"], 4);

    let found = json["diagnostics"].as_array().expect("a list");
    let wrong = found
        .iter()
        .find(|one| one["severity"] == "error")
        .expect("an error");
    assert_eq!((&wrong["line"], &wrong["column"]), (&json!(4), &json!(8)));
    assert_eq!(
        (&wrong["end_line"], &wrong["end_column"]),
        (&json!(4), &json!(12))
    );
    assert!(wrong["code"].is_string() && wrong["message"].is_string());
    assert!(
        wrong
            .get("fix")
            .is_some_and(|fix| fix.is_null() || fix.is_string())
    );
    assert_eq!(outcome.stderr, "", "findings are in the JSON alone");
    assert!(matches!(json, Value::Object(ref map) if map.len() == 3));
}

#[test]
fn set_changes_a_key_for_one_call() {
    let folder = folder();
    let outcome = check(
        folder.path(),
        &corpus::ini(),
        &["--json", "--set", "FINETUNE.batch_size=2"],
    )
    .with_status(0);
    assert_eq!(outcome.json()["values"]["FINETUNE"]["batch_size"], 2);
    assert!(
        fs::read_to_string(folder.path().join("x.ini"))
            .expect("the file")
            .contains("batch_size = 4")
    );
    check(
        folder.path(),
        &corpus::ini(),
        &["--set", "FINETUNE.batch_size=two"],
    )
    .with_status(3);
    check(folder.path(), &corpus::ini(), &["--set", "batch_size"]).with_status(2);
}

#[test]
fn the_command_line_is_checked_before_the_work() {
    let folder = folder();
    fs::write(folder.path().join("x.ini"), corpus::ini()).expect("the experiment");
    let outcome = voxtune(folder.path(), ["run", "x.ini", "--device", "gpu"]).with_status(2);
    assert!(outcome.stderr.contains("vulkan"), "{}", outcome.stderr);
    let outcome = voxtune(folder.path(), ["keys", "pateince"]).with_status(2);
    assert!(outcome.stderr.contains("`patience`"), "{}", outcome.stderr);
    assert_eq!(outcome.stdout, "");
}

#[test]
fn a_path_beside_the_ini_is_found() {
    let folder = folder();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).expect("a folder");
    fs::write(inner.join("y.csv"), "file,emotion\n").expect("a table");
    let ini = corpus::ini().replace("tones = ", "tones = y.csv\n# ");
    fs::write(inner.join("x.ini"), ini).expect("the experiment");
    let outcome = voxtune(folder.path(), ["check", "inner/x.ini"]);
    assert!(
        outcome
            .stdout
            .contains("exists beside the INI: write `inner/y.csv`"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn data_need_no_model() {
    let folder = folder();
    let ini = corpus::ini();
    let model = ini
        .lines()
        .find(|line| line.starts_with("pretrained_model"))
        .expect("the model");
    let ini = ini.replace(model, "pretrained_model = ./absent");
    fs::write(folder.path().join("x.ini"), ini).expect("the experiment");
    voxtune(folder.path(), ["run", "x.ini", "--dry-run"]).with_status(3);
    let outcome = voxtune(folder.path(), ["data", "x.ini"]).with_status(0);
    assert!(outcome.stdout.contains("train"), "{}", outcome.stdout);
}

#[test]
fn numbers_keep_their_digits() {
    let folder = folder();
    let big = "123456789012345678901234567890";
    let ini = corpus::ini().replace("[EXP]\n", &format!("[EXP]\nres_name = {big}\n"));
    let outcome = check(folder.path(), &ini, &["--json"]);
    assert!(
        outcome.stdout.contains(&format!("\"res_name\": {big}")),
        "{}",
        outcome.stdout
    );
}

#[test]
fn a_missing_file_is_named() {
    let folder = folder();
    for command in ["check", "run", "data"] {
        let outcome = voxtune(folder.path(), [command, "absent.ini"]).with_status(1);
        assert!(
            outcome.stderr.contains("absent.ini"),
            "{command}: {}",
            outcome.stderr
        );
    }
}
