//! The demo that is built into the program: there for everybody, and nothing but itself.

use crate::runner::Runner;
use serde_json::json;

#[test]
fn it_is_seen_heard_and_checked_and_leads_nowhere() {
    let runner = Runner::new();
    let token = runner.add_user(&["ada"]);
    let ask = |path: &str| runner.ask_as(&token, "GET", path, None);
    let roots = ask("/api/roots").with_status(200).json();
    let all = roots["roots"].as_array().expect("roots");
    assert!(
        all.iter()
            .any(|root| root["id"] == "demo" && root["path"] == "dataset:demo"),
        "{roots:#}"
    );
    let clips = ask("/api/roots/demo?path=audio").with_status(200).json();
    assert_eq!(clips["entries"].as_array().map(Vec::len), Some(160));
    let clip = "/api/preview/info?root=demo&path=audio/f01_anger_00.flac";
    assert_eq!(ask(clip).with_status(200).json()["rate"], 16_000);
    for path in [
        "../store.sqlite3",
        "%2e%2e/token",
        "audio/../../token",
        "/etc/passwd",
    ] {
        let answer = ask(&format!("/api/preview/info?root=demo&path={path}"));
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
    }
    let deleted = runner.ask_as(&token, "DELETE", "/api/datasets/demo", None);
    assert_eq!(deleted.status, 404, "{}", deleted.text());
}

#[test]
fn relative_paths_get_a_fix_that_mends_them() {
    let runner = Runner::new();
    let relative = include_str!("../../static/demo/demo.ini");
    let check = |text: &str| {
        runner
            .ask("POST", "/api/check", Some(json!({ "text": text })))
            .with_status(200)
            .json()
    };
    let found = check(relative);
    assert_eq!(found["valid"], false);
    let mut edits: Vec<(usize, usize, String)> = Vec::new();
    for finding in found["diagnostics"].as_array().expect("findings") {
        for edit in finding["fix"]["edits"].as_array().into_iter().flatten() {
            let at = |end: &str| edit["span"][end].as_u64().expect("a place") as usize;
            let text = edit["text"].as_str().expect("a text").to_owned();
            edits.push((at("start"), at("end"), text));
        }
    }
    assert_eq!(edits.len(), 2, "{found:#}");
    edits.sort();
    let mut mended = relative.to_owned();
    for (start, end, text) in edits.iter().rev() {
        mended.replace_range(*start..*end, text);
    }
    assert!(
        mended.contains("demo = dataset:demo/demo.csv\n"),
        "{mended}"
    );
    let found = check(&mended);
    assert_eq!(found["valid"], true, "{found:#}");
    assert!(
        found["estimate"]["parameters"]
            .as_u64()
            .is_some_and(|n| n > 500_000)
    );
}
