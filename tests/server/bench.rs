//! Figures of the job server under load: `make bench-server`.
//!
//! Two hundred listeners follow one job while fifty wait and four clients ask for the list of them.
//! Every listener must hear every event once; how soon, and how many requests are answered, is
//! printed and depends on the machine.

// It says what it measured.
#![allow(clippy::print_stdout)]

// Each of these may have more than is needed here; the tests use all of it.
#[allow(dead_code)]
mod client;
mod corpus;
#[allow(dead_code)]
mod runner;
#[allow(dead_code)]
mod stream;

use runner::Runner;
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant, SystemTime},
};
use stream::{Stream, is_end};

/// Listeners on one job.
const LISTENERS: usize = 200;
/// Jobs that wait meanwhile.
const QUEUED: usize = 50;
/// Clients that ask without a pause.
const CLIENTS: usize = 4;
/// How long requests are counted.
const COUNTED: Duration = Duration::from_secs(10);

/// What a listener heard.
struct Heard {
    ids: Vec<u64>,
    /// Seconds from an event to its arrival, of those that were told while it listened.
    delays: Vec<f64>,
}

fn main() {
    let runner = Runner::new();
    let job = runner.queue("followed", 400);
    for number in 0..QUEUED {
        runner.queue(&format!("waits-{number}"), 1);
    }
    runner.wait_for_step(&job);
    let ready = AtomicU64::new(0);
    let path = format!("/api/jobs/{job}/events");
    let mut rates = Vec::new();
    let heard: Vec<Heard> = thread::scope(|scope| {
        let listeners: Vec<_> = (0..LISTENERS)
            .map(|_| scope.spawn(|| listen(&runner, &path, &ready)))
            .collect();
        while ready.load(Ordering::Relaxed) < LISTENERS as u64 {
            thread::sleep(Duration::from_millis(10));
        }
        for (what, path) in [
            ("lists of 51 jobs", "/api/jobs?limit=100"),
            ("one job", path.trim_end_matches("/events")),
        ] {
            rates.push((what, requests(&runner, path)));
        }
        listeners
            .into_iter()
            .map(|one| one.join().expect("what it heard"))
            .collect()
    });
    report(&heard, &rates, &runner, &path);
}

/// Follows the job to its end.
fn listen(runner: &Runner, path: &str, ready: &AtomicU64) -> Heard {
    let mut stream = Stream::open(runner, path, None);
    let since = SystemTime::now();
    ready.fetch_add(1, Ordering::Relaxed);
    let (mut ids, mut delays) = (Vec::new(), Vec::new());
    loop {
        let (id, event) = stream.next().expect("an event");
        ids.push(id);
        let time = event["time"].as_str().expect("a time");
        let told = humantime::parse_rfc3339(time).expect("a time");
        if told > since
            && let Ok(delay) = SystemTime::now().duration_since(told)
        {
            delays.push(delay.as_secs_f64());
        }
        if is_end(&event) {
            return Heard { ids, delays };
        }
    }
}

/// Requests a second, and the seconds that each took.
fn requests(runner: &Runner, path: &str) -> (f64, Vec<f64>) {
    let since = Instant::now();
    let mut all: Vec<f64> = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                scope.spawn(|| {
                    let mut times = Vec::new();
                    while since.elapsed() < COUNTED {
                        let begun = Instant::now();
                        runner.get(path);
                        times.push(begun.elapsed().as_secs_f64());
                    }
                    times
                })
            })
            .collect();
        clients
            .into_iter()
            .flat_map(|one| one.join().expect("its times"))
            .collect()
    });
    let rate = all.len() as f64 / since.elapsed().as_secs_f64();
    all.sort_by(f64::total_cmp);
    (rate, all)
}

/// The value below which so large a share of `sorted` lies.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let at = ((last as f64) * share).round() as usize;
    sorted.get(at).map_or(f64::NAN, |seconds| seconds * 1e3)
}

fn report(heard: &[Heard], rates: &[(&str, (f64, Vec<f64>))], runner: &Runner, path: &str) {
    for (what, (rate, times)) in rates {
        println!(
            "{rate:.0} requests a second for {what} ({CLIENTS} clients, a connection each): median {:.1} ms, p99 {:.1} ms",
            percentile(times, 0.5),
            percentile(times, 0.99)
        );
    }
    // What the job is told of later is what there was to hear.
    let mut stream = Stream::open(runner, path, None);
    let mut all = BTreeSet::new();
    loop {
        let (id, event) = stream.next().expect("an event");
        all.insert(id);
        if is_end(&event) {
            break;
        }
    }
    let (mut lost, mut doubled) = (0, 0);
    for listener in heard {
        let once: BTreeSet<u64> = listener.ids.iter().copied().collect();
        lost += all.difference(&once).count();
        doubled += listener.ids.len() - once.len();
    }
    let mut delays: Vec<f64> = heard.iter().flat_map(|one| one.delays.clone()).collect();
    delays.sort_by(f64::total_cmp);
    println!(
        "{} events to {LISTENERS} listeners while {QUEUED} jobs wait: {lost} lost, {doubled} doubled",
        all.len()
    );
    println!(
        "delivery of {} events: median {:.1} ms, p99 {:.1} ms, at most {:.1} ms",
        delays.len(),
        percentile(&delays, 0.5),
        percentile(&delays, 0.99),
        percentile(&delays, 1.0)
    );
    assert_eq!((lost, doubled), (0, 0));
}
