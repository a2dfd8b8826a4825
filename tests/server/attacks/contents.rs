//! The files of datasets, as they are fetched again: only those of own datasets, by exactly the names that they have.

use super::told;
use crate::{
    client::{Answer, send},
    corpus,
    runner::Runner,
    uploads::{sha256, upload, zip},
};
use serde_json::{Value, json};

/// Sends a path as it is; the answer, where there is one.
fn get(runner: &Runner, token: &str, path: &str, range: Option<&str>) -> Option<Answer> {
    let (host, bearer) = (runner.host(), format!("Bearer {token}"));
    let mut headers = vec![("Host", host.as_str()), ("Authorization", bearer.as_str())];
    headers.extend(range.map(|range| ("Range", range)));
    send(runner.address, "GET", path, &headers, b"").ok()
}

/// Makes a dataset of one archive; its id.
fn dataset(runner: &Runner, files: &[(&str, &[u8], u32)]) -> String {
    let archive = upload(runner, "own.zip", &zip(files), "archive");
    let body = json!({ "name": "own", "archive": archive });
    let made = runner.ask("POST", "/api/datasets", Some(body));
    let made = made.with_status(201).json();
    made["id"].as_str().expect("an id").to_owned()
}

#[test]
fn only_what_lies_in_an_own_dataset_is_fetched() {
    let runner = Runner::new();
    let (owner, stranger) = (runner.token(), runner.add_user(&["stranger"]));
    let sound = corpus::wav(440.0, 5_000);
    let page: &[u8] = b"<script>document.title = 'run'</script>";
    let files: [(&str, &[u8], u32); 3] = [
        ("a/tone.wav", &sound, 0o100_644),
        ("a/page.html", page, 0o100_644),
        ("صوت %2e%2e.wav", b"x", 0o100_644),
    ];
    let id = dataset(&runner, &files);
    let base = format!("/api/datasets/{id}/files");

    // What is there is what was sent, by name, SHA-256 and stretch.
    let listed = runner.get(&base);
    assert_eq!(listed["name"], "own");
    let mut expected: Vec<Value> = files
        .iter()
        .map(|(path, bytes, _)| json!({ "path": path, "sha256": sha256(bytes), "size": bytes.len() }))
        .collect();
    expected.sort_by_key(|file| file["path"].to_string());
    let mut found = listed["files"].as_array().cloned().expect("a list");
    found.sort_by_key(|file| file["path"].to_string());
    assert_eq!(found, expected);
    for (path, bytes, _) in files {
        let path = format!("{base}/{}", escaped(path));
        let all = get(&runner, &owner, &path, None).expect("an answer");
        let all = all.with_status(200);
        assert_eq!(all.body, bytes);
        // Whatever it is, no browser shows it as a page.
        assert_eq!(all.header("content-type"), Some("application/octet-stream"));
        assert_eq!(all.header("x-content-type-options"), Some("nosniff"));
        assert!(
            all.header("content-security-policy")
                .is_some_and(|policy| policy.contains("sandbox"))
        );
    }
    let tone = format!("{base}/a/tone.wav");
    let part = get(&runner, &owner, &tone, Some("bytes=100-199")).expect("an answer");
    assert_eq!(part.with_status(206).body, &sound[100..200]);
    let outside = get(&runner, &owner, &tone, Some("bytes=999999-")).expect("an answer");
    outside.with_status(416);

    let mut tried = 0;
    let mut refuse = |token: &str, path: &str| {
        if let Some(answer) = get(&runner, token, path, None) {
            assert!(
                matches!(answer.status, 400 | 404 | 405 | 414 | 431),
                "{path}: {} {}",
                answer.status,
                answer.text()
            );
        }
        tried += 1;
    };
    let sha = sha256(&sound);
    let long = "a/".repeat(5_000);
    for name in [
        "",
        "a",
        "a/",
        ".",
        "..",
        "../files",
        "../../d0/files/a/tone.wav",
        "a/../a/tone.wav",
        "./a/tone.wav",
        "/a/tone.wav",
        "a//tone.wav",
        "A/TONE.WAV",
        "a\\tone.wav",
        "a/tone.wav/",
        "a/tone.wav\0",
        "a/tone.wav%00",
        "/etc/passwd",
        "../../../../../../etc/passwd",
        "file:///etc/passwd",
        &sha,
        &format!("{}/{sha}", &sha[..2]),
        &format!("../{id}.json"),
        &long,
    ] {
        refuse(&owner, &format!("{base}/{}", escaped(name)));
        if name.bytes().all(|byte| byte.is_ascii_graphic()) {
            let plain = format!("{base}/{name}");
            if plain != tone {
                refuse(&owner, &plain);
            }
        }
    }
    // Whose it is not learns nothing of it, and no other name is a dataset.
    refuse(&stranger, &base);
    refuse(&stranger, &tone);
    for other in [
        "demo",
        "..",
        "d0",
        "",
        "%2e%2e",
        "d000000000000000000000000",
    ] {
        refuse(&owner, &format!("/api/datasets/{other}/files"));
        refuse(&owner, &format!("/api/datasets/{other}/files/a/tone.wav"));
    }
    told("file of a dataset", tried);
}

/// Every byte escaped, so that exactly `text` arrives, but for `/`.
fn escaped(text: &str) -> String {
    let byte = |byte| match byte {
        b'/' => "/".to_owned(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
