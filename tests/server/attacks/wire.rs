//! What is no HTTP, or is it in two ways: read from bytes as they come over the wire.

use super::told;
use crate::{client, runner::Runner};
use serde_json::json;
use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

/// Sends bytes, and reads all that comes until the server ends the connection, or says nothing more.
fn exchange(runner: &Runner, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(runner.address).expect("a connection");
    stream
        .set_read_timeout(Some(Duration::from_millis(700)))
        .expect("a timeout");
    // The server may have had enough before the end.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// How many answers there are, and their statuses.
fn statuses(answer: &str) -> Vec<u16> {
    answer
        .split("HTTP/1.1 ")
        .skip(1)
        .filter_map(|rest| rest.get(..3)?.parse().ok())
        .collect()
}

#[test]
fn a_request_hidden_in_another_one_is_not_carried_out() {
    let runner = Runner::new();
    let job = runner.queue("hidden", 5_000);
    runner.wait_for(&job, &["running"]);
    let (host, token) = (runner.host(), runner.token());
    // What the smuggled request would do if it were taken for one.
    let hidden = format!(
        "POST /api/jobs/{job}/cancel HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
    );
    let length = hidden.len();
    let mut tried = 0;
    for heads in [
        // Two lengths; a length and chunks, in both orders; chunks that are none.
        format!("Content-Length: 4\r\nContent-Length: {}", length + 5),
        "Content-Length: 5\r\nTransfer-Encoding: chunked".to_owned(),
        "Transfer-Encoding: chunked\r\nContent-Length: 5".to_owned(),
        "Content-Length: 5\r\nContent-Length: 5\r\nTransfer-Encoding: chunked".to_owned(),
        "Transfer-Encoding: xchunked".to_owned(),
        "Transfer-Encoding: identity".to_owned(),
        "Transfer-Encoding: chunked, identity".to_owned(),
        "Transfer-Encoding : chunked".to_owned(),
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity".to_owned(),
        "Transfer-Encoding:\x0bchunked".to_owned(),
        "Content-Length: +5".to_owned(),
        "Content-Length: 0x5".to_owned(),
        "Content-Length: -5".to_owned(),
        "Content-Length: 5, 5".to_owned(),
        "Content-Length: 5 5".to_owned(),
        "Content-Length: 18446744073709551621".to_owned(),
        "Content-Length:\r\n 5".to_owned(),
        "X: a\r\n Content-Length: 5".to_owned(),
        "X: a\rContent-Length: 5".to_owned(),
    ] {
        let request = format!(
            "POST /api/logout HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\n{heads}\r\n\r\n0\r\n\r\n{hidden}"
        );
        let answer = exchange(&runner, request.as_bytes());
        let found = statuses(&answer);
        assert!(
            found.len() <= 1 && found.iter().all(|status| (400..500).contains(status)),
            "{heads:?}: {answer}"
        );
        assert_eq!(runner.state(&job), "running", "{heads:?}");
        tried += 1;
    }
    // Lengths of chunks that are none, or wrap around; what follows is no request.
    for chunk in [
        "-1\r\n",
        "+0\r\n",
        "0x0\r\n",
        " 0\r\n",
        "g\r\n",
        "FFFFFFFFFFFFFFFFF\r\n",
        "10000000000000000\r\n",
        "\r\n",
        "2\r\n{}XX0\r\n",
        "0\nX: y\r\n",
    ] {
        let request = format!(
            "POST /api/logout HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}\r\n{hidden}"
        );
        exchange(&runner, request.as_bytes());
        assert_eq!(runner.state(&job), "running", "{chunk:?}");
        tried += 1;
    }
    // A method for another one is what it is.
    for header in [
        "X-HTTP-Method-Override",
        "X-HTTP-Method",
        "X-Method-Override",
        "_method",
    ] {
        let headers = [(header, "DELETE")];
        let path = format!("/api/jobs/{job}/cancel?_method=DELETE");
        let asked = runner.ask_with(&token, "GET", &path, &headers, None);
        assert_eq!(asked.status, 405, "{}", asked.text());
        tried += 1;
    }
    assert_eq!(runner.state(&job), "running");
    told("request in a request", tried);
}

#[test]
fn what_is_no_request_is_no_request() {
    let runner = Runner::new();
    let (host, token) = (runner.host(), runner.token());
    let bearer = format!("Host: {host}\r\nAuthorization: Bearer {token}");
    let mut tried = 0;
    for bytes in [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec(),
        // The first bytes of TLS, of SSH, of a database.
        b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03".to_vec(),
        b"SSH-2.0-OpenSSH_9.6\r\n".to_vec(),
        b"*1\r\n$8\r\nFLUSHALL\r\n".to_vec(),
        b"GET /healthz\r\n\r\n".to_vec(),
        b"GET /healthz HTTP/0.9\r\n\r\n".to_vec(),
        b"GET /healthz HTTP/1.1\r\n\r\n".to_vec(),
        format!("GET /api/jobs HTTP/1.0\r\nAuthorization: Bearer {token}\r\n\r\n").into_bytes(),
        format!("GET  /api/jobs HTTP/1.1\r\n{bearer}\r\n\r\n").into_bytes(),
        format!("GET /api/jobs\tHTTP/1.1\r\n{bearer}\r\n\r\n").into_bytes(),
        format!("GET /api/jobs HTTP/1.1\r\n{bearer}\r\nNo colon\r\n\r\n").into_bytes(),
        format!("GET /api/jobs HTTP/1.1\r\n{bearer}\r\nX\0: y\r\n\r\n").into_bytes(),
        format!("GET /api/jobs HTTP/1.1\r\n{bearer}\r\n: y\r\n\r\n").into_bytes(),
        format!("G\x01T /api/jobs HTTP/1.1\r\n{bearer}\r\n\r\n").into_bytes(),
        format!("GET /api\x7f/jobs HTTP/1.1\r\n{bearer}\r\n\r\n").into_bytes(),
        format!("GET http://evil.example/api/jobs HTTP/1.1\r\n{bearer}\r\n\r\n").into_bytes(),
        format!("CONNECT evil.example:443 HTTP/1.1\r\n{bearer}\r\n\r\n").into_bytes(),
        format!("OPTIONS * HTTP/1.1\r\n{bearer}\r\n\r\n").into_bytes(),
        vec![0; 70_000],
        vec![b'A'; 70_000],
        vec![b'\n'; 70_000],
    ] {
        let answer = exchange(&runner, &bytes);
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
        assert!(
            statuses(&answer)
                .iter()
                .all(|status| (400..500).contains(status)),
            "{shown:?}: {answer}"
        );
        tried += 1;
    }
    // Another protocol that is asked for politely is not spoken.
    for upgrade in ["websocket", "h2c", "TLS/1.2"] {
        let request = format!(
            "GET /api/events HTTP/1.1\r\n{bearer}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: {upgrade}\r\n\
             HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        let answer = exchange(&runner, request.as_bytes());
        assert!(!statuses(&answer).contains(&101), "{upgrade}: {answer}");
        tried += 1;
    }
    // Another machine's name in a path is a path: at most the page itself is there.
    let request =
        format!("GET //evil.example/api/jobs HTTP/1.1\r\n{bearer}\r\nConnection: close\r\n\r\n");
    let answer = exchange(&runner, request.as_bytes());
    assert!(
        !answer.contains("\"jobs\"") && !answer.contains("location:"),
        "{answer}"
    );
    // A body that would be too large is refused before it is asked for.
    let expecting = format!(
        "POST /api/compare HTTP/1.1\r\n{bearer}\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\
         Expect: 100-continue\r\n\r\n"
    );
    assert_eq!(statuses(&exchange(&runner, expecting.as_bytes())), [413]);
    // Many requests at once are answered one after the other.
    let one = format!("GET /api/session HTTP/1.1\r\n{bearer}\r\n\r\n");
    let answer = exchange(&runner, one.repeat(100).as_bytes());
    assert_eq!(statuses(&answer), vec![200; 100]);
    told("no request", tried + 2);
}

#[test]
fn who_only_holds_connections_loses_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = folder.path().join("runner.toml");
    std::fs::write(&settings, "head-seconds = 2\n").expect("a file");
    let runner = Runner::with(&["--settings", settings.to_str().expect("UTF-8")]);
    let begun = Instant::now();
    let connect = || {
        let stream = TcpStream::connect(runner.address).expect("a connection");
        stream
            .set_read_timeout(Some(Duration::from_millis(20)))
            .expect("a timeout");
        stream
    };
    // Silent ones, ones whose headers never end, and ones that say no more after an answer.
    let mut held: Vec<(usize, TcpStream)> = (0..90).map(|number| (number % 3, connect())).collect();
    for (kind, stream) in &mut held {
        let first: &[u8] = match kind {
            0 => b"",
            1 => b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n",
            _ => b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
        };
        stream.write_all(first).expect("sent");
    }
    let mut ended = 0;
    while !held.is_empty() {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "{} are still held",
            held.len()
        );
        // Everybody else is answered meanwhile.
        let answer = client::send(
            runner.address,
            "GET",
            "/healthz",
            &[("Host", "localhost")],
            b"",
        );
        assert_eq!(answer.expect("an answer").status, 200);
        held.retain_mut(|(kind, stream)| {
            // A header at a time, for ever.
            if *kind == 1 && stream.write_all(b"X: y\r\n").is_err() {
                ended += 1;
                return false;
            }
            let mut some = [0; 4096];
            loop {
                match stream.read(&mut some) {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return true,
                    Err(_) => break,
                }
            }
            ended += 1;
            false
        });
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(ended, 90);
    assert!(begun.elapsed() > Duration::from_secs(1), "not at once");
    assert_eq!(runner.get("/api/session")["user"], json!("tester"));
    told("held connection", ended);
}
