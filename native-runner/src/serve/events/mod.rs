//! Telling what happens to whoever listens.

mod feeds;
mod stream;
#[cfg(test)]
mod tests;

pub(crate) use feeds::{Feeds, Told, Topic};

use super::{
    Problem,
    extract::{Params, Path},
    guard::share::{Full, Shares},
    jobs,
    route::Routes,
    state::AppState,
    users::User,
};
use axum::{
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use shared::protocol::{ProblemKind, operations};
use stream::Listener;

/// Places for listeners where so many `connections` are possible: enough are left for requests, and for other users.
pub(crate) fn listeners(connections: usize) -> Shares<String> {
    Shares::new(connections.div_ceil(2), connections.div_ceil(3))
}

/// What is answered here.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .on(&operations::JOB_EVENTS, of_job)
        .on(&operations::EVENTS, of_queue)
}

#[derive(Deserialize)]
struct Behind {
    after: Option<u64>,
}

/// Follows a job, from its first event or behind one.
async fn of_job(
    State(state): State<AppState>,
    user: User,
    Path(job): Path<String>,
    Params(behind): Params<Behind>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let job = jobs::get(&state, &user, &job).await?;
    let after = after(&headers, behind)?.unwrap_or(0);
    listen(&state, Topic::Job(job.id), user, after)
}

/// Follows the queue, from now on or behind an event.
async fn of_queue(
    State(state): State<AppState>,
    user: User,
    Params(behind): Params<Behind>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let after = after(&headers, behind)?.unwrap_or_else(|| state.store.feeds.last());
    listen(&state, Topic::Queue, user, after)
}

fn listen(state: &AppState, topic: Topic, user: User, after: u64) -> Result<Response, Problem> {
    let place = state.listeners.take(user.name.clone()).map_err(|full| {
        let detail = match full {
            Full::All(all) => format!("{all} connections follow events already: try again later"),
            Full::Own(own) => {
                format!("{own} connections of yours follow events already: close some")
            }
        };
        Problem::new(ProblemKind::TooMany, detail).retry_after(5)
    })?;
    Ok(Listener::new(state.clone(), topic, user, after, place).into_response())
}

/// The event to begin behind. A browser that connects again sends the header, which knows better
/// than the address that it was given first.
fn after(headers: &HeaderMap, behind: Behind) -> Result<Option<u64>, Problem> {
    let Some(header) = headers.get("last-event-id") else {
        return Ok(behind.after);
    };
    let number = header
        .to_str()
        .ok()
        .and_then(|text| text.trim().parse().ok());
    number.map(Some).ok_or_else(|| {
        Problem::new(
            ProblemKind::BadRequest,
            "Last-Event-ID is no id of an event, which is a number",
        )
        .about("Last-Event-ID")
    })
}
