//! Events: none lost, none doubled, however many listen, however slowly, however often cut off.

use crate::{
    client::{chunk, open, read_head},
    runner::Runner,
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, io::BufReader, net::TcpStream, thread, time::Duration};

/// A stream of events.
pub(crate) struct Stream {
    stream: BufReader<TcpStream>,
    text: String,
}

impl Stream {
    /// Listens as the owner, behind `after`.
    pub(crate) fn open(runner: &Runner, path: &str, after: Option<u64>) -> Self {
        Self::try_open(runner, path, after).expect("a stream")
    }

    /// As [`Self::open`], where the server may be away.
    pub(crate) fn try_open(
        runner: &Runner,
        path: &str,
        after: Option<u64>,
    ) -> std::io::Result<Self> {
        let (host, bearer) = (runner.host(), format!("Bearer {}", runner.token()));
        let after = after.map(|after| after.to_string());
        let mut headers = vec![("Host", host.as_str()), ("Authorization", bearer.as_str())];
        if let Some(after) = &after {
            headers.push(("Last-Event-ID", after));
        }
        let mut stream = open(runner.address, "GET", path, &headers, b"")?;
        let (status, headers) = read_head(&mut stream)?;
        if status != 200 {
            return Err(std::io::Error::other(format!("status {status}")));
        }
        assert!(
            headers
                .iter()
                .any(|(name, value)| name == "content-type" && value == "text/event-stream")
        );
        Ok(Self {
            stream,
            text: String::new(),
        })
    }

    /// The next event with its id; `None` when the stream ends.
    pub(crate) fn next(&mut self) -> Option<(u64, Value)> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let line = block.lines().find_map(|line| line.strip_prefix(name));
                    line.map(|value| value.trim().to_owned())
                };
                let (id, data) = (field("id:"), field("data:"));
                self.text = rest.to_owned();
                if let (Some(id), Some(data)) = (id, data) {
                    let id = id.parse().expect("a number");
                    let event: Value = serde_json::from_str(&data).expect("JSON");
                    assert_eq!(event["id"], json!(id));
                    return Some((id, event));
                }
            }
            let piece = chunk(&mut self.stream).ok().flatten()?;
            self.text += &String::from_utf8(piece).expect("UTF-8");
        }
    }
}

/// Whether an event says that a job has ended.
fn is_end(event: &Value) -> bool {
    event["kind"] == "state"
        && ["finished", "cancelled", "failed"]
            .contains(&event["job"]["state"].as_str().unwrap_or(""))
}

#[test]
fn two_hundred_listeners_get_every_event_once() {
    let runner = Runner::new();
    let job = runner.queue("followed", 30);
    let path = format!("/api/jobs/{job}/events");
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
