//! Too much, too long, too deep.

use super::{address, attack, body, told};
use crate::{corpus, runner::Runner};
use serde_json::json;
use shared::protocol::operations;
use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

#[test]
fn bodies_have_a_limit_on_every_route() {
    let runner = Runner::new();
    let (host, bearer) = (runner.host(), format!("Bearer {}", runner.token()));
    let mut tried = 0;
    for operation in operations::ALL {
        let media_type = body(operation).map_or("application/json", |(media_type, _)| media_type);
        let head = |length: &str| {
            format!(
                "{} {} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {bearer}\r\nContent-Type: {media_type}\r\nConnection: close\r\n{length}\r\n\r\n",
                operation.method.word(),
                address(operation)
            )
        };
        // It says so itself; or it turns out.
        let mut lengths = vec![
            format!("Content-Length: {}", operation.body_limit + 1),
            format!("Content-Length: {}", u64::MAX / 2),
        ];
        if operation.body_limit == 0 {
            lengths.push("Transfer-Encoding: chunked".to_owned());
        }
        for length in lengths {
            let mut stream = TcpStream::connect(runner.address).expect("a connection");
            stream
                .set_read_timeout(Some(Duration::from_secs(20)))
                .expect("a timeout");
            stream.write_all(head(&length).as_bytes()).expect("sent");
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).expect("an answer");
            assert_eq!(&answer, b"HTTP/1.1 413", "{operation:?} {length}");
            tried += 1;
        }
    }
    // A body that says nothing of its length.
    let mut stream = TcpStream::connect(runner.address).expect("a connection");
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a timeout");
    let head = format!(
        "POST /api/compare HTTP/1.1\r\nHost: {host}\r\nAuthorization: {bearer}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("sent");
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    let mut answer = [0; 12];
    for _ in 0..8 {
        if stream.write_all(chunk.as_bytes()).is_err() {
            break;
        }
    }
    if stream.read_exact(&mut answer).is_ok() {
        assert!(
            answer.starts_with(b"HTTP/1.1 4"),
            "{}",
            String::from_utf8_lossy(&answer)
        );
    }
    told("large body", tried + 1);
}

#[test]
fn heads_and_trees_have_limits() {
    let runner = Runner::new();
    let (host, bearer) = (runner.host(), format!("Bearer {}", runner.token()));
    let headers = [
        ("Host", host.as_str()),
        ("Authorization", &bearer),
        ("Content-Type", "application/json"),
    ];
    let long = "a".repeat(200_000);
    for (path, name, value) in [
        (format!("/{long}"), "X", "0"),
        ("/healthz".to_owned(), "X", long.as_str()),
        ("/healthz".to_owned(), &long, "0"),
    ] {
        let mut all = headers.to_vec();
        all.push((name, value));
        if let Some(answer) = attack(&runner, "GET", &path, &all, b"") {
            assert!((400..500).contains(&answer.status), "{}", answer.status);
        }
    }
    let many: Vec<(&str, &str)> = headers
        .iter()
        .copied()
        .chain((0..500).map(|_| ("X", "0")))
        .collect();
    if let Some(answer) = attack(&runner, "GET", "/healthz", &many, b"") {
        assert!((400..500).contains(&answer.status), "{}", answer.status);
    }
    let deep = format!(
        "{{\"text\": {}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let answer =
        attack(&runner, "POST", "/api/check", &headers, deep.as_bytes()).expect("an answer");
    assert!((400..500).contains(&answer.status), "{}", answer.status);
    for text in [
        "",
        "[",
        "nul",
        "{\"text\": 5}",
        "{\"text\": \"\", \"more\": 1}",
        "\u{0}",
    ] {
        let answer =
            attack(&runner, "POST", "/api/check", &headers, text.as_bytes()).expect("an answer");
        assert!(
            (400..500).contains(&answer.status),
            "{text}: {}",
            answer.status
        );
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json"),
            "{text}"
        );
    }
    assert_eq!(runner.get("/api/session")["user"], "tester");
}

#[test]
fn recordings_that_claim_to_be_endless() {
    let runner = Runner::new();
    let honest = corpus::wav(440.0, 100);
    let with = |at: usize, bytes: &[u8]| {
        let mut forged = honest.clone();
        forged[at..at + bytes.len()].copy_from_slice(bytes);
        forged
    };
    let forged = [
        // 2^31 frames and more, a rate without end, channels without end, none of each.
        with(40, &(u32::MAX - 50).to_le_bytes()),
        with(24, &u32::MAX.to_le_bytes()),
        with(22, &u16::MAX.to_le_bytes()),
        with(22, &[0, 0]),
        with(24, &[0; 4]),
        with(32, &[0, 0]),
        with(34, &[0xff, 0xff]),
        honest[..44].to_vec(),
        honest[..20].to_vec(),
        b"fLaC\x00\x00\x00\x22".to_vec(),
        b"OggS".to_vec(),
        vec![0xff; 5_000],
        Vec::new(),
    ];
    for (index, bytes) in forged.iter().enumerate() {
        fs::write(runner.data().join("forged.wav"), bytes).expect("a file");
        for kind in ["info", "peaks", "spectrogram", "audio"] {
            let bearer = format!("Bearer {}", runner.token());
            let host = runner.host();
            let headers = [("Host", host.as_str()), ("Authorization", bearer.as_str())];
            let path = format!("/api/preview/{kind}?root=0&path=forged.wav");
            // Sound that ends before its length is reached is cut, so that nobody takes it for whole.
            let Some(answer) = attack(&runner, "GET", &path, &headers, b"") else {
                assert_eq!(kind, "audio", "{index}");
                continue;
            };
            assert!(
                matches!(answer.status, 200 | 422),
                "{index} {kind}: {} {}",
                answer.status,
                answer.text()
            );
            assert!(
                answer.body.len() < 1 << 20,
                "{index} {kind}: {} bytes",
                answer.body.len()
            );
        }
    }
    for query in [
        "start=-1",
        "start=5&end=4",
        "start=NaN",
        "start=inf",
        "end=-inf",
        "start=1e308",
        "end=x",
        "start=0.1&end=0.1",
    ] {
        for kind in ["peaks", "spectrogram", "audio"] {
            let answer = runner.ask(
                "GET",
                &format!("/api/preview/{kind}?root=0&path=anna-high.wav&{query}"),
                None,
            );
            assert!(
                matches!(answer.status, 400 | 422),
                "{kind} {query}: {} {}",
                answer.status,
                answer.text()
            );
        }
    }
    for query in ["width=0", "width=4294967295", "height=100000", "width=-1"] {
        let answer = runner.ask(
            "GET",
            &format!("/api/preview/spectrogram?root=0&path=anna-high.wav&{query}"),
            None,
        );
        assert_eq!(answer.status, 400, "{query}");
    }
    let answer = runner.ask(
        "GET",
        "/api/preview/peaks?root=0&path=anna-high.wav&buckets=1000000000",
        None,
    );
    assert_eq!(answer.status, 400);
}

#[test]
fn quotas() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = folder.path().join("runner.toml");
    fs::write(&settings, "upload-quota-gb = 0.00001\n").expect("a file");
    let runner = Runner::with(&["--settings", settings.to_str().expect("UTF-8")]);
    let upload = |size: u64, sha: &str| {
        let body = json!({ "name": "a.wav", "size": size, "sha256": sha, "kind": "file" });
        runner.ask("POST", "/api/uploads", Some(body))
    };
    upload(9_000, &"a".repeat(64)).with_status(201);
    let full = upload(2_000, &"b".repeat(64)).with_status(507).json();
    assert_eq!(full["type"], "out-of-space");
    upload(u64::MAX, &"c".repeat(64)).with_status(507);
    let quota = runner.get("/api/uploads")["quota"].clone();
    assert_eq!(
        (quota["limit"].as_u64(), quota["used"].as_u64()),
        (Some(10_000), Some(9_000))
    );
    // A disk on which much has to stay free.
    fs::write(&settings, "free-disk-gb = 1e9\n").expect("a file");
    let runner = Runner::with(&["--settings", settings.to_str().expect("UTF-8")]);
    let body = json!({ "name": "a.wav", "size": 1, "sha256": "a".repeat(64), "kind": "file" });
    runner
        .ask("POST", "/api/uploads", Some(body))
        .with_status(507);
}
