//! A client that listens to events.

use crate::{
    client::{chunk, open, read_head},
    runner::Runner,
};
use serde_json::{Value, json};
use std::{io::BufReader, net::TcpStream};

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
pub(crate) fn is_end(event: &Value) -> bool {
    event["kind"] == "state"
        && ["finished", "cancelled", "failed"]
            .contains(&event["job"]["state"].as_str().unwrap_or(""))
}
