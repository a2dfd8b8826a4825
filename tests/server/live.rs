//! A model that listens while sound is recorded.

use crate::{client::Answer, corpus, runner::Runner};
use serde_json::{Value, json};
use std::{
    fs,
    thread::sleep,
    time::{Duration, Instant},
};

/// The media type of sound.
const SOUND: &str = "application/octet-stream";

/// A server with a finished job; its id.
fn trained() -> (Runner, String) {
    let runner = Runner::new();
    let job = runner.queue("heard", 1);
    runner.wait_for(&job, &["finished"]);
    (runner, job)
}

fn start(runner: &Runner, job: &str, body: Value) -> Answer {
    runner.ask("POST", &format!("/api/jobs/{job}/live"), Some(body))
}

/// Starts a session of short windows; its address.
fn session(runner: &Runner, job: &str, body: Value) -> String {
    let live = start(runner, job, body).with_status(201).json();
    format!("/api/live/{}", live["id"].as_str().expect("an id"))
}

/// Two tones, one after the other: what a microphone would send.
fn sound() -> Vec<u8> {
    [
        &corpus::wav(900.0, 8_000)[44..],
        &corpus::wav(220.0, 8_000)[44..],
    ]
    .concat()
}

/// Whether two predictions of the same stretch say the same.
fn same(a: &Value, b: &Value) -> bool {
    let scores = |one: &Value| -> Vec<f64> {
        let scores = one["scores"].as_object().expect("scores");
        scores.values().filter_map(Value::as_f64).collect()
    };
    let (a, b) = (scores(a), scores(b));
    a.len() == 2 && a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-5)
}

#[test]
fn sound_in_pieces_is_labelled_as_the_whole_is() {
    let (runner, job) = trained();
    let asked = json!({ "window": 0.2, "hop": 0.1, "at_once": 16 });
    let live = start(&runner, &job, asked).with_status(201).json();
    assert_eq!(live["labels"], json!(["high", "low"]));
    assert_eq!(
        (&live["device"], &live["rate"]),
        (&json!("cpu"), &json!(16_000))
    );
    let path = format!("/api/live/{}", live["id"].as_str().expect("an id"));
    let sound = sound();
    let mut heard = Vec::new();
    let mut at = 0;
    // However it is cut.
    for length in [10, 0, 1_590, 800, 2_401, 1_600, 5_000, 4_599] {
        let piece = &sound[2 * at..2 * (at + length)];
        let reply = runner
            .send("POST", &format!("{path}?offset={at}"), SOUND, piece)
            .with_status(200)
            .json();
        at += length;
        assert_eq!(reply["samples"], json!(at));
        assert_eq!(reply["skipped"], json!(0));
        heard.extend(reply["predictions"].as_array().expect("them").clone());
    }
    assert_eq!(at, 16_000);
    let ends: Vec<f64> = heard.iter().filter_map(|one| one["end"].as_f64()).collect();
    let expected: Vec<f64> = (1..=10).map(|tenth| f64::from(tenth) / 10.0).collect();
    assert_eq!(ends, expected);
    assert_eq!(heard[0]["start"], json!(0.0));
    // The same windows of a recording that is sent at once.
    let mut wav = corpus::wav(0.0, 16_000);
    wav.splice(44.., sound.iter().copied());
    let whole = runner
        .send(
            "POST",
            &format!("/api/jobs/{job}/predict/audio?window=0.2&hop=0.1"),
            SOUND,
            &wav,
        )
        .with_status(200)
        .json();
    assert_eq!(whole["device"], json!("cpu"));
    let whole = whole["predictions"].as_array().expect("them");
    assert_eq!(whole.len(), 9, "{whole:#?}");
    for one in whole {
        let matching = heard
            .iter()
            .find(|other| other["start"] == one["start"] && other["end"] == one["end"]);
        let matching = matching.expect("the same window");
        assert!(same(one, matching), "{one:#} {matching:#}");
        assert_eq!(one["predicted"], matching["predicted"]);
    }
    let listed = runner.get("/api/live");
    assert_eq!(listed["sessions"][0]["samples"], json!(16_000));
    runner.ask("DELETE", &path, None).with_status(204);
    runner.send("POST", &path, SOUND, &sound).with_status(404);
    assert_eq!(runner.get("/api/live"), json!({ "sessions": [] }));
}

#[test]
fn a_piece_that_is_sent_again_counts_once_and_what_is_late_is_skipped() {
    let (runner, job) = trained();
    let path = session(
        &runner,
        &job,
        json!({ "window": 0.2, "hop": 0.1, "at_once": 2, "rate": 8_000 }),
    );
    let sound = sound();
    let send = |offset: u64, bytes: &[u8]| {
        runner.send("POST", &format!("{path}?offset={offset}"), SOUND, bytes)
    };
    let first = send(0, &sound[..2_000]).with_status(200).json();
    assert_eq!(first["predictions"].as_array().map(Vec::len), Some(1));
    assert_eq!(send(0, &sound[..2_000]).with_status(200).json(), first);
    // Sound that is missing, that was there, that ends within a sample.
    let gap = send(1_001, &sound[..200]).with_status(409).json();
    assert_eq!(gap["key"], "offset");
    assert!(
        gap["detail"]
            .as_str()
            .is_some_and(|text| text.contains("1000"))
    );
    send(0, &sound[..1_998]).with_status(409);
    send(1_000, &sound[..201]).with_status(422);
    send(u64::MAX, &sound[..200]).with_status(409);
    // A second and a half at once: of 15 windows the last two.
    let much = send(1_000, &sound[..24_000]).with_status(200).json();
    assert_eq!(much["skipped"], json!(13));
    let ends: Vec<f64> = much["predictions"]
        .as_array()
        .expect("them")
        .iter()
        .filter_map(|one| one["end"].as_f64())
        .collect();
    assert_eq!(ends, [1.5, 1.6]);
    send(13_000, &sound[..200]).with_status(200);
}

#[test]
fn sessions_have_owners_places_and_an_end() {
    let (runner, job) = trained();
    let other = runner.add_user(&["berta"]);
    let short = || json!({ "window": 0.2, "hop": 0.1 });
    let paths = [
        session(&runner, &job, short()),
        session(&runner, &job, short()),
    ];
    let full = start(&runner, &job, short()).with_status(429);
    assert!(full.header("retry-after").is_some());
    for method in ["POST", "DELETE"] {
        let (host, bearer) = (runner.host(), format!("Bearer {other}"));
        let headers = [
            ("Host", host.as_str()),
            ("Authorization", bearer.as_str()),
            ("Content-Type", SOUND),
        ];
        let answer = crate::client::send(runner.address, method, &paths[0], &headers, b"");
        assert_eq!(answer.expect("an answer").status, 404);
    }
    let listed = runner.ask_as(&other, "GET", "/api/live", None);
    assert_eq!(listed.json(), json!({ "sessions": [] }));
    let metrics = || runner.ask("GET", "/metrics", None).with_status(200).text();
    assert!(metrics().contains("voxtune_live 2\n"), "{}", metrics());
    // The server sees that a process is gone, and gives its place to another one.
    let gone = listeners(&runner);
    assert_eq!(gone.len(), 2);
    for pid in &gone {
        crate::runner::signal(*pid, "-KILL");
    }
    for path in &paths {
        let broken = runner.send("POST", path, SOUND, &[0; 20]).with_status(503);
        assert!(broken.text().contains("start another session"));
        runner.send("POST", path, SOUND, &[0; 20]).with_status(404);
    }
    session(&runner, &job, short());
    // A server that is killed leaves none behind.
    let mut runner = runner;
    let left = listeners(&runner);
    assert_eq!(left.len(), 1);
    runner.kill();
    let since = Instant::now();
    while fs::read_to_string(format!("/proc/{}/stat", left[0]))
        .is_ok_and(|stat| !stat.contains(") Z "))
    {
        assert!(
            since.elapsed() < Duration::from_secs(20),
            "it is still there"
        );
        sleep(Duration::from_millis(50));
    }
}

/// The processes that listen for a server.
fn listeners(runner: &Runner) -> Vec<u32> {
    let home = runner.home().display().to_string();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").expect("the processes").flatten() {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        if line.contains("\0listen\0") && line.contains(&home) {
            let pid = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok());
            found.push(pid.expect("a number"));
        }
    }
    found
}

#[test]
fn what_cannot_be_is_refused() {
    let (runner, job) = trained();
    for (wrong, key) in [
        (json!({ "window": 0.01 }), "window"),
        (json!({ "window": 1e9 }), "window"),
        (json!({ "hop": 0 }), "hop"),
        (json!({ "hop": -1.0 }), "hop"),
        (json!({ "rate": 0 }), "rate"),
        (json!({ "rate": 4_294_967_295_u32 }), "rate"),
        (json!({ "at_once": 0 }), "at_once"),
        (json!({ "device": "cuda:99" }), "device"),
        (json!({ "device": "$(id)" }), "device"),
        (json!({ "device": "" }), "device"),
    ] {
        let refused = start(&runner, &job, wrong.clone()).with_status(422).json();
        assert_eq!(refused["key"], key, "{wrong}");
    }
    start(&runner, &job, json!({ "run": 7 })).with_status(404);
    start(&runner, &job, json!({ "model": "/etc" })).with_status(422);
    start(&runner, "0", json!({})).with_status(404);
    let path = format!("/api/jobs/{job}/predict/audio");
    let wav = corpus::wav(220.0, 3_200);
    for (query, status) in [
        ("window=0.1&max_duration=1", 422),
        ("hop=0.1", 422),
        ("window=0", 422),
        ("window=x", 400),
        ("device=cuda:99", 422),
        ("device=cpu", 200),
    ] {
        let answer = runner.send("POST", &format!("{path}?{query}"), SOUND, &wav);
        assert_eq!(answer.status, status, "{query}: {}", answer.text());
    }
    let unfinished = runner.queue("long", 5_000);
    start(&runner, &unfinished, json!({})).with_status(409);
}

#[test]
fn a_device_that_labels_makes_jobs_wait_and_the_other_way_round() {
    let (runner, job) = trained();
    let devices = runner.get("/api/devices");
    let devices = devices["devices"].as_array().expect("devices");
    // Any but the CPU, which is shared; software renderers are one.
    let Some(device) = devices.iter().find(|device| device["id"] != "cpu") else {
        return;
    };
    let device = device["id"].as_str().expect("an id");
    let asked = json!({ "window": 0.2, "hop": 0.1, "device": device });
    let path = session(&runner, &job, asked.clone());
    let busy = start(&runner, &job, asked.clone()).with_status(409).json();
    assert_eq!(busy["key"], "device");
    let text = corpus::ini(&runner.data(), "waits", 5_000)
        .replace("device = cpu", &format!("device = {device}"));
    let queued = runner
        .ask("POST", "/api/jobs", Some(json!({ "text": text })))
        .with_status(201)
        .json();
    let queued = crate::runner::id(&queued);
    sleep(Duration::from_secs(1));
    assert_eq!(runner.state(&queued), "queued");
    runner.ask("DELETE", &path, None).with_status(204);
    runner.wait_for(&queued, &["running"]);
    start(&runner, &job, asked).with_status(409);
    let predict = |device: &str| {
        runner.send(
            "POST",
            &format!("/api/jobs/{job}/predict/audio?device={device}"),
            SOUND,
            &corpus::wav(220.0, 3_200),
        )
    };
    predict(device).with_status(409);
    assert_eq!(predict("auto").with_status(200).json()["device"], "cpu");
}
