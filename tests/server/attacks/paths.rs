//! Names and paths that lead out of what may be read.

use super::told;
use crate::{client::send, corpus, runner::Runner};
use serde_json::{Value, json};
use std::{fs, os::unix::fs::symlink, path::Path};

/// The length of the recording that must not be reached, which no other has.
const SECRET: usize = 12_345;

/// A server whose data root has links out of it, a sibling of the same beginning, and a file above.
fn runner() -> Runner {
    let runner = Runner::new();
    let data = runner.data().canonicalize().expect("a folder");
    let above = data.parent().expect("a folder");
    fs::create_dir(above.join("data2")).expect("a folder");
    for place in [above.join("secret.wav"), above.join("data2/secret.wav")] {
        fs::write(place, corpus::wav(440.0, SECRET)).expect("a recording");
    }
    symlink(above.join("secret.wav"), data.join("link.wav")).expect("a link");
    symlink("../secret.wav", data.join("relative.wav")).expect("a link");
    symlink(above.join("data2"), data.join("folder")).expect("a link");
    symlink("loop", data.join("loop")).expect("a link");
    symlink("/dev/zero", data.join("zero.wav")).expect("a link");
    symlink("tones.csv", data.join("inside.csv")).expect("a link");
    let made = std::process::Command::new("mkfifo")
        .arg(data.join("pipe.wav"))
        .status();
    assert!(made.is_ok_and(|status| status.success()));
    runner
}

/// What leads out, seen from a data root.
fn hostile(above: &Path) -> Vec<String> {
    let above = above.display();
    let mut all: Vec<String> = [
        "../secret.wav",
        "../data2/secret.wav",
        "a/../../secret.wav",
        "./../secret.wav",
        "..\\secret.wav",
        "..%2fsecret.wav",
        "%2e%2e/secret.wav",
        "%252e%252e/secret.wav",
        "%2e%2e%2fsecret.wav",
        "..;/secret.wav",
        "....//secret.wav",
        "//secret.wav",
        "/etc/passwd",
        "C:\\secret.wav",
        "\\\\host\\secret.wav",
        "link.wav",
        "relative.wav",
        "folder/secret.wav",
        "loop",
        "zero.wav",
        "pipe.wav",
        "tones.csv/../../secret.wav",
        "anna-high.wav\0.csv",
        "\u{ff0e}\u{ff0e}/secret.wav",
        "~/secret.wav",
        "2/secret.wav",
    ]
    .map(str::to_owned)
    .to_vec();
    all.extend([
        format!("{above}/secret.wav"),
        format!("{above}/data/../secret.wav"),
        format!("{above}/data2/secret.wav"),
        "a/".repeat(5000),
        "a".repeat(100_000),
    ]);
    all
}

/// Every byte escaped, so that exactly `text` arrives.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn harmless(what: &str, answer: &crate::client::Answer) {
    assert!(
        matches!(answer.status, 400 | 404 | 414 | 422 | 431),
        "{what}: {} {}",
        answer.status,
        answer.text()
    );
    assert!(!answer.text().contains("root:"), "{what}");
}

#[test]
fn previews_and_listings_stay_below_their_root() {
    let runner = runner();
    let data = runner.data().canonicalize().expect("a folder");
    let mut tried = 0;
    for path in hostile(data.parent().expect("a folder")) {
        for kind in ["info", "peaks", "spectrogram", "audio"] {
            for path in [escaped(&path), path.replace([' ', '\0', '\u{ff0e}'], "%00")] {
                let address = format!("/api/preview/{kind}?root=0&path={path}");
                if let Ok(answer) = send(
                    runner.address,
                    "GET",
                    &address,
                    &[
                        ("Host", &runner.host()),
                        ("Authorization", &format!("Bearer {}", runner.token())),
                    ],
                    b"",
                ) {
                    let shown: String = address.chars().take(120).collect();
                    harmless(&shown, &answer);
                }
                tried += 1;
            }
        }
        let folder = path
            .rsplit_once('/')
            .map_or(path.as_str(), |(folder, _)| folder);
        if folder.is_empty() || folder == "tones.csv" {
            continue;
        }
        let answer = send(
            runner.address,
            "GET",
            &format!("/api/roots/0?path={}", escaped(folder)),
            &[
                ("Host", &runner.host()),
                ("Authorization", &format!("Bearer {}", runner.token())),
            ],
            b"",
        );
        if let Ok(answer) = answer {
            harmless(&folder.chars().take(100).collect::<String>(), &answer);
        }
        tried += 1;
    }
    for root in [
        "1000",
        "-1",
        "+0",
        "00000000000000000000000",
        "..",
        "%2e%2e",
        "0%00",
        "d000000000000000000000000",
        "",
    ] {
        let answer = runner.ask(
            "GET",
            &format!("/api/preview/info?root={root}&path=tones.csv"),
            None,
        );
        harmless(root, &answer);
        tried += 1;
    }
    // What is there is there: and names with odd characters are only names.
    fs::copy(
        data.join("anna-high.wav"),
        data.join("%2e%2e $(id) <b>.wav"),
    )
    .expect("a copy");
    for path in ["anna-high.wav", "%2e%2e $(id) <b>.wav"] {
        let info = runner.get(&format!("/api/preview/info?root=0&path={}", escaped(path)));
        assert_eq!(info["rate"], 16_000, "{path}");
    }
    let listing = runner.get("/api/roots/0");
    let names: Vec<&str> = listing["entries"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|entry| entry["name"].as_str())
        .collect();
    assert!(
        names.contains(&"inside.csv") && names.contains(&"tones.csv"),
        "{names:?}"
    );
    for gone in [
        "link.wav",
        "relative.wav",
        "folder",
        "loop",
        "zero.wav",
        "pipe.wav",
    ] {
        assert!(!names.contains(&gone), "{names:?}");
    }
    told("path of a preview", tried);
}

#[test]
fn addresses_with_dots_reach_nothing() {
    let runner = Runner::new();
    let job = runner.queue("dots", 1);
    runner.wait_for(&job, &["finished"]);
    let mut tried = 0;
    for tail in [
        "../../../../../etc/passwd",
        "../experiment.ini",
        "..%2fexperiment.ini",
        "%2e%2e/experiment.ini",
        "%2e%2e%2fexperiment.ini",
        "%252e%252e%252fexperiment.ini",
        "..%5cexperiment.ini",
        "..\\experiment.ini",
        "%2fetc%2fpasswd",
        "/etc/passwd",
        "a%00",
        ".lock",
        "%2e",
        "%2e%2e",
    ] {
        for base in [
            format!("/api/jobs/{job}/files/"),
            "/".to_owned(),
            "/api/roots/0/".to_owned(),
            "/assets/".to_owned(),
        ] {
            let address = format!("{base}{tail}");
            let headers = [
                ("Host", runner.host()),
                ("Authorization", format!("Bearer {}", runner.token())),
            ];
            let headers: Vec<(&str, &str)> = headers
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            let answer = send(runner.address, "GET", &address, &headers, b"").expect("an answer");
            let text = answer.text();
            assert!(
                answer.status < 500 || answer.status == 503,
                "{address}: {text}"
            );
            assert!(
                !text.contains("root:") && !text.contains("pretrained_model"),
                "{address}: {text}"
            );
            tried += 1;
        }
    }
    told("dots in an address", tried);
}

#[test]
fn experiments_and_tables_name_only_what_is_in_sight() {
    let runner = runner();
    let data = runner.data().canonicalize().expect("a folder");
    let above = data.parent().expect("a folder").display().to_string();
    let good = corpus::ini(&data, "sight", 1);
    let ask = |what: &str, text: &str| runner.ask("POST", what, Some(json!({ "text": text })));
    let mut tried = 0;
    let table = format!("{}/tones.csv", data.display());
    fs::copy(&table, format!("{above}/data2/tones.csv")).expect("a copy");
    for path in [
        format!("{above}/data2/tones.csv"),
        format!("{above}/data/../data2/tones.csv"),
        format!("{}/folder/tones.csv", data.display()),
        format!("{}/../data2/tones.csv", data.display()),
        "/etc/passwd".to_owned(),
        "/proc/self/environ".to_owned(),
        "./tones.csv".to_owned(),
        "tones.csv".to_owned(),
        "../data/tones.csv".to_owned(),
        "dataset:d00000000000000000000000a/tones.csv".to_owned(),
        "dataset:../tones.csv".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        let text = good.replace(&table, &path);
        for what in ["/api/jobs", "/api/data"] {
            let answer = ask(what, &text);
            assert_eq!(answer.status, 422, "{path}: {}", answer.text());
            let problem = answer.json();
            assert_eq!(problem["type"], "invalid-config", "{problem:#}");
            assert_eq!(
                (&problem["section"], &problem["key"]),
                (&json!("DATA"), &json!("tones")),
                "{problem:#}"
            );
            tried += 1;
        }
        let checked = ask("/api/check", &text).with_status(200).json();
        let told = checked["diagnostics"].to_string();
        assert!(
            checked["valid"] == json!(true)
                || told.contains("tones")
                || told.contains("missing-path") && told.contains(&path),
            "{path}: {told}"
        );
        tried += 1;
    }
    for model in [above.as_str(), "/etc", "../model", "dataset:x/model"] {
        let text = good.replace(
            "pretrained_model = ",
            &format!("pretrained_model = {model}\n# "),
        );
        assert_eq!(ask("/api/jobs", &text).status, 422, "{model}");
        tried += 1;
    }
    // Rows.
    for row in [
        format!("{above}/secret.wav"),
        "../secret.wav".to_owned(),
        format!("{above}/data2/secret.wav"),
        "/dev/zero".to_owned(),
    ] {
        let lines = fs::read_to_string(&table).expect("the table");
        fs::write(data.join("rows.csv"), format!("{lines}{row},eve,high\n")).expect("a table");
        let text = good.replace("tones.csv", "rows.csv");
        let answer = ask("/api/jobs", &text);
        assert_eq!(answer.status, 422, "{row}: {}", answer.text());
        assert!(
            answer.text().contains("line 10"),
            "{row}: {}",
            answer.text()
        );
        tried += 1;
    }
    // Links in tables lead to rows that are left out.
    let lines = fs::read_to_string(&table).expect("the table");
    fs::write(
        data.join("rows.csv"),
        format!("{lines}link.wav,eve,high\nfolder/secret.wav,eve,low\n"),
    )
    .expect("a table");
    let report = ask("/api/data", &good.replace("tones.csv", "rows.csv"))
        .with_status(200)
        .json();
    let dropped: u64 = report["dropped"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|drop| drop["count"].as_u64())
        .sum();
    assert_eq!(dropped, 2, "{report:#}");
    told("path in an experiment", tried);
}

#[test]
fn labelling_reads_only_what_is_in_sight() {
    let runner = runner();
    let data = runner.data().canonicalize().expect("a folder");
    let above = data.parent().expect("a folder").display().to_string();
    let job = runner.queue("label", 1);
    runner.wait_for(&job, &["finished"]);
    let ask = |path: &str| {
        let body = json!({ "files": [{ "root": "0", "path": path }] });
        runner.ask("POST", &format!("/api/jobs/{job}/predict"), Some(body))
    };
    let mut tried = 0;
    for path in [
        "../secret.wav",
        "link.wav",
        "folder/secret.wav",
        "/etc/passwd",
        "%2e%2e/secret.wav",
        "a\0.wav",
        "--help",
        "zero.wav",
    ] {
        let answer = ask(path);
        assert!(
            matches!(answer.status, 404 | 422),
            "{path}: {} {}",
            answer.status,
            answer.text()
        );
        tried += 1;
    }
    // Lists name files too.
    fs::write(data.join("list.txt"), format!("{above}/secret.wav\n")).expect("a list");
    fs::write(data.join("list.csv"), format!("file\n{above}/secret.wav\n")).expect("a list");
    for path in ["list.txt", "list.csv"] {
        let answer = ask(path);
        assert_eq!(answer.status, 422, "{path}: {}", answer.text());
        tried += 1;
    }
    let labelled: Value = ask("anna-high.wav").with_status(200).json();
    assert_eq!(
        labelled["predictions"].as_array().map(Vec::len),
        Some(1),
        "{labelled:#}"
    );
    told("path to be labelled", tried);
}
