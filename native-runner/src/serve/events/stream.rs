//! One listener's stream: pulled, never pushed, so that a slow client costs no memory.

use super::feeds::{Next, Told, Topic};
use crate::serve::{
    Problem,
    guard::share::Share,
    state::AppState,
    store::{number, signed},
    users::User,
};
use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use rusqlite::params;
use std::{convert::Infallible, time::Duration};
use tokio::{sync::watch, time::timeout};

/// How long nothing is said at most; proxies cut what is silent for longer.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Events that are read or sent at once.
const BATCH: usize = 256;
/// Milliseconds after which a browser connects again.
const RETRY: &str = "retry: 1000\n\n";

/// Somebody who listens.
pub(super) struct Listener {
    state: AppState,
    topic: Topic,
    user: User,
    after: u64,
    latest: watch::Receiver<u64>,
    ending: watch::Receiver<bool>,
    begun: bool,
    /// Free again when the client goes away, and the stream with it.
    _place: Share<String>,
}

impl Listener {
    pub(super) fn new(
        state: AppState,
        topic: Topic,
        user: User,
        after: u64,
        place: Share<String>,
    ) -> Self {
        let latest = state.store.feeds.listen(&topic);
        let ending = state.ending.clone();
        Self {
            state,
            topic,
            user,
            after,
            latest,
            ending,
            begun: false,
            _place: place,
        }
    }

    /// The next bytes; `None` ends the stream.
    async fn next(&mut self) -> Option<Bytes> {
        if !self.begun {
            self.begun = true;
            return Some(Bytes::from_static(RETRY.as_bytes()));
        }
        loop {
            if *self.ending.borrow() {
                return None;
            }
            // Before looking, so that what comes meanwhile is not slept through.
            self.latest.mark_unchanged();
            let events = match self
                .state
                .store
                .feeds
                .behind(&self.topic, self.after, BATCH)?
            {
                Next::Here(events) => events,
                Next::Store(until) => self.stored(until).await?,
            };
            if let Some(last) = events.last() {
                self.after = self.after.max(last.id);
                let frames: Vec<Bytes> = events
                    .into_iter()
                    .filter(|event| self.user.admin || *event.user == *self.user.name)
                    .map(|event| event.frame)
                    .collect();
                if frames.is_empty() {
                    continue;
                }
                self.state.counters.delivered.add(frames.len() as u64);
                return Some(match <[Bytes; 1]>::try_from(frames) {
                    Ok([one]) => one,
                    Err(frames) => frames.concat().into(),
                });
            }
            let changed = async {
                tokio::select! {
                    changed = self.latest.changed() => changed.is_ok(),
                    _ = self.ending.changed() => false,
                }
            };
            match timeout(HEARTBEAT, changed).await {
                Ok(true) => {}
                Ok(false) => return None,
                Err(_) => return Some(Bytes::from_static(b": still here\n\n")),
            }
        }
    }

    /// Events behind the last one from the store, up to and with `until`.
    async fn stored(&mut self, until: u64) -> Option<Vec<Told>> {
        let (topic, after) = (self.topic.clone(), self.after);
        let read = self
            .state
            .store
            .read(move |store| read(store, &topic, after, until))
            .await;
        // A stream cannot answer with a problem any more; the client connects again.
        let events = read.ok()?;
        if events.is_empty() {
            self.after = until;
        }
        Some(events)
    }
}

fn read(
    store: &rusqlite::Connection,
    topic: &Topic,
    after: u64,
    until: u64,
) -> Result<Vec<Told>, Problem> {
    let (sql, job) = match topic {
        Topic::Job(job) => (
            "SELECT id, job, user, time, queue, data FROM events \
             WHERE job = ?1 AND id > ?2 AND id <= ?3 ORDER BY id LIMIT ?4",
            job.as_str(),
        ),
        Topic::Queue => (
            "SELECT id, job, user, time, queue, data FROM events \
             WHERE queue = 1 AND ?1 = '' AND id > ?2 AND id <= ?3 ORDER BY id LIMIT ?4",
            "",
        ),
    };
    let mut statement = store.prepare_cached(sql)?;
    let rows = statement.query_map(
        params![job, signed(after), signed(until), BATCH as i64],
        |row| {
            let text = |index: usize| row.get::<_, String>(index);
            Ok(Told::new(
                number(row.get(0)?),
                &text(1)?,
                &text(2)?,
                &text(3)?,
                row.get(4)?,
                &text(5)?,
            ))
        },
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

impl IntoResponse for Listener {
    fn into_response(self) -> Response {
        let events = stream::unfold(self, |mut listener| async move {
            let bytes = listener.next().await?;
            Some((Ok::<_, Infallible>(bytes), listener))
        });
        let mut response = Body::from_stream(events).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/event-stream"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // nginx would hold events back.
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
        response
    }
}
