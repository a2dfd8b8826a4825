//! Values that nobody means: ranges, ids of events, names, numbers.

use super::told;
use crate::{client, corpus, runner::Runner};
use serde_json::{Value, json};
use shared::protocol::{Body, In, operations};
use std::{fs, time::Instant};

#[test]
fn absurd_ranges_get_a_part_or_a_refusal() {
    let runner = Runner::new();
    let job = runner.queue("ranges", 1);
    runner.wait_for(&job, &["finished"]);
    let many = format!("bytes={}", vec!["0-0"; 5_000].join(","));
    let mut tried = 0;
    for path in [
        format!("/api/jobs/{job}/log"),
        "/api/preview/audio?root=0&path=anna-high.wav".to_owned(),
    ] {
        let whole = runner.ask("GET", &path, None).with_status(200).body.len();
        for range in [
            "bytes=",
            "bytes=-",
            "bytes=--1",
            "bytes=0--1",
            "bytes=-0",
            "bytes=5-1",
            "bytes=9-99999999999999999999999",
            "bytes=99999999999999999999999-",
            "bytes=18446744073709551615-18446744073709551615",
            "bytes=18446744073709551614-",
            "bytes=-18446744073709551615",
            "bytes=0-18446744073709551615",
            "bytes=0-9223372036854775807",
            "bytes=0x1-0x2",
            "bytes=1.5-2.5",
            "bytes=+1-+2",
            "bytes=\u{0661}-\u{0662}",
            "bytes = 0 - 1",
            "bits=0-1",
            "BYTES=0-1",
            &many,
        ] {
            let headers = [("Range", range)];
            let answer = runner.ask_with(&runner.token(), "GET", &path, &headers, None);
            let shown = &range[..range.len().min(40)];
            assert!(
                matches!(answer.status, 200 | 206 | 400 | 416),
                "{shown}: {}",
                answer.status
            );
            assert!(
                answer.status >= 400 || answer.body.len() <= whole,
                "{shown}: {} of {whole} bytes",
                answer.body.len()
            );
            tried += 1;
        }
    }
    told("range", tried);
}

#[test]
fn ids_of_events_are_numbers() {
    let runner = Runner::new();
    let job = runner.queue("followed", 1);
    runner.wait_for(&job, &["finished"]);
    let long = "9".repeat(10_000);
    let mut tried = 0;
    for (id, status) in [
        ("", 400),
        ("x", 400),
        ("-1", 400),
        ("1e9", 400),
        ("0x1", 400),
        ("1.0", 400),
        ("1,2", 400),
        ("1 OR 1=1", 400),
        ("'; DROP TABLE events; --", 400),
        ("18446744073709551616", 400),
        (&long, 400),
        ("\u{0661}", 400),
        ("18446744073709551615", 200),
        ("0", 200),
    ] {
        for path in [format!("/api/jobs/{job}/events"), "/api/events".to_owned()] {
            let (host, bearer) = (runner.host(), format!("Bearer {}", runner.token()));
            let headers = [
                ("Host", host.as_str()),
                ("Authorization", &bearer),
                ("Last-Event-ID", id),
            ];
            let mut stream =
                client::open(runner.address, "GET", &path, &headers, b"").expect("sent");
            let (found, _) = client::read_head(&mut stream).expect("a head");
            let shown = &id[..id.len().min(40)];
            assert_eq!(found, status, "{shown:?} {path}");
            tried += 1;
        }
    }
    assert!(runner.get(&format!("/api/jobs/{job}"))["last_event"].is_u64());
    told("id of an event", tried);
}

/// Names that look like others, run backwards, or are no text.
const NAMES: &[&str] = &[
    "\u{202e}vaw.exe",
    "\u{200b}\u{feff}",
    "a\u{0301}\u{0302}\u{0303}\u{0304}",
    "\u{1f600}\u{200d}\u{1f4a9}",
    "\"; filename=evil.exe; x=\"",
    "a\r\nSet-Cookie: x=y",
    "\u{0}",
    "\u{1b}[2J\u{1b}[31m",
    "%0d%0aX: y",
    "<img src=x onerror=alert(1)>",
    "{{7*7}}${7*7}",
    "CON",
    "con.wav.",
    " ",
    "\u{ffff}",
    "=cmd|' /C calc'!A0",
];

#[test]
fn names_of_all_kinds_stay_names() {
    let runner = Runner::new();
    let mut taken = Vec::new();
    for name in NAMES {
        let body = json!({ "text": corpus::ini(&runner.data(), "named", 1), "name": name });
        let made = runner.ask("POST", "/api/jobs", Some(body));
        assert!(
            matches!(made.status, 201 | 422),
            "{name:?}: {}",
            made.text()
        );
        if made.status == 201 {
            assert_eq!(made.json()["name"], json!(name), "as it was given");
            taken.push(crate::runner::id(&made.json()));
        }
        let sha = crate::uploads::sha256(name.as_bytes());
        let body = json!({ "name": name, "size": 1, "sha256": sha, "kind": "file" });
        let begun = runner.ask("POST", "/api/uploads", Some(body));
        assert!(
            matches!(begun.status, 201 | 422),
            "{name:?}: {}",
            begun.text()
        );
        for answer in [&made, &begun] {
            assert!(answer.header("set-cookie").is_none(), "{name:?}");
            assert!(answer.header("x").is_none(), "{name:?}");
        }
    }
    assert!(taken.len() > 5, "most of them are names");
    for job in &taken {
        let archive = runner.ask("GET", &format!("/api/jobs/{job}/archive"), None);
        let attachment = archive.header("content-disposition").unwrap_or_default();
        assert!(!attachment.contains("evil"), "{attachment}");
    }
    // JSON that is none, and half a character.
    for text in [
        "{\"text\": \"\\ud800\"}",
        "{\"text\": \"\\u00\"}",
        "{\"text\": \"a\", \"text\": \"b\"}",
        "{\"text\": 1e999}",
        "{\"text\": \"a\"} {\"text\": \"b\"}",
        "[\"text\", \"a\"]",
    ] {
        let answer = runner.send("POST", "/api/jobs", "application/json", text.as_bytes());
        assert!(
            matches!(answer.status, 400 | 422),
            "{text}: {}",
            answer.text()
        );
    }
    let answer = runner.send(
        "POST",
        "/api/jobs",
        "application/json",
        b"{\"text\": \"\xff\xfe\"}",
    );
    assert!(matches!(answer.status, 400 | 422), "{}", answer.text());
    told("name", 2 * NAMES.len() + 7);
}

#[test]
fn every_number_and_text_can_be_absurd() {
    let runner = Runner::new();
    let mut tried = 0;
    for operation in operations::ALL {
        for param in operation.params {
            for value in [
                "-1",
                "0",
                "1e400",
                "NaN",
                "18446744073709551616",
                "4294967296",
                "%00",
                "%ff%fe",
                "..%2f..%2fetc%2fpasswd",
                "null",
                "[]",
                "true&limit=x",
                "%F0%9F%92%A9",
                &"9".repeat(5_000),
            ] {
                let (mut path, mut headers) = (operation.path.to_owned(), Vec::new());
                for other in operation
                    .params
                    .iter()
                    .filter(|other| other.place == In::Path)
                {
                    let inner = if other.name == param.name { value } else { "0" };
                    path = path.replace(&format!("{{{}}}", other.name), inner);
                    path = path.replace(&format!("{{*{}}}", other.name), inner);
                }
                let mut comma = '?';
                for other in operation
                    .params
                    .iter()
                    .filter(|other| other.place == In::Query)
                {
                    if other.name == param.name || other.required {
                        let inner = if other.name == param.name { value } else { "0" };
                        path += &format!("{comma}{}={inner}", other.name);
                        comma = '&';
                    }
                }
                if param.place == In::Header {
                    headers.push((param.name, value));
                }
                let (media, bytes): (&str, &[u8]) = match operation.request {
                    Body::Bytes(media) => (media, b"00"),
                    _ => ("application/json", b"{}"),
                };
                let bytes = if operation.request.media_type().is_some() {
                    bytes
                } else {
                    b""
                };
                let (host, bearer) = (runner.host(), format!("Bearer {}", runner.token()));
                headers.extend([
                    ("Host", host.as_str()),
                    ("Authorization", bearer.as_str()),
                    ("Content-Type", media),
                ]);
                let mut stream = client::open(
                    runner.address,
                    operation.method.word(),
                    &path,
                    &headers,
                    bytes,
                )
                .expect("sent");
                let (status, _) = client::read_head(&mut stream).expect("an answer");
                let shown = &value[..value.len().min(30)];
                assert!(
                    status < 500,
                    "{operation:?} {}={shown}: {status}",
                    param.name
                );
                tried += 1;
            }
        }
    }
    // Numbers in bodies.
    let text = corpus::ini(&runner.data(), "numbers", 1);
    for body in [
        json!({ "text": text, "priority": 1_000_000 }),
        json!({ "text": text, "priority": -9_223_372_036_854_775_807_i64 }),
        json!({ "text": text, "limits": { "seconds": 0 } }),
        json!({ "text": text, "limits": { "memory": -1 } }),
        json!({ "text": text, "limits": { "disk": 1.5 } }),
        json!({ "text": text, "device": "cpu; rm -rf /" }),
        json!({ "text": text, "device": "x".repeat(100_000) }),
        json!({ "text": text, "name": "x".repeat(100_000) }),
        json!({ "text": text, "set": ["EXP.epochs"] }),
        json!({ "text": text, "set": ["EXP.epochs=-1"] }),
        json!({ "text": text, "set": [format!("EXP.name={}", "x".repeat(100_000))] }),
        json!({ "text": text, "set": ["FINETUNE.pretrained_model=http://169.254.169.254/latest"] }),
        json!({ "text": text, "set": ["FINETUNE.pretrained_model=file:///etc/passwd"] }),
        json!({ "text": text, "set": ["FINETUNE.pretrained_model=/etc"] }),
        json!({ "text": text, "set": vec!["EXP.epochs=1"; 50_000] }),
    ] {
        let made = runner.ask("POST", "/api/jobs", Some(body.clone()));
        let shown: String = body.to_string().chars().rev().take(80).collect();
        let shown: String = shown.chars().rev().collect();
        assert!(
            matches!(made.status, 400 | 422),
            "{shown}: {} {}",
            made.status,
            made.text()
        );
        tried += 1;
    }
    // As large as they may be.
    let body = json!({ "text": text, "limits": { "seconds": u64::MAX, "memory": u64::MAX, "disk": u64::MAX } });
    let made = runner.ask("POST", "/api/jobs", Some(body));
    assert!(matches!(made.status, 201 | 422), "{}", made.text());
    assert_eq!(runner.get("/api/session")["user"], json!("tester"));
    told("value", tried);
}

#[test]
fn an_experiment_can_be_large_and_the_answer_is_not() {
    let runner = Runner::new();
    let mut tried = 0;
    for (line, what) in [
        ("[A]\n", "sections"),
        ("[FINETUNE]\nbatch_size = x\n", "wrong values"),
        ("\u{1f4a9}\u{1f4a9}", "one line"),
    ] {
        let of = |bytes: usize| format!("[EXP]\n{}", line.repeat(bytes / line.len()));
        let too_long = json!({ "text": of(300 << 10) });
        for path in ["/api/check", "/api/jobs", "/api/data"] {
            let refused = runner.ask("POST", path, Some(too_long.clone()));
            assert_eq!(refused.status, 422, "{what} {path}");
            tried += 1;
        }
        let text = of(250 << 10);
        let since = Instant::now();
        for path in ["/api/check", "/api/jobs"] {
            let answer = runner.ask("POST", path, Some(json!({ "text": text })));
            assert!(
                matches!(answer.status, 200 | 422),
                "{what}: {}",
                answer.status
            );
            assert!(
                answer.body.len() < 2 << 20,
                "{what} {path}: {} bytes",
                answer.body.len()
            );
            let _: Value = answer.json();
            tried += 1;
        }
        let spent = since.elapsed().as_secs();
        assert!(spent < 30, "{what}: {spent} s");
    }
    fs::write(runner.data().join("x"), b"").expect("the machine is well");
    told("large experiment", tried);
}
