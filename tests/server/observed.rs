//! What is told of the server itself: figures, its log, its devices.

use crate::{client::send, runner::Runner};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Whether `name` may be called so.
fn is_name(name: &str) -> bool {
    let first = |c: char| c.is_ascii_alphabetic() || c == '_' || c == ':';
    name.starts_with(first) && name.chars().all(|c| first(c) || c.is_ascii_digit())
}

/// Reads figures as Prometheus does (text format 0.0.4), and finds what its `promtool check metrics`
/// would complain of; the figures by their names with labels.
fn figures(text: &str) -> BTreeMap<String, f64> {
    assert!(text.ends_with('\n') && !text.contains('\r'));
    let (mut found, mut kinds, mut over) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
    let mut family = String::new();
    for line in text.lines() {
        assert!(!line.trim().is_empty() && line.trim() == line, "{line:?}");
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').expect("a text");
            assert!(is_name(name) && !help.is_empty(), "{line}");
            assert!(over.insert(name.to_owned()), "{name} twice");
            family = name.to_owned();
            continue;
        }
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a kind");
            assert_eq!(name, family, "TYPE stands behind HELP");
            assert!(["counter", "gauge"].contains(&kind), "{line}");
            assert_eq!(name.ends_with("_total"), kind == "counter", "{line}");
            kinds.insert(name.to_owned(), kind);
            continue;
        }
        assert!(!line.starts_with('#'), "{line}");
        let (series, value) = line.rsplit_once(' ').expect("a value");
        let (name, labels) = match series.split_once('{') {
            Some((name, labels)) => (name, Some(labels.strip_suffix('}').expect("an end"))),
            None => (series, None),
        };
        assert_eq!(name, family, "figures of one name stand together");
        assert!(kinds.contains_key(name), "{name} has no kind");
        for label in labels.into_iter().flat_map(|labels| labels.split(',')) {
            let (label, value) = label.split_once('=').expect("a label");
            let value = value
                .strip_prefix('"')
                .and_then(|value| value.strip_suffix('"'));
            assert!(is_name(label) && value.is_some_and(|value| !value.contains(['"', '\\'])));
        }
        let value: f64 = value.parse().expect("a number");
        assert!(value.is_finite() && value >= 0.0, "{line}");
        assert!(
            found.insert(series.to_owned(), value).is_none(),
            "{series} twice"
        );
    }
    found
}

#[test]
fn figures_are_those_that_prometheus_reads() {
    let runner = Runner::new();
    let metrics = || {
        let answer = runner.ask("GET", "/metrics", None).with_status(200);
        assert_eq!(
            answer.header("content-type"),
            Some("text/plain; version=0.0.4")
        );
        figures(&answer.text())
    };
    let before = metrics();
    let wrong = [
        ("Host", "localhost"),
        ("Authorization", "Bearer wrong-token"),
    ];
    let refused = send(runner.address, "GET", "/metrics", &wrong, b"").expect("an answer");
    assert_eq!(refused.status, 401);
    let job = runner.queue("counted", 1);
    runner.wait_for(&job, &["finished"]);
    let after = metrics();
    let grown = |name: &str| after[name] - before[name];
    assert_eq!(grown("voxtune_jobs{state=\"finished\"}"), 1.0);
    assert_eq!(grown("voxtune_wrong_tokens_total"), 1.0);
    assert_eq!(grown("voxtune_starts_total"), 1.0);
    assert_eq!(grown("voxtune_answers_total{status=\"4xx\"}"), 1.0);
    assert!(grown("voxtune_answers_total{status=\"2xx\"}") >= 2.0);
    assert!(grown("voxtune_last_event") >= 4.0);
    assert!(after["voxtune_disk_free_bytes"] > 0.0 && after["voxtune_up_seconds"] > 0.0);
    for (name, value) in &before {
        assert!(
            !name.contains("_total") || after[name] >= *value,
            "{name} fell"
        );
    }
}

#[test]
fn every_line_of_the_log_is_json_that_says_who_did_what() {
    let mut runner = Runner::with(&["--log", "json"]);
    let job = runner.queue("logged\n{\"level\":\"ERROR\"}", 1);
    runner.wait_for(&job, &["finished"]);
    runner.ask("GET", "/api/absent", None);
    runner.interrupt();
    let log = runner.log();
    let mut lines: Vec<Value> = Vec::new();
    for line in log.lines().filter(|line| !line.starts_with("ending:")) {
        lines.push(serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")));
    }
    for line in &lines {
        let time = line["timestamp"].as_str().expect("a time");
        assert!(humantime::parse_rfc3339(time).is_ok(), "{line}");
        assert!(
            ["INFO", "WARN"].contains(&line["level"].as_str().expect("a level")),
            "{line}"
        );
    }
    let made = lines
        .iter()
        .find(|line| line["action"] == "job_create")
        .expect("a line");
    assert_eq!(
        (&made["user"], &made["status"], &made["address"]),
        (&json!("tester"), &json!(201), &json!("127.0.0.1"))
    );
    for what in ["started", "ended"] {
        assert!(
            lines
                .iter()
                .any(|line| line["message"] == what && line["job"] == json!(job)),
            "{log}"
        );
    }
}

#[test]
fn devices_tell_their_memory_load_and_jobs() {
    let runner = Runner::new();
    let cpu = || -> Value {
        let devices = runner.get("/api/devices");
        let devices = devices["devices"].as_array().expect("devices").clone();
        devices
            .into_iter()
            .find(|device| device["id"] == "cpu")
            .expect("a CPU")
    };
    assert_eq!(cpu()["jobs"], 0);
    let job = runner.queue("at work", 2_000);
    let waits = runner.queue("waits", 1);
    runner.wait_for_step(&job);
    let busy = cpu();
    assert_eq!(busy["jobs"], 1);
    if cfg!(target_os = "linux") {
        let (total, used) = (&busy["memory"]["total"], &busy["memory"]["used"]);
        let (total, used) = (
            total.as_u64().expect("bytes"),
            used.as_u64().expect("bytes"),
        );
        assert!(used > 1 << 20 && used < total, "{busy:#}");
        let load = busy["load"].as_f64().expect("a share");
        assert!(load > 0.05 && load <= 1.0, "{busy:#}");
    }
    assert_eq!(runner.get("/api/devices")["queued"], 1);
    runner
        .ask("DELETE", &format!("/api/jobs/{waits}"), None)
        .with_status(204);
    assert_eq!(runner.get("/api/devices")["queued"], 0);
    runner
        .ask("POST", &format!("/api/jobs/{job}/cancel"), Some(json!({})))
        .with_status(200);
    runner.wait_for(&job, &["cancelled"]);
    assert_eq!(cpu()["jobs"], 0);
}

#[test]
fn a_queue_has_an_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = folder.path().join("runner.toml");
    std::fs::write(&settings, "queue-limit = 2\n").expect("a file");
    let runner = Runner::with(&["--settings", settings.to_str().expect("UTF-8")]);
    let berta = runner.add_user(&["berta"]);
    let blocker = runner.queue("blocker", 5_000);
    runner.wait_for(&blocker, &["running"]);
    let waiting = [runner.queue("a", 1), runner.queue("b", 1)];
    let text = crate::corpus::ini(&runner.data(), "c", 1);
    let more = || Some(json!({ "text": text }));
    let full = runner.ask("POST", "/api/jobs", more()).with_status(429);
    assert!(full.header("retry-after").is_some());
    let path = format!("/api/jobs/{}/duplicate", waiting[0]);
    runner.ask("POST", &path, Some(json!({}))).with_status(429);
    // Others have a queue of their own.
    runner
        .ask_as(&berta, "POST", "/api/jobs", more())
        .with_status(201);
    runner
        .ask("DELETE", &format!("/api/jobs/{}", waiting[0]), None)
        .with_status(204);
    runner.ask("POST", "/api/jobs", more()).with_status(201);
}
