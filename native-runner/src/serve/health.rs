//! Whether the runner is well, and figures for Prometheus.

use super::{Problem, files::free, route::Routes, state::AppState};
use axum::{
    Json,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use shared::protocol::{Health, JobState, operations};
use std::fmt::{Display, Write};

/// What is answered here.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .on(&operations::HEALTH, health)
        .on(&operations::METRICS, metrics)
}

/// Counts answers.
pub(crate) async fn count(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let digit = usize::from(response.status().as_u16() / 100);
    if let Some(counter) = state.counters.answers.get(digit) {
        counter.add(1);
    }
    response
}

/// Whether the store answers and the disk has room.
async fn health(State(state): State<AppState>) -> Response {
    let mut problems = Vec::new();
    let asked = state
        .store
        .read(|store| Ok(store.query_row("SELECT 1", [], |row| row.get::<_, i64>(0))?));
    if asked.await.is_err() {
        problems.push("the store does not answer".to_owned());
    }
    if free(&state.settings.folder).is_some_and(|free| free < state.settings.free_disk) {
        problems.push("the disk is full".to_owned());
    }
    let status = match problems.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    let health = Health {
        healthy: problems.is_empty(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        problems,
    };
    (status, Json(health)).into_response()
}

/// Figures in Prometheus' text form.
async fn metrics(State(state): State<AppState>) -> Result<Response, Problem> {
    let jobs = state.store.read(|store| {
        let mut statement =
            store.prepare_cached("SELECT state, count(*) FROM jobs GROUP BY state")?;
        let counts = statement.query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
        })?;
        Ok(counts.collect::<Result<Vec<_>, _>>()?)
    });
    let jobs = jobs.await?;
    let mut page = Page::default();
    let counters = &state.counters;
    page.head(
        "voxtune_up_seconds",
        "gauge",
        "Seconds since the runner was started.",
    );
    page.figure(
        "voxtune_up_seconds",
        "",
        state.started.elapsed().as_secs_f64(),
    );
    page.head("voxtune_jobs", "gauge", "Jobs by state.");
    for known in JobState::ALL {
        let count = jobs.iter().find(|(state, _)| state == known.word());
        let label = format!("{{state=\"{known}\"}}");
        page.figure("voxtune_jobs", &label, count.map_or(0, |(_, count)| *count));
    }
    page.head(
        "voxtune_answers_total",
        "counter",
        "Answers by the first digit of their status.",
    );
    for (digit, counter) in counters.answers.iter().enumerate().skip(1) {
        page.figure(
            "voxtune_answers_total",
            &format!("{{status=\"{digit}xx\"}}"),
            counter.get(),
        );
    }
    for (name, kind, text, value) in [
        (
            "voxtune_listeners",
            "gauge",
            "Connections that follow events.",
            state.listeners.count() as i64,
        ),
        (
            "voxtune_labelling",
            "gauge",
            "Requests that label recordings.",
            counters.labelling.get(),
        ),
        (
            "voxtune_live",
            "gauge",
            "Sessions in which a model listens.",
            state.live.count() as i64,
        ),
        (
            "voxtune_events_total",
            "counter",
            "Events that were handed to listeners.",
            signed(counters.delivered.get()),
        ),
        (
            "voxtune_wrong_tokens_total",
            "counter",
            "Tokens that were wrong.",
            signed(counters.failed_tokens.get()),
        ),
        (
            "voxtune_starts_total",
            "counter",
            "Processes of jobs that were started.",
            signed(counters.started.get()),
        ),
        (
            "voxtune_last_event",
            "gauge",
            "The id of the last event.",
            signed(state.store.feeds.last()),
        ),
    ] {
        page.head(name, kind, text);
        page.figure(name, "", value);
    }
    if let Some(free) = free(&state.settings.folder) {
        page.head(
            "voxtune_disk_free_bytes",
            "gauge",
            "Bytes that are free on the runner's disk.",
        );
        page.figure("voxtune_disk_free_bytes", "", free);
    }
    Ok((
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
        page.0,
    )
        .into_response())
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The text.
#[derive(Default)]
struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: &str, text: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {text}\n# TYPE {name} {kind}");
    }

    fn figure(&mut self, name: &str, labels: &str, value: impl Display) {
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }
}
