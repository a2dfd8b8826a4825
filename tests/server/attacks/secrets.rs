//! Tokens stand nowhere but where they were put.

use super::cookie;
use crate::{client::send, runner::Runner};
use std::{fs, path::Path};

#[test]
fn no_secret_is_written_down() {
    let runner = Runner::with(&["--log", "json"]);
    let second = runner.add_user(&["berta"]);
    let once = runner
        .page
        .split("token=")
        .nth(1)
        .expect("a token")
        .to_owned();
    let cookie = cookie(&runner);
    let value = cookie.split_once('=').expect("a value").1.to_owned();
    let job = runner.queue("secrets", 1);
    runner.wait_for(&job, &["finished"]);
    runner
        .ask_as(&second, "GET", "/api/jobs", None)
        .with_status(200);
    // Wrong ones are secrets of somebody too, and in the wrong place.
    let (host, wrong) = (runner.host(), "hf_0123456789wrongtokenwrongtoken");
    let bearer = format!("Bearer {wrong}");
    for path in [
        format!("/login?token={wrong}"),
        format!("/api/session?token={wrong}"),
        format!("/api/{wrong}"),
    ] {
        let headers = [("Host", host.as_str()), ("Authorization", bearer.as_str())];
        let answer = send(runner.address, "GET", &path, &headers, b"").expect("an answer");
        assert!(answer.status >= 400);
    }
    // The printed address works once.
    let path = &runner.page[runner.page.find("/login").expect("a path")..];
    let again = send(runner.address, "GET", path, &[("Host", &host)], b"").expect("an answer");
    assert!(matches!(again.status, 401 | 429), "{}", again.status);
    let secrets = [runner.token(), second, once, value, wrong.to_owned()];
    let mut seen = vec![("the log".to_owned(), runner.log().into_bytes())];
    collect(&runner.home(), &mut seen);
    assert!(seen.len() > 10, "jobs, store, events: {}", seen.len());
    for (name, bytes) in &seen {
        for (index, secret) in secrets.iter().enumerate() {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            // The owner's token has a file of its own, for programs.
            let own = index == 0 && name.ends_with("/token");
            assert!(!found || own, "secret {index} stands in {name}");
        }
    }
}

/// All files below `folder`.
fn collect(folder: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push((path.display().to_string(), fs::read(&path).expect("a file")));
        }
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_the_folder() {
    use std::os::unix::fs::PermissionsExt;
    let runner = Runner::with(&["--tls-self-signed"]);
    let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode(&runner.home()), 0o700);
    assert_eq!(mode(&runner.home().join("token")), 0o600);
    assert_eq!(mode(&runner.home().join("tls/key.pem")), 0o600);
}
