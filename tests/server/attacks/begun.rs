//! Runs that were begun elsewhere: what is handed over is only ever the own job's, and is judged first.

use super::told;
use crate::{
    client::Answer,
    corpus,
    runner::Runner,
    uploads::{begin, sha256, upload, zip},
};
use serde_json::{Value, json};
use std::fs;

/// Makes a job that goes on from an upload; the answer.
fn take_over(runner: &Runner, token: &str, begun: &str) -> Answer {
    let text = corpus::ini(&runner.data(), "taken", 1);
    let body = json!({ "text": text, "begun": begun });
    runner.ask_as(token, "POST", "/api/jobs", Some(body))
}

#[test]
fn what_is_handed_over_is_judged_first() {
    let runner = Runner::new();
    let owner = runner.token();
    let mut tried = 0;
    let mut refuse = |what: &str, token: &str, begun: &str, statuses: &[u16]| {
        let answer = take_over(&runner, token, begun);
        assert!(
            statuses.contains(&answer.status),
            "{what}: {} {}",
            answer.status,
            answer.text()
        );
        tried += 1;
    };
    for name in ["../job.ini", "a/../../b", "/tmp/begun", "a\\..\\b", "a\0"] {
        let id = upload(
            &runner,
            "run.zip",
            &zip(&[(name, b"x", 0o100_644)]),
            "archive",
        );
        refuse(name, &owner, &id, &[422]);
    }
    let content: (&str, &[u8], u32) = ("events", b"{}\n", 0o100_644);
    for (what, bytes) in [
        ("link", zip(&[("job.ini", b"/etc/passwd", 0o120_777)])),
        ("twice", zip(&[content, content])),
        (
            "file and folder",
            zip(&[("a", b"", 0o100_644), ("a/b", b"", 0o100_644)]),
        ),
        (
            "events as a folder",
            zip(&[content, ("events/b", b"", 0o100_644)]),
        ),
        ("no zip", b"PK\x03\x04 and then something else".to_vec()),
    ] {
        let id = upload(&runner, "run.zip", &bytes, "archive");
        refuse(what, &owner, &id, &[422]);
    }
    let whole = zip(&[content]);
    let file = upload(&runner, "run.zip", &whole, "file");
    refuse("no archive", &owner, &file, &[422]);
    let begun = begin(&runner, "half.zip", &[7; 4_000], "archive").json();
    let half = begun["id"].as_str().expect("an id");
    refuse("not complete", &owner, half, &[409]);
    let own = upload(&runner, "own.zip", &whole, "archive");
    let stranger = runner.add_user(&["stranger"]);
    refuse("another's", &stranger, &own, &[404]);
    for id in [
        "",
        "..",
        "u000000000000000000000000",
        "' OR 1=1 --",
        "a\u{0}",
    ] {
        refuse(id, &owner, id, &[404, 422]);
    }
    // Of none is anything left, and the one that is right still is there to be taken.
    assert_eq!(runner.get("/api/jobs")["jobs"], json!([]));
    let left = fs::read_dir(runner.home().join("jobs")).map_or(0, Iterator::count);
    assert_eq!(left, 0);
    assert!(!std::path::Path::new("/tmp/begun").exists());
    assert_eq!(take_over(&runner, &owner, &own).status, 201);
    told("run from elsewhere", tried);
}

#[test]
fn a_dataset_of_an_id_from_elsewhere_replaces_none() {
    let runner = Runner::new();
    let (owner, stranger) = (runner.token(), runner.add_user(&["stranger"]));
    let (first, second) = (corpus::wav(440.0, 100), corpus::wav(220.0, 100));
    let id = "d00112233445566778899aabb";
    let make = |token: &str, id: &str, bytes: &[u8]| {
        let sha = sha256(bytes);
        let body = json!({ "name": "a.wav", "size": bytes.len(), "sha256": sha, "kind": "file" });
        let begun = runner
            .ask_as(token, "POST", "/api/uploads", Some(body))
            .json();
        if begun["complete"] != json!(true) {
            let path = format!(
                "/api/uploads/{}?offset=0",
                begun["id"].as_str().expect("an id")
            );
            let (host, bearer) = (runner.host(), format!("Bearer {token}"));
            let headers = [
                ("Host", host.as_str()),
                ("Authorization", bearer.as_str()),
                ("Content-Type", "application/offset+octet-stream"),
            ];
            let put = crate::client::send(runner.address, "PUT", &path, &headers, bytes);
            put.expect("an answer").with_status(200);
        }
        let files = json!([{ "path": "a.wav", "sha256": sha }]);
        let body = json!({ "id": id, "name": "a", "files": files });
        runner.ask_as(token, "POST", "/api/datasets", Some(body))
    };
    make(&owner, id, &first).with_status(201);
    let list = runner.get(&format!("/api/datasets/{id}"));
    // The same again is the same; another is none, whoever asks.
    make(&owner, id, &first).with_status(201);
    make(&owner, id, &second).with_status(409);
    make(&stranger, id, &first).with_status(409);
    make(&stranger, id, &second).with_status(409);
    for wrong in [
        "",
        "../d0",
        "d",
        "demo",
        "D00112233445566778899AABB",
        "d00112233445566778899aab/",
    ] {
        make(&owner, wrong, &second).with_status(422);
    }
    assert_eq!(runner.get(&format!("/api/datasets/{id}")), list);
    let ids = |list: &Value| list["datasets"].as_array().map(Vec::len);
    assert_eq!(ids(&runner.get("/api/datasets")), Some(1));
    told("dataset's id from elsewhere", 10);
}
