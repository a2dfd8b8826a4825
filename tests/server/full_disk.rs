//! The disk is full under the server: nothing that was promised is lost, everything says so, and all
//! goes on when there is room again.

use crate::{
    runner::Runner,
    stream::{Stream, is_end},
    uploads::sha256,
};
use serde_json::{Value, json};
use std::{
    fs::{self, File},
    io::Write,
    path::PathBuf,
    thread::sleep,
    time::{Duration, Instant},
};

/// A file that takes all the room there is.
struct Ballast(PathBuf);

impl Ballast {
    /// Fills the server's disk up to `left` bytes.
    fn new(runner: &Runner, left: u64) -> Self {
        let path = runner.home().join("ballast");
        let mut file = File::create(&path).expect("a file");
        let block = vec![7; 64 << 10];
        let mut small = 64 << 10;
        while small > 0 {
            match file.write(&block[..small]) {
                Ok(count) if count > 0 => {}
                _ => small /= 2,
            }
        }
        let length = file.metadata().expect("its length").len();
        file.set_len(length.saturating_sub(left)).expect("room");
        Self(path)
    }

    fn remove(self) {
        fs::remove_file(self.0).expect("it is gone");
    }
}

/// A server on a small disk of which nothing is kept free, so that it really runs full.
fn server(megabytes: u32) -> Option<(Runner, tempfile::TempDir)> {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = folder.path().join("runner.toml");
    fs::write(&settings, "free-disk-gb = 0\n").expect("a file");
    let arguments = ["--settings", settings.to_str().expect("UTF-8")];
    let runner = Runner::on_small_disk(megabytes, &arguments);
    if runner.is_none() {
        skipped();
    }
    runner.map(|runner| (runner, folder))
}

#[allow(clippy::print_stderr)]
fn skipped() {
    eprintln!("not tried: this system lets nobody mount a disk of their own");
}

#[test]
fn an_upload_waits_for_room_and_the_store_takes_nothing_halfway() {
    let Some((runner, _settings)) = server(24) else {
        return;
    };
    let bytes: Vec<u8> = (0..6_000_000u32).map(|n| (n * 7 % 251) as u8).collect();
    let body = |size: usize, sha: String| json!({ "name": "long.bin", "size": size, "sha256": sha, "kind": "file" });
    // What cannot fit is refused before a byte of it comes.
    let much = body(1 << 30, "a".repeat(64));
    runner
        .ask("POST", "/api/uploads", Some(much))
        .with_status(507);
    let begun = runner
        .ask(
            "POST",
            "/api/uploads",
            Some(body(bytes.len(), sha256(&bytes))),
        )
        .with_status(201)
        .json();
    let path = format!("/api/uploads/{}", begun["id"].as_str().expect("an id"));
    let put = |offset: usize| {
        let path = format!("{path}?offset={offset}");
        runner.send(
            "PUT",
            &path,
            "application/offset+octet-stream",
            &bytes[offset..],
        )
    };
    let ballast = Ballast::new(&runner, 1 << 20);
    let refused = put(0).with_status(507).json();
    assert_eq!(refused["type"], "out-of-space");
    ballast.remove();
    let there = runner.get(&path)["offset"].as_u64().expect("a number") as usize;
    assert!(
        (1..bytes.len()).contains(&there),
        "{there}: what came before stays"
    );
    let done = put(there).with_status(200).json();
    assert_eq!(done["complete"], true, "{done:#}");

    // Not a byte is left: what writes is refused with the reason, what reads is answered.
    let job = runner.queue("kept", 5_000);
    runner.wait_for(&job, &["running"]);
    let ballast = Ballast::new(&runner, 0);
    let before = runner.get("/api/jobs");
    for _ in 0..3 {
        let body = json!({ "text": crate::corpus::ini(&runner.data(), "refused", 1) });
        let refused = runner.ask("POST", "/api/jobs", Some(body));
        assert_eq!(refused.status, 507, "{}", refused.text());
    }
    let names = |list: &Value| -> Vec<Value> {
        let jobs = list["jobs"].as_array().expect("jobs");
        jobs.iter().map(|job| job["name"].clone()).collect()
    };
    assert_eq!(names(&runner.get("/api/jobs")), names(&before));
    runner.get("/api/session");
    runner.ask("GET", "/metrics", None).with_status(200);
    ballast.remove();
    runner.queue("taken", 1);
    // It may have ended of the full disk before.
    let cancelled = runner.ask("POST", &format!("/api/jobs/{job}/cancel"), Some(json!({})));
    assert!(
        [200, 409].contains(&cancelled.status),
        "{}",
        cancelled.text()
    );
    let ended = runner.wait_for(&job, &["cancelled", "failed"]);
    assert!(
        ended["failure"].is_null() || ended["failure"]["kind"] == "disk",
        "{ended:#}"
    );
}

#[test]
fn a_job_on_a_full_disk_fails_with_the_reason_and_goes_on_when_there_is_room() {
    let Some((runner, _settings)) = server(40) else {
        return;
    };
    let job = runner.queue("stuffed", 60);
    let path = format!("/api/jobs/{job}");
    runner.wait_for_step(&job);
    let ballast = Ballast::new(&runner, 0);
    // It ends by itself, sooner or later: whatever it writes next does not fit.
    let exit = runner.job_folder(&job).join("exit.json");
    let process = PathBuf::from(format!("/proc/{}", runner.process(&job)));
    let since = Instant::now();
    while process.exists() && !exit.exists() {
        assert!(
            since.elapsed() < Duration::from_secs(120),
            "{}",
            runner.log()
        );
        sleep(Duration::from_millis(50));
    }
    // The server is there, and has nowhere to write down what happened.
    runner.get("/api/session");
    sleep(Duration::from_millis(1_500));
    ballast.remove();
    let failed = runner.wait_for(&job, &["failed", "finished"]);
    assert_eq!(failed["state"], "failed", "{failed:#}");
    assert_eq!(failed["failure"]["kind"], "disk", "{failed:#}");
    let advice = failed["failure"]["advice"].as_str().expect("advice");
    assert!(advice.contains("delete jobs"), "{advice}");
    assert_eq!(failed["attempts"], 1, "it would run full again");
    runner
        .ask("POST", &format!("{path}/resume"), Some(json!({})))
        .with_status(200);
    let done = runner.wait_for(&job, &["finished", "failed"]);
    assert_eq!(done["state"], "finished", "{done:#}");
    // No event is a mixture of two, and none came twice.
    let mut stream = Stream::open(&runner, &format!("{path}/events"), None);
    let mut last = 0;
    loop {
        let (id, event) = stream.next().expect("an event");
        assert!(id > last);
        last = id;
        if is_end(&event) && event["job"]["state"] == "finished" {
            break;
        }
    }
    assert!(!runner.log().contains("cannot be read"), "{}", runner.log());
    let records = runner.get(&format!("{path}/records"));
    assert_eq!(records["records"][0]["status"], "finished");
}
