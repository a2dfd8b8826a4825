//! Events: none lost, none doubled, however many listen, however slowly, however often cut off.

use crate::{
    runner::Runner,
    stream::{Stream, is_end},
};
use serde_json::json;
use std::{collections::BTreeSet, thread, time::Duration};

#[test]
fn two_hundred_listeners_get_every_event_once() {
    let runner = Runner::new();
    let job = runner.queue("followed", 30);
    let path = format!("/api/jobs/{job}/events");
    let mut queues: Vec<Stream> = (0..10)
        .map(|_| Stream::open(&runner, "/api/events", None))
        .collect();
    let waiting: BTreeSet<String> = (0..50)
        .map(|number| runner.queue(&format!("waits-{number}"), 1))
        .collect();
    for queue in &mut queues {
        let mut told = BTreeSet::new();
        while told.len() < waiting.len() {
            let (_, event) = queue.next().expect("an event");
            let (id, state) = (&event["job"]["id"], &event["job"]["state"]);
            if waiting.contains(id.as_str().expect("an id")) {
                assert_eq!(state, "queued");
                assert!(told.insert(id.clone().to_string()), "{id} twice");
            }
        }
    }
    drop(queues);
    let heard: Vec<Vec<u64>> = thread::scope(|scope| {
        let listeners: Vec<_> = (0..200u64)
            .map(|number| {
                let (runner, path) = (&runner, &path);
                scope.spawn(move || {
                    let mut ids = Vec::new();
                    // They come one after the other, some are slow, and some are cut off again and again.
                    thread::sleep(Duration::from_millis(number * 5));
                    loop {
                        let mut stream = Stream::open(runner, path, ids.last().copied());
                        let mut left = if number % 10 == 3 { 7 } else { usize::MAX };
                        while left > 0 {
                            let (id, event) = stream.next().expect("an event");
                            ids.push(id);
                            left -= 1;
                            if number % 10 == 7 {
                                thread::sleep(Duration::from_millis(2));
                            }
                            if is_end(&event) {
                                return ids;
                            }
                        }
                    }
                })
            })
            .collect();
        listeners
            .into_iter()
            .map(|one| one.join().expect("its ids"))
            .collect()
    });
    for id in &waiting {
        let address = format!("/api/jobs/{id}/cancel");
        let ended = runner.ask("POST", &address, Some(json!({})));
        assert!(matches!(ended.status, 200 | 409), "{}", ended.text());
    }
    runner.wait_for(&job, &["finished"]);
    let first = &heard[0];
    assert!(first.len() > 35, "{first:?}");
    assert!(first.windows(2).all(|pair| pair[0] < pair[1]), "{first:?}");
    for ids in &heard {
        assert_eq!(ids, first);
    }
    // What is heard later is the same.
    let mut stream = Stream::open(&runner, &path, None);
    let mut later = Vec::new();
    while later.len() < first.len() {
        later.push(stream.next().expect("an event").0);
    }
    assert_eq!(&later, first);
    drop(stream);
    let since = std::time::Instant::now();
    loop {
        let metrics = runner.ask("GET", "/metrics", None).with_status(200).text();
        if metrics.contains("voxtune_listeners 0\n") {
            break;
        }
        assert!(since.elapsed() < Duration::from_secs(30), "{metrics}");
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn who_does_not_read_holds_nobody_up() {
    let runner = Runner::new();
    let job = runner.queue("slow", 200);
    let path = format!("/api/jobs/{job}/events");
    let silent: Vec<Stream> = (0..20)
        .map(|_| Stream::open(&runner, &path, None))
        .collect();
    let mut stream = Stream::open(&runner, &path, None);
    let mut ids = BTreeSet::new();
    while let Some((id, event)) = stream.next() {
        assert!(ids.insert(id));
        if is_end(&event) {
            break;
        }
    }
    assert!(ids.len() > 200);
    // They find all of it when they wake up.
    for mut stream in silent {
        let mut heard = BTreeSet::new();
        while heard.len() < ids.len() {
            heard.insert(stream.next().expect("an event").0);
        }
        assert_eq!(heard, ids);
    }
}

#[test]
fn the_queue_tells_of_states_and_of_what_is_deleted() {
    let runner = Runner::new();
    let mut stream = Stream::open(&runner, "/api/events", None);
    let job = runner.queue("told", 1);
    let mut states = Vec::new();
    loop {
        let (_, event) = stream.next().expect("an event");
        assert_eq!(event["kind"], "state", "nothing of its steps: {event}");
        states.push(event["job"]["state"].as_str().expect("a state").to_owned());
        if is_end(&event) {
            break;
        }
    }
    assert_eq!(states, ["queued", "running", "finished"]);
    runner
        .ask("DELETE", &format!("/api/jobs/{job}"), None)
        .with_status(204);
    let (_, event) = stream.next().expect("an event");
    assert_eq!(
        (&event["kind"], &event["job"]),
        (&json!("deleted"), &json!(job))
    );
    let wrong = [("Last-Event-ID", "x")];
    runner
        .ask_with(&runner.token(), "GET", "/api/events", &wrong, None)
        .with_status(400);
}
