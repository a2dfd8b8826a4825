//! The server is killed at random points, and nothing is lost.

use crate::{runner::Runner, stream::Stream};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

/// How long it may take at most, on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(600);
/// Jobs in the queue.
const JOBS: usize = 20;

/// Says how often it was killed; `--nocapture` shows it.
#[allow(clippy::print_stderr)]
fn told(kills: usize) {
    eprintln!("{JOBS} jobs, the server killed {kills} times");
}

/// A number that looks random, the same in every run.
fn next(seed: &mut u64) -> u64 {
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

#[test]
fn a_queue_survives_a_server_that_is_killed_again_and_again() {
    let mut runner = Runner::with(&["--jobs-per-device", "2"]);
    let jobs: Vec<String> = (0..JOBS)
        .map(|number| runner.queue(&format!("job-{number}"), 2))
        .collect();
    let mut seed = 7;
    let mut kills = 0;
    let since = Instant::now();
    loop {
        thread::sleep(Duration::from_millis(50 + next(&mut seed) % 1200));
        runner.kill();
        kills += 1;
        // Now and then it stays away for so long that jobs end meanwhile.
        thread::sleep(Duration::from_millis(next(&mut seed) % 3 * 400));
        runner.start();
        let left = runner.get("/api/jobs")["jobs"]
            .as_array()
            .expect("jobs")
            .iter()
            .filter(|job| job["state"] != "finished")
            .count();
        if left == 0 {
            break;
        }
        assert!(
            since.elapsed() < PATIENCE,
            "{left} jobs are left\n{}",
            runner.log()
        );
    }
    assert!(kills > 3, "it was killed {kills} times only");
    told(kills);
    let mut results = BTreeMap::new();
    for job in &jobs {
        let path = format!("/api/jobs/{job}");
        let found = runner.get(&path);
        assert_eq!(found["state"], "finished", "{found:#}");
        let last = found["last_event"].as_u64().expect("an id");
        let mut stream = Stream::open(&runner, &format!("{path}/events"), None);
        let (mut ends, mut steps, mut evaluated) = (0, Vec::new(), Vec::new());
        loop {
            let (id, event) = stream.next().expect("an event");
            match event["run"]["event"].as_str() {
                Some("step") => steps.push(event["run"]["step"].as_u64().expect("a step")),
                Some("evaluation") => evaluated.push(event["run"]["step"].clone()),
                _ => {}
            }
            ends += usize::from(event["kind"] == "state" && event["job"]["state"] == "finished");
            if id >= last {
                break;
            }
        }
        assert_eq!(ends, 1, "{job} ended {ends} times");
        assert_eq!(steps, [1, 2], "every step is told once, by one process");
        let records = runner.get(&format!("{path}/records"));
        assert_eq!(
            records["records"].as_array().map(Vec::len),
            Some(1),
            "{records:#}"
        );
        assert_eq!(records["records"][0]["status"], "finished");
        results.insert(job.clone(), records["records"][0]["results"].clone());
    }
    // They are one experiment, and so they have one result.
    let first: &Value = &results[&jobs[0]];
    for (job, result) in &results {
        assert_eq!(result["test"]["metrics"], first["test"]["metrics"], "{job}");
    }
}

#[test]
fn a_process_that_never_came_is_not_waited_for_anew_by_each_server() {
    let mut runner = Runner::new();
    let blocker = runner.queue("blocker", 4000);
    let job = runner.queue("unborn", 1);
    runner.wait_for_step(&blocker);
    runner.kill();
    // As a server leaves it that is killed between its note and the start of the process.
    let store = rusqlite::Connection::open(runner.home().join("store.sqlite3")).expect("the store");
    let changed = store.execute(
        "UPDATE jobs SET state = 'running', running = 'cpu', attempts = 1, tries = 1, started = '2026-01-01T00:00:00.000Z' \
         WHERE id = ?",
        [&job],
    );
    assert_eq!(changed.expect("a change"), 1);
    drop(store);
    runner.start();
    // A server that is killed soon again must not have to live long to find out.
    thread::sleep(Duration::from_millis(1000));
    runner.kill();
    runner.start();
    assert_eq!(runner.state(&job), "queued", "{}", runner.log());
    let answer = runner.ask(
        "POST",
        &format!("/api/jobs/{blocker}/cancel"),
        Some(serde_json::json!({})),
    );
    assert_eq!(answer.status, 200, "{}", answer.text());
    let done = runner.wait_for(&job, &["finished"]);
    assert_eq!(done["failure"], Value::Null, "{done:#}");
}

#[test]
fn a_stream_goes_on_behind_the_last_event_when_the_server_is_back() {
    let mut runner = Runner::new();
    let job = runner.queue("followed", 60);
    let path = format!("/api/jobs/{job}/events");
    runner.wait_for_step(&job);
    let process = runner.process(&job);
    let mut ids = Vec::new();
    let mut stream = Stream::open(&runner, &path, None);
    for _ in 0..6 {
        ids.push(stream.next().expect("an event").0);
    }
    runner.kill();
    while let Some((id, _)) = stream.next() {
        ids.push(id);
    }
    thread::sleep(Duration::from_millis(300));
    runner.start();
    assert_eq!(runner.process(&job), process, "it is the same process");
    let over = AtomicBool::new(false);
    let mut stream = Stream::open(&runner, &path, ids.last().copied());
    while !over.load(Ordering::Relaxed) {
        let (id, event) = stream.next().expect("an event");
        ids.push(id);
        let state = event["job"]["state"].as_str().unwrap_or("").to_owned();
        over.store(
            ["finished", "failed"].contains(&state.as_str()),
            Ordering::Relaxed,
        );
    }
    assert_eq!(runner.get(&format!("/api/jobs/{job}"))["attempts"], 1);
    let mut again = Stream::open(&runner, &path, None);
    let all: Vec<u64> = ids
        .iter()
        .map(|_| again.next().expect("an event").0)
        .collect();
    assert_eq!(ids, all, "none was missed, none came twice");
}

#[test]
fn jobs_go_on_when_the_server_ends_and_end_with_it_on_request() {
    let mut runner = Runner::new();
    let job = runner.queue("goes on", 40);
    runner.wait_for_step(&job);
    assert_eq!(runner.interrupt(), Some(0), "{}", runner.log());
    let exit = runner.job_folder(&job).join("exit.json");
    let since = Instant::now();
    while !exit.is_file() {
        assert!(since.elapsed() < PATIENCE, "it did not go on");
        thread::sleep(Duration::from_millis(50));
    }
    runner.start();
    runner.wait_for(&job, &["finished"]);
    drop(runner);

    let mut runner = Runner::with(&["--stop-jobs"]);
    let job = runner.queue("ends", 4000);
    let waits = runner.queue("waits", 1);
    runner.wait_for_step(&job);
    assert_eq!(runner.interrupt(), Some(0), "{}", runner.log());
    runner.start();
    assert_eq!(runner.state(&job), "cancelled");
    runner.wait_for(&waits, &["finished"]);
}
