//! DNS rebinding: foreign names of this machine.

use super::{FILES, METHODS, address, attack, body, cookie, told};
use crate::{client::send, runner::Runner};
use shared::protocol::operations;

const FOREIGN: &[&str] = &[
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "localhost.",
    "0.0.0.0",
    "2130706433",
    "[::ffff:127.0.0.1]",
    "user@localhost",
];

#[test]
fn foreign_names_are_refused_on_every_route_and_method() {
    let runner = Runner::new();
    let (cookie, token) = (cookie(&runner), format!("Bearer {}", runner.token()));
    let mut tried = 0;
    let mut refuse = |method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]| {
        // Even with all that opens it otherwise.
        let mut all = vec![
            ("Authorization", token.as_str()),
            ("Cookie", cookie.as_str()),
        ];
        all.extend(headers);
        let Some(answer) = attack(&runner, method, path, &all, body) else {
            panic!("{method} {path} {headers:?}: no answer");
        };
        assert!(
            matches!(answer.status, 400 | 403),
            "{method} {path} {headers:?}: {} {}",
            answer.status,
            answer.text()
        );
        if method != "HEAD" && answer.status == 403 {
            assert_eq!(answer.json()["type"], "forbidden");
        }
        tried += 1;
    };
    for operation in operations::ALL {
        let path = address(operation);
        let (media_type, bytes) = body(operation).unwrap_or(("application/json", b""));
        for host in FOREIGN {
            let port = format!("{host}:{}", runner.address.port());
            let method = operation.method.word();
            refuse(
                method,
                &path,
                &[("Host", host), ("Content-Type", media_type)],
                bytes,
            );
            refuse(
                method,
                &path,
                &[("Host", &port), ("Content-Type", media_type)],
                bytes,
            );
        }
        for method in METHODS {
            refuse(method, &path, &[("Host", "evil.example")], b"");
        }
    }
    for path in FILES {
        for method in METHODS {
            refuse(method, path, &[("Host", "evil.example")], b"");
        }
    }
    // None, two, and one in the request line.
    refuse("GET", "/healthz", &[], b"");
    refuse(
        "GET",
        "/healthz",
        &[("Host", "localhost"), ("Host", "evil.example")],
        b"",
    );
    refuse(
        "GET",
        "http://evil.example/healthz",
        &[("Host", "localhost")],
        b"",
    );
    told("foreign host", tried);
}

#[test]
fn own_names_and_allowed_ones_are_answered() {
    let runner = Runner::with(&[
        "--allow-host",
        "gpu-box.lab",
        "--allow-host",
        "https://page.lab",
    ]);
    for host in [
        "localhost",
        "127.0.0.1",
        "127.8.8.8",
        "[::1]",
        "LOCALHOST",
        "gpu-box.lab",
        "page.lab",
    ] {
        for host in [host.to_owned(), format!("{host}:{}", runner.address.port())] {
            let answer = send(runner.address, "GET", "/healthz", &[("Host", &host)], b"");
            answer.expect("an answer").with_status(200);
        }
    }
    // A page behind a proxy that speaks TLS.
    let cookie = cookie(&runner);
    let logout = |origin: &str| {
        let headers = [
            ("Host", "page.lab"),
            ("Cookie", cookie.as_str()),
            ("Origin", origin),
            ("Content-Type", "application/json"),
        ];
        send(
            runner.address,
            "POST",
            "/api/check",
            &headers,
            br#"{"text": ""}"#,
        )
        .expect("an answer")
    };
    logout("https://page.lab").with_status(200);
    logout("https://page.lab:444").with_status(403);
}
