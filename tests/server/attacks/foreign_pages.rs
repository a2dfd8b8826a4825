//! Requests that a foreign page makes in a user's name.

use super::{FILES, METHODS, address, attack, body, changing, cookie, told};
use crate::{client::send, runner::Runner};
use shared::protocol::{Access, Method, operations};

/// What can stand in `Origin` besides the page's own, which is `http://localhost:PORT`.
fn foreign(port: u16) -> Vec<String> {
    let other = port ^ 1;
    let mut all = vec![
        "null".to_owned(),
        "http://localhost".to_owned(),
        format!("http://localhost:{port}0"),
        format!("http://localhost:{other}"),
        format!("https://localhost:{port}"),
        format!("http://localhost.:{port}"),
        format!("http://localhost.evil:{port}"),
        format!("http://localhost:{port}.evil"),
        format!("http://evil@localhost:{port}"),
        format!("http://localhost:{port}@evil"),
        format!("http://127.0.0.1:{port}"),
        format!("http://localhost:{port}/"),
        format!("http://LOCALHOST:{port}"),
    ];
    all.extend(["http://evil.example", "http://localhost.evil", "file://"].map(str::to_owned));
    all
}

#[test]
fn a_cookie_alone_changes_nothing() {
    let runner = Runner::new();
    let (host, cookie) = (runner.host(), cookie(&runner));
    let own = format!("http://{host}");
    let mut tried = 0;
    let mut refuse =
        |method: &str, path: &str, headers: &[(&str, &str)], body: &[u8], wanted: u16| {
            let mut all = vec![("Host", host.as_str()), ("Cookie", cookie.as_str())];
            all.extend(headers);
            let answer = attack(&runner, method, path, &all, body).expect("an answer");
            assert_eq!(
                answer.status,
                wanted,
                "{method} {path} {headers:?}: {}",
                answer.text()
            );
            tried += 1;
        };
    for operation in changing() {
        let (path, method) = (address(operation), operation.method.word());
        let (media_type, bytes) = body(operation).unwrap_or(("application/json", b""));
        let json = ("Content-Type", media_type);
        refuse(method, &path, &[json], bytes, 403);
        for origin in foreign(runner.address.port()) {
            refuse(method, &path, &[json, ("Origin", &origin)], bytes, 403);
        }
        refuse(
            method,
            &path,
            &[json, ("Origin", &own), ("Origin", "http://evil.example")],
            bytes,
            403,
        );
        refuse(
            method,
            &path,
            &[json, ("Origin", &own), ("Sec-Fetch-Site", "cross-site")],
            bytes,
            403,
        );
        refuse(
            method,
            &path,
            &[json, ("Origin", &own), ("Sec-Fetch-Site", "same-site")],
            bytes,
            403,
        );
        if operation.request.media_type().is_none() {
            continue;
        }
        // What a form, or a script without asking, can send.
        for plain in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=a",
            "text/plain; application/json",
            "application/json-seq",
            "",
        ] {
            refuse(
                method,
                &path,
                &[("Origin", &own), ("Content-Type", plain)],
                bytes,
                415,
            );
        }
        refuse(method, &path, &[("Origin", &own)], bytes, 415);
        let twice = [
            ("Origin", own.as_str()),
            ("Content-Type", "text/plain"),
            json,
        ];
        refuse(method, &path, &twice, bytes, 415);
    }
    // Methods that are not in the table.
    for operation in operations::ALL {
        for method in METHODS
            .iter()
            .filter(|method| !matches!(**method, "GET" | "HEAD"))
        {
            let known = operations::ALL.iter();
            let known = known.filter(|other| other.path == operation.path);
            if known.clone().any(|other| other.method.word() == *method) {
                continue;
            }
            let path = address(operation);
            refuse(method, &path, &[], b"", 403);
            refuse(
                method,
                &path,
                &[("Origin", "http://evil.example")],
                b"",
                403,
            );
            refuse(method, &path, &[("Origin", &own)], b"", 405);
        }
    }
    for path in FILES {
        for method in METHODS
            .iter()
            .filter(|method| !matches!(**method, "GET" | "HEAD"))
        {
            refuse(method, path, &[("Origin", "http://evil.example")], b"", 403);
        }
    }
    told("cross-site request", tried);
}

#[test]
fn the_page_itself_is_let_in() {
    let runner = Runner::new();
    let (host, cookie) = (runner.host(), cookie(&runner));
    let own = format!("http://{host}");
    let headers = [
        ("Host", host.as_str()),
        ("Cookie", cookie.as_str()),
        ("Origin", own.as_str()),
        ("Sec-Fetch-Site", "same-origin"),
        ("Content-Type", "application/json; charset=utf-8"),
    ];
    for operation in changing().filter(|operation| operation.access != Access::Open) {
        // Before those after it are tried without a session.
        if *operation == operations::LOGOUT {
            continue;
        }
        let bytes = match body(operation) {
            Some(("application/json", bytes)) => bytes,
            Some(_) => continue,
            None => b"",
        };
        let answer = send(
            runner.address,
            operation.method.word(),
            &address(operation),
            &headers,
            bytes,
        );
        let status = answer.expect("an answer").status;
        assert!(
            !matches!(status, 401 | 403 | 405 | 413 | 415) && status < 500,
            "{operation:?}: {status}"
        );
    }
    send(runner.address, "POST", "/api/logout", &headers, b"{}")
        .expect("an answer")
        .with_status(204);
    send(runner.address, "GET", "/api/session", &headers, b"")
        .expect("an answer")
        .with_status(401);
}

#[test]
fn reading_from_foreign_pages_is_refused_too() {
    let runner = Runner::new();
    let (host, cookie) = (runner.host(), cookie(&runner));
    let mut tried = 0;
    for operation in operations::ALL
        .iter()
        .filter(|operation| operation.method == Method::Get)
    {
        for method in ["GET", "HEAD"] {
            let path = address(operation);
            let mut refuse = |header: (&str, &str)| {
                let headers = [("Host", host.as_str()), ("Cookie", cookie.as_str()), header];
                let answer = attack(&runner, method, &path, &headers, b"").expect("an answer");
                assert_eq!(answer.status, 403, "{method} {path} {header:?}");
                let cors = answer
                    .headers
                    .iter()
                    .any(|(name, _)| name.starts_with("access-control-"));
                assert!(!cors, "{:?}", answer.headers);
                tried += 1;
            };
            for origin in foreign(runner.address.port()) {
                refuse(("Origin", &origin));
            }
            if *operation != operations::ENTER {
                refuse(("Sec-Fetch-Site", "cross-site"));
                refuse(("Sec-Fetch-Site", "same-site"));
            }
        }
    }
    told("cross-site reading", tried);
}

#[test]
fn without_a_token_nothing_is_told() {
    let runner = Runner::new();
    let host = runner.host();
    let mut tried = 0;
    let closed = || {
        operations::ALL
            .iter()
            .filter(|operation| operation.access != Access::Open)
    };
    for operation in closed() {
        let (media_type, bytes) = body(operation).unwrap_or(("application/json", b""));
        let mut refuse = |header: (&str, &str)| {
            let headers = [
                ("Host", host.as_str()),
                ("Content-Type", media_type),
                header,
            ];
            let path = address(operation);
            let answer = send(
                runner.address,
                operation.method.word(),
                &path,
                &headers,
                bytes,
            );
            let answer = answer.expect("an answer");
            assert!(
                matches!(answer.status, 401 | 429),
                "{operation:?} {header:?}: {}",
                answer.status
            );
            tried += 1;
        };
        refuse(("Accept", "*/*"));
        refuse(("Authorization", "Bearer "));
        refuse(("Authorization", "Bearer 0000"));
        refuse(("Authorization", "Basic dGVzdGVyOnRlc3Rlcg=="));
        refuse(("Authorization", runner.token().as_str()));
    }
    // A right token counts, however many wrong ones came.
    assert_eq!(runner.get("/api/session")["user"], "tester");
    // A token in the address is none.
    let path = format!("/api/session?token={}", runner.token());
    send(runner.address, "GET", &path, &[("Host", &host)], b"")
        .expect("an answer")
        .with_status(401);
    // A wrong token is not made up for by a right cookie.
    let cookie = cookie(&runner);
    let headers = [
        ("Host", host.as_str()),
        ("Cookie", &cookie),
        ("Authorization", "Bearer 0000"),
    ];
    let answer = send(runner.address, "GET", "/api/session", &headers, b"").expect("an answer");
    assert!(matches!(answer.status, 401 | 429));
    let too_many = (0..20).map(|_| {
        let headers = [("Host", host.as_str()), ("Authorization", "Bearer 0000")];
        send(runner.address, "GET", "/api/session", &headers, b"").expect("an answer")
    });
    let limited = too_many
        .into_iter()
        .find(|answer| answer.status == 429)
        .expect("a limit");
    assert!(limited.header("retry-after").is_some());
    told("no token", tried);
}

#[test]
fn every_answer_tells_the_browser_to_be_careful() {
    let runner = Runner::new();
    let (host, bearer) = (runner.host(), format!("Bearer {}", runner.token()));
    let paths = operations::ALL
        .iter()
        .filter(|operation| operation.method == Method::Get)
        .map(address);
    // Events do not end.
    let paths = paths.filter(|path| !path.contains("events"));
    for path in paths.chain(FILES.iter().map(|&path| path.to_owned())) {
        for authorization in [bearer.as_str(), "Bearer 0"] {
            let headers = [("Host", host.as_str()), ("Authorization", authorization)];
            let answer = send(runner.address, "GET", &path, &headers, b"").expect("an answer");
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "no-referrer"),
                ("cross-origin-resource-policy", "same-origin"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-embedder-policy", "require-corp"),
            ] {
                assert_eq!(answer.header(name), Some(value), "{path}");
            }
            let policy = answer.header("content-security-policy").expect("a policy");
            assert!(
                policy.contains("frame-ancestors 'none'"),
                "{path}: {policy}"
            );
            assert!(
                !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
                "{path}: {policy}"
            );
            assert!(answer.header("access-control-allow-origin").is_none());
        }
    }
    let page = send(runner.address, "GET", "/", &[("Host", &host)], b"").expect("an answer");
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(
        policy.contains("default-src 'self'") && policy.contains("'wasm-unsafe-eval'"),
        "{policy}"
    );
}
