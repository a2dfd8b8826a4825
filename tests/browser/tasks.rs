//! How long the page's main thread was busy at a stretch, by the clock of that thread: what other programs take of the
//! processor meanwhile does not count, as it would on the wall's clock.
//!
//! The browser's own trace has it; it comes over a connection of its own, since chromedriver passes no events on.

use crate::tab::Tab;
use serde_json::{Value, json};
use std::collections::HashSet;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

/// The name of a page's main thread in a trace.
const MAIN: &str = "CrRendererMain";
/// What a trace calls a task of a thread, with the promises that come true at its end, and the category in which it does so.
const TASK: &str = "RunTask";
const CATEGORY: &str = "disabled-by-default-devtools.timeline";

/// A connection to the browser's developer tools.
pub(crate) struct Tasks {
    stream: BufReader<TcpStream>,
    asked: u64,
}

impl Tasks {
    /// Begins to note the tasks of all pages of a browser, of which none is its own then.
    pub(crate) async fn watch(tab: &Tab) -> Self {
        tab.open("about:blank").await;
        let capabilities = tab.client.capabilities().expect("a session");
        let address = capabilities["goog:chromeOptions"]["debuggerAddress"]
            .as_str()
            .expect("the address of the developer tools")
            .to_owned();
        let mut stream = ask(&address, "GET /json/version HTTP/1.1", "").await;
        let answer = head(&mut stream).await;
        let length = answer
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, length)| length.trim().parse().ok())
            .expect("a length");
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.expect("an answer");
        let version: Value = serde_json::from_slice(&body).expect("JSON");
        let path = version["webSocketDebuggerUrl"].as_str().expect("a path");
        let path = path.splitn(4, '/').nth(3).expect("a path");
        // The key is for caches between the two, of which there are none.
        let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
        let mut stream = ask(&address, &format!("GET /{path} HTTP/1.1"), upgrade).await;
        let answer = head(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 101"), "{answer}");
        let mut tasks = Self { stream, asked: 0 };
        tasks.begin().await;
        tasks
    }

    /// Milliseconds of the longest task since the last call.
    pub(crate) async fn longest(&mut self) -> f64 {
        let found = self.end().await;
        self.begin().await;
        found
    }

    async fn begin(&mut self) {
        let categories = json!({"includedCategories": [CATEGORY], "excludedCategories": ["*"]});
        let id = self
            .say(
                "Tracing.start",
                json!({"transferMode": "ReportEvents", "traceConfig": categories}),
            )
            .await;
        while self.hear().await["id"] != json!(id) {}
    }

    async fn end(&mut self) -> f64 {
        self.say("Tracing.end", json!({})).await;
        let (mut mains, mut tasks) = (HashSet::new(), Vec::new());
        loop {
            let message = self.hear().await;
            assert!(message["error"].is_null(), "{message}");
            match message["method"].as_str() {
                Some("Tracing.tracingComplete") => break,
                Some("Tracing.dataCollected") => {}
                _ => continue,
            }
            for event in message["params"]["value"].as_array().into_iter().flatten() {
                let thread = (event["pid"].as_u64(), event["tid"].as_u64());
                if event["name"] == "thread_name" && event["args"]["name"] == MAIN {
                    mains.insert(thread);
                } else if event["name"] == TASK
                    && let Some(time) = event["tdur"].as_f64()
                {
                    tasks.push((thread, time));
                }
            }
        }
        assert!(!mains.is_empty(), "the trace has no page");
        let own = tasks
            .into_iter()
            .filter(|(thread, _)| mains.contains(thread));
        own.map(|(_, time)| time / 1e3).fold(0.0, f64::max)
    }

    /// Sends a command; its number.
    async fn say(&mut self, method: &str, params: Value) -> u64 {
        self.asked += 1;
        let text = json!({"id": self.asked, "method": method, "params": params}).to_string();
        let length = u16::try_from(text.len()).expect("a short command");
        // One frame of text, with a mask of noughts, which leaves it as it is.
        let mut frame = vec![0x81, 0x80 | 126];
        frame.extend(length.to_be_bytes());
        frame.extend([0; 4]);
        frame.extend(text.bytes());
        self.stream.write_all(&frame).await.expect("it is sent");
        self.asked
    }

    /// The next message.
    async fn hear(&mut self) -> Value {
        let mut text = Vec::new();
        loop {
            let kind = self.stream.read_u8().await.expect("a frame");
            let length = match self.stream.read_u8().await.expect("a length") & 0x7f {
                126 => u64::from(self.stream.read_u16().await.expect("a length")),
                127 => self.stream.read_u64().await.expect("a length"),
                short => u64::from(short),
            };
            let begin = text.len();
            text.resize(begin + usize::try_from(length).expect("a length"), 0);
            let part = &mut text[begin..];
            self.stream.read_exact(part).await.expect("a frame");
            match kind & 0x0f {
                0..=2 if kind & 0x80 != 0 => {
                    return serde_json::from_slice(&text).expect("JSON");
                }
                0..=2 => {}
                8 => panic!("the browser closed the connection"),
                // Whether somebody is still there.
                _ => text.truncate(begin),
            }
        }
    }
}

/// Sends the head of a request.
async fn ask(address: &str, request: &str, fields: &str) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(address)
        .await
        .expect("the developer tools");
    let mut stream = BufReader::new(stream);
    let head = format!("{request}\r\nHost: {address}\r\n{fields}\r\n");
    stream.write_all(head.as_bytes()).await.expect("it is sent");
    stream
}

/// The head of an answer.
async fn head(stream: &mut BufReader<TcpStream>) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("an answer"));
    }
    String::from_utf8_lossy(&head).into_owned()
}
