//! A runner that says only one thing: steps of a run that never ends, as many at once as a test wants.

use crate::site::workspace;
use axum::{
    Json, Router,
    body::{Body, Bytes},
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::stream::poll_fn;
use serde_json::{Value, json};
use std::convert::Infallible;
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
};
use tower_http::services::ServeDir;

const TIME: &str = "2026-11-26T02:00:00Z";
/// Steps of an evaluation.
const EVERY: usize = 100;

/// The runner.
pub(super) struct Feed {
    told: watch::Sender<usize>,
    /// Its address without a slash at its end.
    pub(super) address: String,
}

fn job() -> Value {
    json!({
        "id": "live", "name": "long", "user": "me", "state": "running", "priority": 0, "position": null, "device": "auto",
        "created": TIME, "started": TIME, "ended": null, "attempts": 1, "max_attempts": 3, "text": "[EXP]\nname = long\n",
        "limits": {"seconds": null, "memory": null, "disk": null}, "failure": null, "progress": null,
        "metrics": {}, "estimate": null, "last_event": 0,
    })
}

/// What is said at the `number`-th place.
fn event(number: usize) -> Value {
    if number == 1 {
        return json!({"event": "started", "run": 0, "runs": 1, "seed": 42, "device": "CPU (Flex)", "epochs": 6, "steps": 10_000_000,
            "effective_batch": 8, "clips": {"train": 100, "dev": 20}, "parameters": 911_107, "trained": 822_819});
    }
    let wave = (number as f64 * 0.01).sin();
    json!({"event": "step", "run": 0, "step": number, "steps": 10_000_000, "epoch": number as f64 / EVERY as f64, "loss": 1.4 + wave,
        "learning_rate": 1e-4, "grad_norm": 1.5, "audio_seconds": number as f64, "audio_seconds_per_second": 20.0 + wave, "seconds_left": 1e5})
}

impl Feed {
    pub(super) async fn start() -> Self {
        let told = watch::Sender::new(0);
        let source = told.clone();
        let events = get(async move || events(&source));
        let router = Router::new()
            .route("/api/session", get(async || Json(json!({"user": "me", "admin": true, "version": "0.1.0", "host": "gpu-box", "can_publish": false}))))
            .route("/api/devices", get(async || Json(json!({"queued": 0, "devices": []}))))
            .route("/api/roots", get(async || Json(json!({"roots": []}))))
            .route("/api/jobs", get(async || Json(json!({"jobs": [job()], "more": false, "last_event": 0}))))
            .route("/api/jobs/live", get(async || Json(job())))
            .route("/api/jobs/live/log", get(async || ""))
            .route("/api/jobs/live/events", events)
            .route("/api/events", get(async || stream(silence())))
            .fallback_service(ServeDir::new(workspace().join("target/page")));
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move {
            axum::serve(listener, router)
                .await
                .expect("the server runs")
        });
        Self { told, address }
    }

    /// Says the next `count` events.
    pub(super) fn tell(&self, count: usize) {
        self.told.send_modify(|told| *told += count);
    }
}

type Words = mpsc::Receiver<Result<Bytes, Infallible>>;

fn events(source: &watch::Sender<usize>) -> Response {
    let mut told = source.subscribe();
    let (sender, receiver) = mpsc::channel(64);
    tokio::spawn(async move {
        let mut done = 0;
        loop {
            let until = *told.borrow_and_update();
            while done < until {
                done += 1;
                let event = json!({"id": done, "time": TIME, "kind": "run", "run": event(done)});
                let bytes = Bytes::from(format!("id: {done}\ndata: {event}\n\n"));
                if sender.send(Ok(bytes)).await.is_err() {
                    return;
                }
            }
            if told.changed().await.is_err() {
                return;
            }
        }
    });
    stream(receiver)
}

/// Nothing happens to the queue.
fn silence() -> Words {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        let _ = sender.send(Ok(Bytes::from_static(b": hello\n\n"))).await;
        sender.closed().await;
    });
    receiver
}

fn stream(mut receiver: Words) -> Response {
    let body = Body::from_stream(poll_fn(move |cx| receiver.poll_recv(cx)));
    ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
}
