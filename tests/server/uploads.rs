//! Uploads that are cut and resumed, and datasets of them.

use crate::{
    client::{self, Answer},
    corpus,
    runner::Runner,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{io::Write, net::TcpStream, thread::sleep, time::Duration};

/// SHA-256 in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A zip of stored files with their Unix modes.
pub(crate) fn zip(files: &[(&str, &[u8], u32)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, content, mode) in files {
        let at = bytes.len() as u32;
        let mut common = vec![20, 0, 0, 8, 0, 0, 0, 0, 0, 0];
        common.extend(rawzip::crc32(content).to_le_bytes());
        common.extend((content.len() as u32).to_le_bytes());
        common.extend((content.len() as u32).to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&common);
        bytes.extend(name.as_bytes());
        bytes.extend(*content);
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(&common);
        directory.extend([0; 6]);
        directory.extend((mode << 16).to_le_bytes());
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let at = bytes.len() as u32;
    let count = (files.len() as u16).to_le_bytes();
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count, count].concat());
    bytes.extend((directory.len() as u32).to_le_bytes());
    bytes.extend(at.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

pub(crate) fn begin(runner: &Runner, name: &str, bytes: &[u8], kind: &str) -> Answer {
    let body = json!({ "name": name, "size": bytes.len(), "sha256": sha256(bytes), "kind": kind });
    runner.ask("POST", "/api/uploads", Some(body))
}

fn put(runner: &Runner, id: &str, offset: u64, piece: &[u8]) -> Answer {
    let bearer = format!("Bearer {}", runner.token());
    let headers = [
        ("Host", runner.host()),
        ("Authorization", bearer),
        ("Content-Type", "application/offset+octet-stream".to_owned()),
    ];
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let path = format!("/api/uploads/{id}?offset={offset}");
    client::send(runner.address, "PUT", &path, &headers, piece).expect("an answer")
}

/// Uploads a file; its id.
pub(crate) fn upload(runner: &Runner, name: &str, bytes: &[u8], kind: &str) -> String {
    let begun = begin(runner, name, bytes, kind);
    assert!(matches!(begun.status, 200 | 201), "{}", begun.text());
    let begun = begun.json();
    let id = begun["id"].as_str().expect("an id").to_owned();
    if begun["complete"] == json!(false) {
        let done = put(
            runner,
            &id,
            begun["offset"].as_u64().expect("a number"),
            bytes,
        );
        assert_eq!(done.with_status(200).json()["complete"], true);
    }
    id
}

/// The corpus as an archive, below a folder.
fn corpus_zip() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    corpus::write(folder.path());
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder.path())
        .expect("a folder")
        .flatten()
        .map(|file| {
            (
                format!("tones/{}", file.file_name().to_string_lossy()),
                std::fs::read(file.path()).expect("a file"),
            )
        })
        .collect();
    files.sort();
    let files: Vec<(&str, &[u8], u32)> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice(), 0o100_644))
        .collect();
    zip(&files)
}

#[test]
fn a_cut_upload_goes_on_where_it_was() {
    let mut runner = Runner::new();
    let bytes: Vec<u8> = (0..300_000u32).map(|n| (n * 7 % 251) as u8).collect();
    let begun = begin(&runner, "long.bin", &bytes, "file")
        .with_status(201)
        .json();
    let id = begun["id"].as_str().expect("an id").to_owned();
    let first = put(&runner, &id, 0, &bytes[..100_000])
        .with_status(200)
        .json();
    assert_eq!(
        (&first["offset"], &first["complete"]),
        (&json!(100_000), &json!(false))
    );
    // The cable is cut in the middle of a piece.
    let mut stream = TcpStream::connect(runner.address).expect("a connection");
    let head = format!(
        "PUT /api/uploads/{id}?offset=100000 HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/offset+octet-stream\r\nContent-Length: 200000\r\n\r\n",
        runner.host(),
        runner.token()
    );
    stream.write_all(head.as_bytes()).expect("sent");
    stream.write_all(&bytes[100_000..150_000]).expect("sent");
    stream.flush().expect("sent");
    sleep(Duration::from_millis(300));
    drop(stream);
    sleep(Duration::from_millis(300));
    let there = runner.get(&format!("/api/uploads/{id}"))["offset"]
        .as_u64()
        .expect("a number");
    assert!((100_000..=150_000).contains(&there), "{there}");
    // And the server dies.
    runner.kill();
    runner.start();
    assert_eq!(runner.get(&format!("/api/uploads/{id}"))["offset"], there);
    // A client that has forgotten everything begins again, and is told.
    let again = begin(&runner, "long.bin", &bytes, "file")
        .with_status(200)
        .json();
    assert_eq!(
        (&again["id"], &again["offset"]),
        (&json!(id), &json!(there))
    );
    put(&runner, &id, 0, &bytes).with_status(409);
    put(&runner, &id, there + 1, &bytes[there as usize + 1..]).with_status(409);
    let done = put(&runner, &id, there, &bytes[there as usize..])
        .with_status(200)
        .json();
    assert_eq!(done["complete"], true, "{done:#}");
    // Once there, nothing is sent twice.
    let known = begin(&runner, "other name.bin", &bytes, "file")
        .with_status(200)
        .json();
    assert_eq!(known["complete"], true);
    assert_eq!(runner.get("/api/uploads")["quota"]["used"], 300_000);
    runner
        .ask("DELETE", &format!("/api/uploads/{id}"), None)
        .with_status(204);
    runner
        .ask("GET", &format!("/api/uploads/{id}"), None)
        .with_status(404);
    assert_eq!(runner.get("/api/uploads")["quota"]["used"], 0);
}

#[test]
fn an_upload_is_what_it_was_said_to_be() {
    let runner = Runner::new();
    let body = json!({ "name": "a", "size": 4, "sha256": sha256(b"abcd"), "kind": "file" });
    let id = runner
        .ask("POST", "/api/uploads", Some(body))
        .with_status(201)
        .json()["id"]
        .clone();
    let id = id.as_str().expect("an id");
    put(&runner, id, 0, b"abcx").with_status(422);
    assert_eq!(
        runner.get(&format!("/api/uploads/{id}"))["offset"],
        0,
        "thrown away"
    );
    put(&runner, id, 0, b"abcdefgh").with_status(422);
    let there = runner.get(&format!("/api/uploads/{id}"))["offset"]
        .as_u64()
        .expect("a number");
    assert!(there <= 4);
    if there == 0 {
        put(&runner, id, 0, b"ab").with_status(200);
        put(&runner, id, 2, b"cd").with_status(200);
        assert_eq!(runner.get(&format!("/api/uploads/{id}"))["complete"], true);
    }
    for (name, size, sha) in [
        ("", 1, sha256(b"a")),
        ("a\nb", 1, sha256(b"a")),
        ("a", 1, "abc".to_owned()),
        ("a", 1, "../".repeat(22)),
    ] {
        let body = json!({ "name": name, "size": size, "sha256": sha, "kind": "file" });
        runner
            .ask("POST", "/api/uploads", Some(body))
            .with_status(422);
    }
    // Nothing at all is a file as well.
    let empty = begin(&runner, "empty", b"", "file").json();
    assert_eq!(empty["complete"], true);
}

#[test]
fn an_archive_becomes_a_dataset_that_a_job_learns_from() {
    let runner = Runner::new();
    let bytes = corpus_zip();
    let id = upload(&runner, "tones.zip", &bytes, "archive");
    let make = || {
        let body = json!({ "name": "tones.zip", "archive": id });
        runner.ask("POST", "/api/datasets", Some(body))
    };
    let dataset = make().with_status(201).json();
    assert_eq!(
        (&dataset["kind"], &dataset["files"]),
        (&json!("csv"), &json!(9)),
        "{dataset:#}"
    );
    let root = dataset["id"].as_str().expect("an id");
    let ini = dataset["ini"].as_str().expect("an INI");
    for line in [
        "databases = ['tones']",
        &format!("tones = dataset:{root}/tones/tones.csv"),
        "tones.type = csv",
        "target = pitch",
        "speaker_split",
    ] {
        assert!(ini.contains(line), "{line} in {ini}");
    }
    let roots = runner.get("/api/roots");
    assert!(roots["roots"].to_string().contains(root), "{roots:#}");
    let folder = runner.get(&format!("/api/roots/{root}?path=tones"));
    assert_eq!(
        folder["entries"].as_array().map(Vec::len),
        Some(9),
        "{folder:#}"
    );
    let info = runner.get(&format!(
        "/api/preview/info?root={root}&path=tones/anna-high.wav"
    ));
    assert_eq!(info["seconds"], 0.2);
    // The same archive is not sent again, and what is in it is kept once.
    let used = runner.get("/api/datasets")["quota"]["used"]
        .as_u64()
        .expect("a number");
    let again = begin(&runner, "again.zip", &bytes, "archive")
        .with_status(200)
        .json();
    assert_eq!(again["complete"], true);
    let body = json!({ "name": "again", "archive": again["id"] });
    let second = runner
        .ask("POST", "/api/datasets", Some(body))
        .with_status(201)
        .json();
    assert_eq!(
        runner.get("/api/datasets")["quota"]["used"].as_u64(),
        Some(used)
    );
    // Looked at, and learnt from.
    let table = format!(
        "{}/tones.csv",
        runner.data().canonicalize().expect("a folder").display()
    );
    let text = corpus::ini(&runner.data(), "uploaded", 1)
        .replace(&table, &format!("dataset:{root}/tones/tones.csv"));
    for survey in [false, true] {
        let body = json!({ "text": text, "survey": survey });
        let report = runner
            .ask("POST", "/api/data", Some(body))
            .with_status(200)
            .json();
        assert_eq!(report["rows"], 8, "{report:#}");
    }
    let job = runner
        .ask("POST", "/api/jobs", Some(json!({ "text": text })))
        .with_status(201)
        .json();
    let job = job["id"].as_str().expect("an id").to_owned();
    let ended = runner.wait_for(&job, &["finished", "failed"]);
    assert_eq!(ended["state"], "finished", "{ended:#}");
    // One of two goes; the other has all that it needs.
    runner
        .ask("DELETE", &format!("/api/datasets/{root}"), None)
        .with_status(204);
    runner
        .ask(
            "GET",
            &format!("/api/preview/info?root={root}&path=tones/anna-high.wav"),
            None,
        )
        .with_status(404);
    let second = second["id"].as_str().expect("an id");
    runner.get(&format!(
        "/api/preview/info?root={second}&path=tones/anna-high.wav"
    ));
    runner
        .ask("DELETE", &format!("/api/datasets/{second}"), None)
        .with_status(204);
    assert_eq!(runner.get("/api/datasets")["quota"]["used"], 0);
}

#[test]
fn a_dataset_stays_while_a_job_needs_it() {
    let runner = Runner::new();
    let id = upload(&runner, "tones.zip", &corpus_zip(), "archive");
    let body = json!({ "name": "tones", "archive": id });
    let dataset: Value = runner
        .ask("POST", "/api/datasets", Some(body))
        .with_status(201)
        .json();
    let root = dataset["id"].as_str().expect("an id");
    let table = format!(
        "{}/tones.csv",
        runner.data().canonicalize().expect("a folder").display()
    );
    let text = corpus::ini(&runner.data(), "long", 2_000)
        .replace(&table, &format!("dataset:{root}/tones/tones.csv"));
    let job = runner
        .ask("POST", "/api/jobs", Some(json!({ "text": text })))
        .with_status(201)
        .json();
    let job = job["id"].as_str().expect("an id").to_owned();
    runner
        .ask("DELETE", &format!("/api/datasets/{root}"), None)
        .with_status(409);
    runner.ask("POST", &format!("/api/jobs/{job}/cancel"), Some(json!({})));
    runner.wait_for(&job, &["cancelled", "failed", "finished"]);
    runner
        .ask("DELETE", &format!("/api/datasets/{root}"), None)
        .with_status(204);
}

#[test]
fn single_files_become_a_dataset_too() {
    let runner = Runner::new();
    let (wav, table) = (
        corpus::wav(440.0, 1_600),
        b"file,emotion\nwav/a.wav,joy\n".to_vec(),
    );
    upload(&runner, "a.wav", &wav, "file");
    upload(&runner, "calls.csv", &table, "file");
    let header = b"name: x\n".to_vec();
    upload(&runner, "db.yaml", &header, "file");
    let make = |files: Value| {
        let body = json!({ "name": "My calls (2024)", "files": files });
        runner
            .ask("POST", "/api/datasets", Some(body))
            .with_status(201)
            .json()
    };
    let csv = make(
        json!([{ "path": "wav/a.wav", "sha256": sha256(&wav) }, { "path": "calls.csv", "sha256": sha256(&table) }]),
    );
    assert_eq!(csv["kind"], "csv");
    assert!(
        csv["ini"]
            .as_str()
            .is_some_and(|ini| ini.contains("target = emotion") && ini.contains("my_calls__2024")),
        "{csv:#}"
    );
    let audio = make(json!([{ "path": "a.wav", "sha256": sha256(&wav) }]));
    assert_eq!(
        (&audio["kind"], &audio["ini"]),
        (&json!("audio"), &json!(null))
    );
    let audformat = make(
        json!([{ "path": "db/db.yaml", "sha256": sha256(&header) }, { "path": "db/a.wav", "sha256": sha256(&wav) }]),
    );
    assert_eq!(audformat["kind"], "audformat");
}
