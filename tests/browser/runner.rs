//! A stand-in for the runner: it says what a real one said of the demo, step by step as a test wants it.

use crate::site::workspace;
use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Path, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use futures_util::stream::poll_fn;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    convert::Infallible,
    fs,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tower_http::services::ServeDir;

/// The token that lets one in.
pub(crate) const TOKEN: &str = "open-sesame";

/// A name that must stay text wherever it is shown.
pub(crate) const ATTACK: &str = "<img src=x onerror=\"document.title='run'\"> صوت 🎤";

const TIME: &str = "2026-11-26T02:00:00Z";

/// What the runner knows.
struct Inner {
    jobs: Mutex<Vec<Value>>,
    /// How many of the recorded events were told of the job `live`.
    told: watch::Sender<usize>,
    events: Vec<Value>,
    locked: bool,
    /// Connections outlive the task that took them: nothing is answered on them any more.
    gone: watch::Sender<bool>,
}

/// A runner on a port of the loopback, with the page.
pub(crate) struct Runner {
    inner: Arc<Inner>,
    /// Its address without a slash at its end.
    pub(crate) address: String,
    task: Option<JoinHandle<()>>,
}

fn fixture(name: &str) -> String {
    let path = workspace().join("tests/browser/fixtures").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn job(id: &str, name: &str, state: &str) -> Value {
    let done = state == "finished";
    json!({
        "id": id, "name": name, "user": "me", "state": state, "priority": 0, "position": null, "device": "auto",
        "created": TIME, "started": TIME, "ended": done.then_some(TIME), "attempts": 1, "max_attempts": 3,
        "limits": {"seconds": null, "memory": null, "disk": null}, "failure": null,
        "progress": {"run": 0, "runs": 1, "step": 3, "steps": 78, "epoch": 0.2, "epochs": 6, "loss": 1.4, "seconds_left": 30.0},
        "metrics": if done { json!({"uar": 0.3, "acc": 0.3}) } else { json!({}) }, "estimate": null, "last_event": 0,
    })
}

impl Runner {
    /// Starts one; a `locked` one wants its token.
    pub(crate) async fn start(locked: bool) -> Self {
        let events = fixture("events.jsonl")
            .lines()
            .map(|line| serde_json::from_str(line).expect("an event"))
            .collect();
        let mut failed = job("failed", "too large", "failed");
        failed["failure"] = json!({"kind": "memory", "message": "no memory was left on the device", "advice": "a smaller `batch_size` needs less"});
        failed["created"] = "2026-11-25T10:00:00Z".into();
        let jobs = vec![
            job("live", ATTACK, "running"),
            job("done", "demo", "finished"),
            job("other", "demo_wavlm", "finished"),
            failed,
        ];
        let inner = Arc::new(Inner {
            jobs: Mutex::new(jobs),
            told: watch::Sender::new(0),
            events,
            locked,
            gone: watch::Sender::new(false),
        });
        let mut runner = Self {
            inner,
            address: String::new(),
            task: None,
        };
        runner.listen("127.0.0.1:0").await;
        runner
    }

    async fn listen(&mut self, place: &str) {
        let mut tries = 0;
        let listener = loop {
            match TcpListener::bind(place).await {
                Ok(listener) => break listener,
                Err(error) => assert!(tries < 50, "{place}: {error}"),
            }
            tries += 1;
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        self.address = format!("http://{}", listener.local_addr().expect("an address"));
        let routes = routes(Arc::clone(&self.inner));
        self.task = Some(tokio::spawn(async move {
            axum::serve(listener, routes)
                .await
                .expect("the runner runs");
        }));
    }

    /// Says the next `count` events of the job `live`.
    pub(crate) fn tell(&self, count: usize) {
        self.inner
            .told
            .send_modify(|told| *told = (*told + count).min(self.inner.events.len()));
    }

    /// How many events there are to say.
    pub(crate) fn all(&self) -> usize {
        self.inner.events.len()
    }

    /// Is gone, with all its connections.
    pub(crate) fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
        self.inner.gone.send_replace(true);
    }

    /// Is there again, at the same address.
    pub(crate) async fn restart(&mut self) {
        self.inner.gone.send_replace(false);
        let place = self.address.trim_start_matches("http://").to_owned();
        self.listen(&place).await;
    }
}

fn problem(status: StatusCode, kind: &str, detail: &str) -> Response {
    let body = json!({"type": kind, "title": kind, "status": status.as_u16(), "detail": detail});
    (
        status,
        [(header::CONTENT_TYPE, "application/problem+json")],
        body.to_string(),
    )
        .into_response()
}

type Shared = State<Arc<Inner>>;

async fn session(State(inner): Shared, headers: HeaderMap) -> Response {
    let cookie = headers
        .get(header::COOKIE)
        .and_then(|cookie| cookie.to_str().ok())
        .unwrap_or_default();
    if inner.locked && !cookie.contains(TOKEN) {
        return problem(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "This runner wants a token.",
        );
    }
    Json(json!({"user": "me", "admin": true, "version": "0.1.0", "host": "gpu-box", "can_publish": false})).into_response()
}

async fn login(Json(login): Json<Value>) -> Response {
    if login["token"] != TOKEN {
        return problem(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "That token is not known.",
        );
    }
    let who = Json(
        json!({"user": "me", "admin": true, "version": "0.1.0", "host": "gpu-box", "can_publish": false}),
    );
    (
        [(header::SET_COOKIE, format!("session={TOKEN}; Path=/"))],
        who,
    )
        .into_response()
}

fn devices() -> Value {
    let gb = 1_000_000_000u64;
    json!({"queued": 0, "devices": [
        {"id": "vulkan:0", "name": "Radeon Pro W7900", "explicit_only": false, "memory": {"total": 48 * gb, "used": 6 * gb}, "load": 0.4, "jobs": 1},
        {"id": "cpu", "name": "CPU (Flex)", "explicit_only": false, "memory": {"total": 64 * gb, "used": 10 * gb}, "load": 0.1, "jobs": 0},
    ]})
}

async fn check() -> Json<Value> {
    let estimate = json!({"parameters": 911_107, "trained": 822_819, "weights": 3_644_428, "training": 9_873_828, "activations": 120_000_000});
    Json(
        json!({"valid": true, "diagnostics": [], "settings": [], "estimate": estimate, "devices": devices()}),
    )
}

async fn data() -> Json<Value> {
    let records: Value = serde_json::from_str(&fixture("records.json")).expect("records");
    Json(records["records"][0]["data"].clone())
}

async fn jobs(State(inner): Shared) -> Json<Value> {
    let jobs = inner.jobs.lock().expect("jobs").clone();
    Json(json!({"jobs": jobs, "more": false, "last_event": 0}))
}

async fn one(State(inner): Shared, Path(id): Path<String>) -> Response {
    let jobs = inner.jobs.lock().expect("jobs");
    let Some(found) = jobs.iter().find(|job| job["id"] == *id) else {
        return problem(StatusCode::NOT_FOUND, "not-found", "There is no such job.");
    };
    let mut found = found.clone();
    found["text"] = fs::read_to_string(workspace().join("static/demo/demo.ini"))
        .expect("the demo")
        .into();
    Json(found).into_response()
}

async fn create(State(inner): Shared, Json(request): Json<Value>) -> Response {
    assert!(
        request["text"]
            .as_str()
            .is_some_and(|text| text.contains("[EXP]")),
        "{request}"
    );
    let mut made = job("live", "demo", "running");
    made["progress"] = Value::Null;
    let mut jobs = inner.jobs.lock().expect("jobs");
    jobs.retain(|job| job["id"] != "live");
    jobs.insert(0, made.clone());
    (StatusCode::CREATED, Json(made)).into_response()
}

async fn cancel(State(inner): Shared, Path(id): Path<String>) -> Response {
    let mut jobs = inner.jobs.lock().expect("jobs");
    let Some(found) = jobs.iter_mut().find(|job| job["id"] == *id) else {
        return problem(StatusCode::NOT_FOUND, "not-found", "There is no such job.");
    };
    if found["state"] != "running" {
        return problem(
            StatusCode::CONFLICT,
            "conflict",
            "Only a job that waits or works can be cancelled.",
        );
    }
    found["state"] = "cancelled".into();
    Json(found.clone()).into_response()
}

/// A stream of server-sent events of a job: those of `live` as far as they were told, of others all.
async fn events(
    State(inner): Shared,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let after: usize = query
        .get("after")
        .and_then(|after| after.parse().ok())
        .unwrap_or(0);
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Bytes, Infallible>>(16);
    let (mut told, mut gone) = (inner.told.subscribe(), inner.gone.subscribe());
    tokio::spawn(async move {
        let mut done = after;
        let _ = sender.send(Ok(Bytes::from_static(b": hello\n\n"))).await;
        loop {
            let until = if id == "live" {
                *told.borrow_and_update()
            } else {
                inner.events.len()
            };
            while done < until {
                done += 1;
                let event =
                    json!({"id": done, "time": TIME, "kind": "run", "run": inner.events[done - 1]});
                if sender
                    .send(Ok(Bytes::from(format!("id: {done}\ndata: {event}\n\n"))))
                    .await
                    .is_err()
                {
                    return;
                }
            }
            tokio::select! {
                changed = told.changed() => if changed.is_err() { return },
                _ = gone.wait_for(|gone| *gone) => return,
                () = sender.closed() => return,
            }
        }
    });
    stream(receiver)
}

/// Nothing happens to the queue.
async fn queue_events(State(inner): Shared) -> Response {
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Bytes, Infallible>>(1);
    let mut gone = inner.gone.subscribe();
    tokio::spawn(async move {
        let _ = sender.send(Ok(Bytes::from_static(b": hello\n\n"))).await;
        tokio::select! {
            _ = gone.wait_for(|gone| *gone) => {}
            () = sender.closed() => {}
        }
    });
    stream(receiver)
}

fn stream(mut receiver: tokio::sync::mpsc::Receiver<Result<Bytes, Infallible>>) -> Response {
    let body = Body::from_stream(poll_fn(move |cx| receiver.poll_recv(cx)));
    ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
}

async fn log() -> &'static str {
    "info: reading static/demo/demo.csv\nwarning: there is no dev part, so dev was taken from train\n"
}

async fn records() -> Response {
    let mut records: Value = serde_json::from_str(&fixture("records.json")).expect("records");
    records["records"][0]["name"] = ATTACK.into();
    Json(records).into_response()
}

async fn files() -> Json<Value> {
    let file = |path: &str, kind: &str, size: u64| json!({"path": path, "kind": kind, "size": size, "modified": TIME});
    Json(json!({"bytes": 3_700_000, "files": [
        file("demo/results/demo_emotion_finetune_last_0_006.csv", "table", 5436),
        file("demo/results/demo_emotion_finetune_dev_0_006.csv", "table", 2739),
        file("demo/models/run_0/torch/model.safetensors", "model", 3_644_428),
        file("demo/models/run_0/torch/config.json", "model", 1893),
        file("demo/images/run_0/demo_emotion_finetune_last_0_006.svg", "plot", 20_111),
        file("demo/results/run_0/run.json", "record", 11_465),
    ]}))
}

async fn file(Path((_, path)): Path<(String, String)>) -> Response {
    if path.ends_with("last_0_006.csv") {
        fixture("test.csv").into_response()
    } else if path.ends_with("dev_0_006.csv") {
        fixture("dev.csv").into_response()
    } else {
        problem(StatusCode::NOT_FOUND, "not-found", "There is no such file.")
    }
}

async fn roots() -> Json<Value> {
    Json(json!({"roots": [{"id": "0", "name": "demo", "path": "static/demo"}]}))
}

async fn sound(Query(query): Query<HashMap<String, String>>) -> Response {
    let path = query.get("path").cloned().unwrap_or_default();
    assert!(!path.contains(".."), "{path}");
    match fs::read(workspace().join("static/demo").join(&path)) {
        Ok(bytes) => ([(header::CONTENT_TYPE, "audio/flac")], bytes).into_response(),
        Err(_) => problem(
            StatusCode::NOT_FOUND,
            "not-found",
            "There is no such recording.",
        ),
    }
}

async fn compare() -> Json<Value> {
    let spread = |mean: f64| json!({"n": 3, "mean": mean, "sd": 0.02, "min": mean - 0.02, "max": mean + 0.02});
    let group = |name: &str, mean: f64| json!({"name": name, "values": [mean - 0.02, mean, mean + 0.02], "spread": spread(mean), "median": mean, "optimistic": false});
    Json(
        json!({"schema": 1, "part": "test", "measure": "uar", "larger_is_better": true,
        "groups": [group("demo", 0.61), group("demo_wavlm", 0.68)], "overall": null,
        "pairs": [{"a": "demo", "b": "demo_wavlm", "difference": -0.07, "outcome": {"test": "mann_whitney_exact", "statistic": 0.0, "p": 0.0079}, "p_corrected": null, "variances": null}],
        "notes": []}),
    )
}

fn routes(inner: Arc<Inner>) -> Router {
    Router::new()
        .route("/api/session", get(session))
        .route("/api/login", post(login))
        .route("/api/devices", get(async || Json(devices())))
        .route("/api/check", post(check))
        .route("/api/data", post(data))
        .route("/api/roots", get(roots))
        .route("/api/preview/audio", get(sound))
        .route("/api/jobs", get(jobs).post(create))
        .route("/api/jobs/{id}", get(one))
        .route("/api/jobs/{id}/cancel", post(cancel))
        .route("/api/jobs/{id}/events", get(events))
        .route("/api/jobs/{id}/log", get(log))
        .route("/api/jobs/{id}/records", get(records))
        .route("/api/jobs/{id}/files", get(files))
        .route("/api/jobs/{id}/files/{*path}", get(file))
        .route("/api/events", get(queue_events))
        .route("/api/compare", post(compare))
        .fallback_service(ServeDir::new(workspace().join("target/page")))
        .layer(middleware::from_fn_with_state(Arc::clone(&inner), answers))
        .with_state(inner)
}

/// Nothing is answered by a runner that is gone.
async fn answers(State(inner): Shared, request: Request, next: Next) -> Response {
    if *inner.gone.borrow() {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    next.run(request).await
}
