//! Figures under load, for the note: `cargo nextest run --release --test server --run-ignored only`.

use crate::{listeners::Stream, runner::Runner};
use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime},
};

/// Listeners on one job.
const LISTENERS: usize = 200;
/// Jobs that wait meanwhile.
const QUEUED: usize = 50;

/// The value below which so large a share of `sorted` lies.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted[((last as f64) * share).round() as usize]
}

#[test]
#[ignore = "a measurement"]
fn figures_under_load() {
    let runner = Runner::new();
    let job = runner.queue("followed", 300);
    for number in 0..QUEUED {
        runner.queue(&format!("waits-{number}"), 1);
    }
    let path = format!("/api/jobs/{job}/events");
    let delays = Mutex::new(Vec::new());
    let (over, asked) = (AtomicBool::new(false), AtomicU64::new(0));
    let heard: Vec<usize> = thread::scope(|scope| {
        let listeners: Vec<_> = (0..LISTENERS)
            .map(|_| {
                scope.spawn(|| {
                    let mut stream = Stream::open(&runner, &path, None);
                    let (mut count, mut own) = (0, Vec::new());
                    loop {
                        let (_, event) = stream.next().expect("an event");
                        count += 1;
                        let time = event["time"].as_str().expect("a time");
                        let told = humantime::parse_rfc3339(time).expect("a time");
                        if let Ok(delay) = SystemTime::now().duration_since(told) {
                            own.push(delay.as_secs_f64());
                        }
                        if event["job"]["state"] == "finished" {
                            break;
                        }
                    }
                    delays.lock().expect("the delays").append(&mut own);
                    count
                })
            })
            .collect();
        for _ in 0..4 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    runner.get("/api/jobs?limit=50");
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let since = Instant::now();
        thread::sleep(Duration::from_secs(10));
        let rate = asked.load(Ordering::Relaxed) as f64 / since.elapsed().as_secs_f64();
        over.store(true, Ordering::Relaxed);
        println!("{rate:.0} requests a second (lists of 51 jobs, 4 clients, a connection each)");
        listeners
            .into_iter()
            .map(|one| one.join().expect("its count"))
            .collect()
    });
    let mut delays = delays.into_inner().expect("the delays");
    // What was told before they listened is no delivery.
    delays.retain(|delay| *delay < 30.0);
    delays.sort_by(f64::total_cmp);
    println!(
        "{} events to {LISTENERS} listeners: median {:.0} ms, p99 {:.0} ms",
        delays.len(),
        percentile(&delays, 0.5) * 1e3,
        percentile(&delays, 0.99) * 1e3
    );
    assert!(heard.iter().all(|count| *count == heard[0]), "{heard:?}");
}
