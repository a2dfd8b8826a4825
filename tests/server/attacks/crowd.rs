//! Many at once.

use super::told;
use crate::{client, corpus, runner::Runner, uploads};
use serde_json::{Value, json};
use std::{
    fs,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

#[test]
fn the_same_content_by_many_at_once_is_kept_once_and_whole() {
    let runner = Runner::new();
    let tokens: Vec<String> = ["anna", "berta", "carl"]
        .iter()
        .map(|name| runner.add_user(&[name]))
        .collect();
    let bytes: Vec<u8> = (0..400_000u32).map(|n| (n * 13 % 253) as u8).collect();
    let sha = uploads::sha256(&bytes);
    let barrier = Barrier::new(12);
    // Each of three from four browsers: pieces of one overtake those of another.
    thread::scope(|scope| {
        for number in 0..12 {
            let (runner, token, bytes, sha, barrier) =
                (&runner, &tokens[number % 3], &bytes, &sha, &barrier);
            scope.spawn(move || {
                let body =
                    json!({ "name": "same.bin", "size": bytes.len(), "sha256": sha, "kind": "file" });
                barrier.wait();
                let begun = runner.ask_as(token, "POST", "/api/uploads", Some(body));
                assert!(matches!(begun.status, 200 | 201), "{}", begun.text());
                let id = begun.json()["id"].as_str().expect("an id").to_owned();
                let path = format!("/api/uploads/{id}");
                let since = Instant::now();
                loop {
                    let now = runner.ask_as(token, "GET", &path, None).with_status(200).json();
                    if now["complete"] == json!(true) {
                        return;
                    }
                    let at = now["offset"].as_u64().expect("a number") as usize;
                    let end = (at + 50_000).min(bytes.len());
                    let (host, bearer) = (runner.host(), format!("Bearer {token}"));
                    let headers = [
                        ("Host", host.as_str()),
                        ("Authorization", bearer.as_str()),
                        ("Content-Type", "application/offset+octet-stream"),
                    ];
                    let put = client::send(
                        runner.address,
                        "PUT",
                        &format!("{path}?offset={at}"),
                        &headers,
                        &bytes[at..end],
                    );
                    let put = put.expect("an answer");
                    assert!(matches!(put.status, 200 | 409 | 429), "{}", put.text());
                    assert!(since.elapsed() < Duration::from_secs(60), "{now:#}");
                }
            });
        }
    });
    for token in &tokens {
        let listed = runner.ask_as(token, "GET", "/api/uploads", None).json();
        assert_eq!(
            listed["uploads"].as_array().map(Vec::len),
            Some(1),
            "{listed:#}"
        );
        assert_eq!(listed["quota"]["used"], json!(bytes.len()));
    }
    // Who throws theirs away takes nothing from the others.
    for token in &tokens[..2] {
        let listed = runner.ask_as(token, "GET", "/api/uploads", None).json();
        let id = listed["uploads"][0]["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        runner
            .ask_as(token, "DELETE", &format!("/api/uploads/{id}"), None)
            .with_status(204);
    }
    let body = json!({
        "name": "mine",
        "files": [{ "path": "same.bin", "sha256": sha }],
    });
    runner
        .ask_as(&tokens[0], "POST", "/api/datasets", Some(body.clone()))
        .with_status(409);
    let made = runner.ask_as(&tokens[2], "POST", "/api/datasets", Some(body));
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(blobs(&runner), 1, "the content is there once");
    told("upload at the same moment", 12);
}

/// Files of so many bytes below the server's folder.
fn blobs(runner: &Runner) -> usize {
    let (mut left, mut count) = (vec![runner.home()], 0);
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(
                fs::read_dir(&path)
                    .expect("a folder")
                    .flatten()
                    .map(|e| e.path()),
            );
        } else if fs::metadata(&path).is_ok_and(|meta| meta.len() == 400_000) {
            count += 1;
        }
    }
    count
}

#[test]
fn too_many_previews_are_sent_away_and_nobody_waits_for_those_who_left() {
    let runner = Runner::new();
    // Ten minutes: each picture takes a while.
    fs::write(
        runner.data().join("long.wav"),
        corpus::wav(330.0, 9_600_000),
    )
    .expect("a file");
    let (host, bearer) = (runner.host(), format!("Bearer {}", runner.token()));
    let headers = [("Host", host.as_str()), ("Authorization", bearer.as_str())];
    let mut waiting = Vec::new();
    let mut refused: Option<Value> = None;
    for number in 0..400 {
        let path = format!(
            "/api/preview/spectrogram?root=0&path=long.wav&width={}",
            700 + number
        );
        let stream = client::open(runner.address, "GET", &path, &headers, b"").expect("sent");
        stream
            .get_ref()
            .set_read_timeout(Some(Duration::from_millis(if number < 60 {
                1
            } else {
                40
            })))
            .expect("a timeout");
        waiting.push(stream);
        let Some(stream) = waiting.last_mut() else {
            continue;
        };
        if let Ok((429, headers)) = client::read_head(stream) {
            assert!(headers.iter().any(|(name, _)| name == "retry-after"));
            let mut body = String::new();
            let _ = std::io::Read::read_to_string(stream, &mut body);
            refused = serde_json::from_str(&body).ok();
            break;
        }
    }
    let refused = refused.expect("one was sent away");
    assert_eq!(refused["type"], "too-many");
    let count = waiting.len();
    assert!(count > 60, "only after {count}");
    // What else the server does goes on, and the places are free when those who waited have left.
    runner.get("/api/session");
    drop(waiting);
    let since = Instant::now();
    loop {
        let answer = runner.ask("GET", "/api/preview/info?root=0&path=anna-low.wav", None);
        if answer.status == 200 {
            break;
        }
        assert_eq!(answer.status, 429);
        assert!(since.elapsed() < Duration::from_secs(30));
        thread::sleep(Duration::from_millis(200));
    }
    told("preview in a crowd", 1);
}

/// A stream of events that stays open.
fn follow(runner: &Runner, token: &str) -> (u16, impl Sized) {
    let (host, bearer) = (runner.host(), format!("Bearer {token}"));
    let headers = [("Host", host.as_str()), ("Authorization", bearer.as_str())];
    let stream = client::open(runner.address, "GET", "/api/events", &headers, b"");
    let mut stream = stream.expect("a connection");
    let (status, _) = client::read_head(&mut stream).expect("an answer");
    (status, stream)
}

#[test]
fn who_follows_everything_leaves_connections_for_others() {
    // With 300 handles: 150 connections, 112 of them of one address; 75 that follow, 50 of them one user's.
    let runner = Runner::of_few_handles(300);
    let (ada, owner) = (runner.add_user(&["ada"]), runner.token());
    let mut open = Vec::new();
    let mut refused = 0;
    for (token, expected) in [(&ada, 50), (&owner, 25)] {
        let before = open.len();
        loop {
            let (status, stream) = follow(&runner, token);
            if status != 200 {
                assert_eq!(status, 429);
                refused += 1;
                break;
            }
            open.push(stream);
            assert!(open.len() < 200, "nobody was refused");
        }
        assert_eq!(open.len() - before, expected);
    }
    // Everything else is answered as before, a job too.
    assert_eq!(runner.get("/healthz")["healthy"], true);
    let job = runner.queue("beside", 1);
    runner.wait_for(&job, &["finished"]);
    // Who holds connections without asking for anything comes to an end too.
    let idle: Vec<_> = (0..150)
        .map(|_| std::net::TcpStream::connect(runner.address).expect("a connection"))
        .collect();
    let host = runner.host();
    let asked = client::send(runner.address, "GET", "/healthz", &[("Host", &host)], b"");
    assert!(asked.is_err(), "{asked:?}");
    // And when they have gone, there is room again.
    drop((idle, open));
    let since = Instant::now();
    while client::send(runner.address, "GET", "/healthz", &[("Host", &host)], b"").is_err()
        || follow(&runner, &ada).0 != 200
    {
        assert!(
            since.elapsed() < Duration::from_secs(60),
            "{}",
            runner.log()
        );
        thread::sleep(Duration::from_millis(20));
    }
    told("more listeners than places", refused);
}
