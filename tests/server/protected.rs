//! The page's files, and encrypted connections.

use crate::{client::send, runner::Runner};
use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};

#[test]
fn the_page_is_served_or_says_how_to_build_it() {
    let runner = Runner::new();
    let host = runner.host();
    let ask = |path: &str, headers: &[(&str, &str)]| {
        let mut all = vec![("Host", host.as_str())];
        all.extend(headers);
        send(runner.address, "GET", path, &all, b"").expect("an answer")
    };
    let page = ask("/", &[]);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    if page.status == 503 {
        assert!(
            page.text().contains("scripts/build-page.sh"),
            "{}",
            page.text()
        );
        return;
    }
    let page = page.with_status(200);
    let tag = page.header("etag").expect("a tag").to_owned();
    ask("/", &[("If-None-Match", &tag)]).with_status(304);
    assert_eq!(ask("/runs/5", &[]).with_status(200).body, page.body);
    ask("/absent.js", &[]).with_status(404);
    let wasm = ask("/app_bg.wasm", &[]).with_status(200);
    assert_eq!(wasm.header("content-type"), Some("application/wasm"));
    let packed = ask("/app_bg.wasm", &[("Accept-Encoding", "gzip")]).with_status(200);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.body.len() < wasm.body.len());
    assert_ne!(packed.header("etag"), wasm.header("etag"));
}

#[test]
fn a_certificate_of_its_own() {
    let mut runner = Runner::with(&["--tls-self-signed", "--allow-host", "gpu-box.lab"]);
    assert!(
        runner.greeting.contains("https://localhost:"),
        "{}",
        runner.greeting
    );
    assert!(
        runner.greeting.contains("its SHA-256 must be"),
        "{}",
        runner.greeting
    );
    let file = runner.home().join("tls/certificate.pem");
    let first = std::fs::read(&file).expect("a certificate");
    for name in ["localhost", "127.0.0.1", "gpu-box.lab"] {
        let answer = encrypted(&runner, &first, name, "localhost").expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    assert!(
        encrypted(&runner, &first, "evil.example", "localhost").is_err(),
        "another name"
    );
    let refused = encrypted(&runner, &first, "localhost", "evil.example").expect("an answer");
    assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
    // Who speaks plainly gets no answer.
    let plain = send(
        runner.address,
        "GET",
        "/healthz",
        &[("Host", "localhost")],
        b"",
    );
    assert!(plain.is_err(), "{plain:?}");
    // It stays, so that nobody has to accept it again.
    runner.kill();
    runner.start();
    assert_eq!(std::fs::read(&file).expect("a certificate"), first);
}

#[test]
fn cookies_of_encrypted_pages_stay_encrypted() {
    let runner = Runner::with(&["--tls-self-signed"]);
    let certificate =
        std::fs::read(runner.home().join("tls/certificate.pem")).expect("a certificate");
    let path = &runner.page[runner.page.find("/login").expect("a path")..];
    let answer = request(
        &runner,
        &certificate,
        "localhost",
        &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
    );
    let answer = answer.expect("an answer");
    let cookie = answer
        .lines()
        .find(|line| line.to_lowercase().starts_with("set-cookie"))
        .expect("a cookie");
    for word in ["HttpOnly", "SameSite=Strict", "Secure"] {
        assert!(cookie.contains(word), "{cookie}");
    }
}

/// The answer to a request for `/healthz` that trusts `certificate` only.
fn encrypted(
    runner: &Runner,
    certificate: &[u8],
    name: &str,
    host: &str,
) -> std::io::Result<String> {
    request(
        runner,
        certificate,
        name,
        &format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
    )
}

fn request(runner: &Runner, certificate: &[u8], name: &str, text: &str) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(certificate).expect("a certificate"))
        .expect("a certificate");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("protocols")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    let connection = ClientConnection::new(Arc::new(config), name).expect("a connection");
    let stream = TcpStream::connect(runner.address)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut stream = StreamOwned::new(connection, stream);
    stream.write_all(text.as_bytes())?;
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        // Some servers end without saying so.
        Err(error) if answer.is_empty() => return Err(error),
        _ => {}
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
