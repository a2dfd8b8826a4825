//! What can be asked of sessions.

use super::{
    process::{Process, Task},
    sessions::{IDLE, Session, seat, until},
};
use crate::serve::{
    Problem,
    extract::{Body, Params, Path},
    jobs, results,
    state::AppState,
    users::{Secret, User},
};
use axum::{
    Json,
    body::{Body as Raw, Bytes},
    extract::{FromRequest, Request, State},
    http::StatusCode,
};
use serde::Deserialize;
use shared::protocol::{
    LIVE_AT_ONCE, LIVE_HOPS, LIVE_RATES, LIVE_WINDOWS, Live, LiveList, LiveReply, ProblemKind,
    StartLive,
};
use std::{fmt::Display, ops::RangeInclusive};

/// Loads a model that listens from now on.
pub(super) async fn start(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
    Body(request): Body<StartLive>,
) -> Result<(StatusCode, Json<Live>), Problem> {
    let rate = within("rate", request.rate.unwrap_or(16_000), &LIVE_RATES)?;
    let hop = within("hop", request.hop.unwrap_or(0.5), &LIVE_HOPS)?;
    let at_once = within("at_once", request.at_once.unwrap_or(4), &LIVE_AT_ONCE)?;
    let window = request
        .window
        .map(|window| within("window", window, &LIVE_WINDOWS))
        .transpose()?;
    let (job, run) = results::finished(&state, &user, &id).await?;
    let (model, number) = results::model(&run, request.run)?;
    let seat = seat(&state, &user)?;
    let loan = jobs::lend(&state, request.device.as_deref()).await?;
    let task = Task {
        model: &model,
        device: &loan.device,
        rate,
        window,
        hop,
        at_once,
    };
    let (process, labels, window) = Process::start(&state, &task).await?;
    let name = Secret::new().map_err(Problem::internal)?;
    let live = Live {
        id: name.reveal().chars().take(32).collect(),
        job: job.id,
        run: number,
        device: loan.device.clone(),
        labels,
        rate,
        window,
        hop,
        at_once,
        samples: 0,
        idle: IDLE.as_secs(),
        until: until(),
    };
    let session = Session::new(&user, live.clone(), process, seat, loan);
    state.live.insert(session);
    Ok((StatusCode::CREATED, Json(live)))
}

/// `value`, if it may be so large.
fn within<T: PartialOrd + Display>(
    key: &str,
    value: T,
    allowed: &RangeInclusive<T>,
) -> Result<T, Problem> {
    if allowed.contains(&value) {
        return Ok(value);
    }
    let (least, most) = (allowed.start(), allowed.end());
    let detail = format!("{key} lies between {least} and {most}");
    Err(Problem::new(ProblemKind::Unprocessable, detail).about(key))
}

/// One's own sessions.
pub(super) async fn list(State(state): State<AppState>, user: User) -> Json<LiveList> {
    let sessions = state.live.of(&user);
    Json(LiveList {
        sessions: sessions.iter().map(|session| session.now()).collect(),
    })
}

#[derive(Deserialize)]
pub(super) struct Where {
    offset: Option<u64>,
}

/// Tells a session the next piece of sound.
pub(super) async fn sound(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
    Params(at): Params<Where>,
    request: Request<Raw>,
) -> Result<Json<LiveReply>, Problem> {
    let session = state.live.get(&user, &id)?;
    session.touch();
    // The bytes are only taken when it is their turn, so that those who wait need no memory.
    let mut process = session.process.clone().lock_owned().await;
    let sound = Bytes::from_request(request, &state).await?;
    // Also where the client is gone by then: the process must not be left in mid-sentence.
    let heard = tokio::spawn(async move {
        let heard = process.hear(&sound, at.offset).await;
        drop(process);
        session.touch();
        if let Ok(reply) = &heard {
            session.heard(reply.samples);
        }
        if let Err(problem) = &heard
            && matches!(
                problem.0.kind,
                ProblemKind::Unavailable | ProblemKind::Internal
            )
        {
            tracing::warn!(session = id, detail = problem.0.detail, "a session broke");
            state.live.remove(&id);
        }
        heard
    });
    Ok(Json(heard.await.map_err(Problem::internal)??))
}

/// Ends a session.
pub(super) async fn end(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    state.live.get(&user, &id)?;
    state.live.remove(&id);
    Ok(StatusCode::NO_CONTENT)
}
