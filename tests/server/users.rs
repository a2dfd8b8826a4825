//! Tokens, cookies, and who sees what.

use crate::{
    client::send,
    corpus,
    runner::{Runner, id},
};
use serde_json::json;
use std::fs;

#[test]
fn the_printed_address_opens_the_page_once() {
    let runner = Runner::new();
    let path = runner
        .page
        .split_once(&runner.host())
        .expect("an address")
        .1
        .to_owned();
    let host = runner.host();
    let enter = || send(runner.address, "GET", &path, &[("Host", &host)], b"").expect("an answer");
    let first = enter().with_status(303);
    let cookie = first.header("set-cookie").expect("a cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert_eq!(first.header("location"), Some("/"));
    enter().with_status(401);
    let pair = cookie.split(';').next().expect("a pair").to_owned();
    let with_cookie = |method: &str, path: &str, more: &[(&str, &str)], body: &[u8]| {
        let mut headers = vec![("Host", host.as_str()), ("Cookie", pair.as_str())];
        headers.extend(more);
        send(runner.address, method, path, &headers, body).expect("an answer")
    };
    let session = with_cookie("GET", "/api/session", &[], b"")
        .with_status(200)
        .json();
    assert_eq!(
        (&session["user"], &session["admin"]),
        (&json!("tester"), &json!(true))
    );
    let origin = format!("http://{host}");
    let json = [
        ("Content-Type", "application/json"),
        ("Origin", origin.as_str()),
    ];
    with_cookie("POST", "/api/logout", &json, b"{}").with_status(204);
    with_cookie("GET", "/api/session", &[], b"").with_status(401);
    // No secret stands in the log or in the store.
    let token = runner.token();
    let store = fs::read(runner.home().join("store.sqlite3")).expect("the store");
    for secret in [
        token.as_str(),
        pair.split_once('=').expect("a value").1,
        &path[13..],
    ] {
        assert!(!runner.log().contains(secret), "{}", runner.log());
        assert!(
            !store
                .windows(secret.len())
                .any(|part| part == secret.as_bytes())
        );
    }
}

#[test]
fn each_sees_their_own_jobs_and_an_admin_all() {
    let runner = Runner::new();
    let ada = runner.add_user(&["ada"]);
    let bob = runner.add_user(&["bob"]);
    let body = json!({ "text": corpus::ini(&runner.data(), "mine", 1) });
    let job = runner
        .ask_as(&ada, "POST", "/api/jobs", Some(body))
        .with_status(201)
        .json();
    let job = id(&job);
    let paths = [
        "", "/events", "/files", "/log", "/archive", "/records", "/files/x",
    ];
    for path in paths {
        let path = format!("/api/jobs/{job}{path}");
        runner.ask_as(&bob, "GET", &path, None).with_status(404);
        // Nobody is nobody.
        let host = runner.host();
        let answer =
            send(runner.address, "GET", &path, &[("Host", &host)], b"").expect("an answer");
        answer.with_status(401);
    }
    for (path, body) in [
        ("/cancel", json!({})),
        ("/resume", json!({})),
        ("/duplicate", json!({})),
        ("/move", json!({})),
        ("/publish", json!({ "to": "a/b" })),
        (
            "/predict",
            json!({ "files": [{ "root": "0", "path": "anna-low.wav" }] }),
        ),
    ] {
        let path = format!("/api/jobs/{job}{path}");
        let answer = runner.ask_as(&bob, "POST", &path, Some(body));
        assert!(
            [404, 503].contains(&answer.status),
            "{path}: {}",
            answer.text()
        );
    }
    runner
        .ask_as(&bob, "DELETE", &format!("/api/jobs/{job}"), None)
        .with_status(404);
    let list = |token: &str| {
        let list = runner
            .ask_as(token, "GET", "/api/jobs", None)
            .with_status(200)
            .json();
        list["jobs"].as_array().expect("jobs").len()
    };
    assert_eq!((list(&ada), list(&bob), list(&runner.token())), (1, 0, 1));
    runner
        .ask_as(&bob, "GET", "/api/users", None)
        .with_status(403);
    runner
        .ask_as(&bob, "GET", "/api/audit", None)
        .with_status(403);
    let audit = runner.get("/api/audit");
    let entries = audit["entries"].as_array().expect("entries");
    let refused = entries
        .iter()
        .find(|entry| entry["action"] == "job_delete")
        .expect("the attempt is noted");
    assert_eq!(
        (&refused["user"], &refused["status"]),
        (&json!("bob"), &json!(404))
    );
    assert_eq!(refused["object"], json!(job));
    runner.wait_for(&job, &["finished"]);
}

#[test]
fn who_guesses_tokens_has_to_wait() {
    let runner = Runner::new();
    let statuses: Vec<u16> = (0..12)
        .map(|number| {
            let guess = format!("guess-{number}");
            runner.ask_as(&guess, "GET", "/api/session", None).status
        })
        .collect();
    assert_eq!(statuses[..10], [401; 10]);
    assert_eq!(statuses[10..], [429; 2]);
    let guess = runner.ask_as("guess", "GET", "/api/session", None);
    assert!(guess.header("retry-after").is_some());
    // Who knows is not kept out by those who guess.
    runner.ask("GET", "/api/session", None).with_status(200);
}
