//! Uploads of others' making: archives, names, hashes.

use super::told;
use crate::{
    corpus,
    runner::Runner,
    uploads::{sha256, upload, zip},
};
use serde_json::{Value, json};

/// Makes a dataset of an archive; the answer.
fn unpack(runner: &Runner, bytes: &[u8]) -> crate::client::Answer {
    let id = upload(runner, "a.zip", bytes, "archive");
    let body = json!({ "name": "a.zip", "archive": id });
    runner.ask("POST", "/api/datasets", Some(body))
}

#[test]
fn archives_are_judged_before_they_are_unpacked() {
    let runner = Runner::new();
    let wav = corpus::wav(440.0, 100);
    let mut tried = 0;
    let mut refuse = |what: &str, bytes: &[u8]| {
        let answer = unpack(&runner, bytes);
        assert_eq!(answer.status, 422, "{what}: {}", answer.text());
        let problem = answer.json();
        assert!(
            problem["detail"]
                .as_str()
                .is_some_and(|detail| detail.len() > 20),
            "{problem:#}"
        );
        tried += 1;
    };
    for name in [
        "../a.wav",
        "a/../../b.wav",
        "/tmp/a.wav",
        "C:\\a.wav",
        "a\\..\\b.wav",
        "a//b.wav",
        "..",
        "a\0.wav",
        "./a.wav",
    ] {
        refuse(name, &zip(&[(name, &wav, 0o100_644)]));
    }
    refuse("link", &zip(&[("a.wav", b"/etc/passwd", 0o120_777)]));
    refuse("device", &zip(&[("a.wav", b"", 0o020_644)]));
    refuse(
        "twice",
        &zip(&[("a.wav", &wav, 0o100_644), ("a.wav", &wav, 0o100_644)]),
    );
    refuse(
        "file and folder",
        &zip(&[("a", &wav, 0o100_644), ("a/b.wav", &wav, 0o100_644)]),
    );
    refuse("nothing", &zip(&[]));
    refuse("no zip", b"PK\x03\x04 and then something else");
    refuse("cut", &zip(&[("a.wav", &wav, 0o100_644)])[..60]);
    // One byte of the content is another than its checksum says.
    let mut broken = zip(&[("a.wav", &wav, 0o100_644)]);
    broken[60] ^= 1;
    refuse("checksum", &broken);
    // Nothing of all that is left.
    assert_eq!(runner.get("/api/datasets")["datasets"], json!([]));
    let files: Vec<_> = walk(&runner.home().join("datasets"));
    assert!(files.is_empty(), "{files:?}");
    assert!(!std::path::Path::new("/tmp/a.wav").exists());
    told("archive", tried);
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries.flatten().map(|entry| entry.path()).collect()
}

#[test]
fn names_in_a_dataset_are_places() {
    let runner = Runner::new();
    let wav = corpus::wav(440.0, 100);
    upload(&runner, "a.wav", &wav, "file");
    let sha = sha256(&wav);
    let make = |files: Value| {
        runner.ask(
            "POST",
            "/api/datasets",
            Some(json!({ "name": "a", "files": files })),
        )
    };
    let mut tried = 0;
    for path in [
        "../a.wav",
        "/a.wav",
        "a/../b",
        "a\\b",
        "",
        "a\0b",
        "C:a",
        "a/",
        &"a/".repeat(50),
        &"a".repeat(300),
    ] {
        let answer = make(json!([{ "path": path, "sha256": sha }]));
        assert_eq!(answer.status, 422, "{path}: {}", answer.text());
        tried += 1;
    }
    for sha in [
        "",
        "../../etc/passwd",
        &"g".repeat(64),
        &"a".repeat(63),
        &format!("../{}", "a".repeat(61)),
    ] {
        let answer = make(json!([{ "path": "a.wav", "sha256": sha }]));
        assert_eq!(answer.status, 422, "{sha}: {}", answer.text());
        tried += 1;
    }
    make(json!([{ "path": "a.wav", "sha256": sha }, { "path": "a.wav", "sha256": sha }]))
        .with_status(422);
    make(json!([{ "path": "a.wav", "sha256": "a".repeat(64) }])).with_status(409);
    // Percent signs are names, and so are markup and commands.
    let names = [
        "%2e%2e/a.wav",
        "<img src=x onerror=alert(1)>.wav",
        "$(id).wav",
    ];
    let files: Vec<Value> = names
        .iter()
        .map(|path| json!({ "path": path, "sha256": sha }))
        .collect();
    let dataset = make(json!(files)).with_status(201).json();
    let id = dataset["id"].as_str().expect("an id");
    let listing = runner.get(&format!("/api/roots/{id}"));
    assert_eq!(
        listing["entries"].as_array().map(Vec::len),
        Some(3),
        "{listing:#}"
    );
    let info = runner.get(&format!(
        "/api/preview/info?root={id}&path=%252e%252e/a.wav"
    ));
    assert_eq!(info["rate"], 16_000);
    told("name in a dataset", tried);
}

#[test]
fn what_is_anothers_is_not_there() {
    let runner = Runner::new();
    let token = runner.add_user(&["berta"]);
    let wav = corpus::wav(333.0, 1_000);
    let mine = upload(&runner, "secret.wav", &wav, "file");
    let sha = sha256(&wav);
    // Knowing its hash does not make it hers.
    let body = json!({ "name": "a", "files": [{ "path": "a.wav", "sha256": sha }] });
    runner
        .ask_as(&token, "POST", "/api/datasets", Some(body.clone()))
        .with_status(409);
    let body_of_hers = json!({ "name": "a.wav", "size": wav.len(), "sha256": sha, "kind": "file" });
    let hers = runner
        .ask_as(&token, "POST", "/api/uploads", Some(body_of_hers))
        .with_status(201)
        .json();
    assert_eq!(
        (&hers["offset"], &hers["complete"]),
        (&json!(0), &json!(false))
    );
    // Nor do ids.
    let dataset = runner
        .ask("POST", "/api/datasets", Some(body))
        .with_status(201)
        .json();
    let id = dataset["id"].as_str().expect("an id");
    for (method, path) in [
        ("GET", format!("/api/uploads/{mine}")),
        ("DELETE", format!("/api/uploads/{mine}")),
        ("GET", format!("/api/datasets/{id}")),
        ("DELETE", format!("/api/datasets/{id}")),
        ("GET", format!("/api/roots/{id}")),
        ("GET", format!("/api/preview/info?root={id}&path=a.wav")),
        ("GET", format!("/api/preview/audio?root={id}&path=a.wav")),
    ] {
        runner.ask_as(&token, method, &path, None).with_status(404);
    }
    assert_eq!(
        runner.ask_as(&token, "GET", "/api/datasets", None).json()["datasets"],
        json!([])
    );
    let text = corpus::ini(&runner.data(), "theft", 1);
    let table = format!(
        "{}/tones.csv",
        runner.data().canonicalize().expect("a folder").display()
    );
    let text = text.replace(&table, &format!("dataset:{id}/tones.csv"));
    runner
        .ask_as(&token, "POST", "/api/jobs", Some(json!({ "text": text })))
        .with_status(422);
    assert_eq!(runner.get(&format!("/api/datasets/{id}"))["files"], 1);
}
