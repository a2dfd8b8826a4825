//! What can be asked of jobs that there are.

use super::{
    Publishing,
    change::{change, remove, tell},
    create::{possible, text, waiting},
    folder,
    row::{self, ORDER, behind, seen, some},
};
use crate::serve::{
    Problem,
    extract::{Body, Params, Path},
    state::AppState,
    users::User,
};
use axum::{Json, extract::State, http::StatusCode};
use rusqlite::params;
use serde::Deserialize;
use shared::protocol::{
    Change, Job, JobList, JobState, MoveJob, ProblemKind, ResumeJob, operations::Nothing,
};
use std::{fs, io};

/// Jobs in a list, without a wish.
const USUAL: u32 = 100;
/// Jobs in a list at most.
const MOST: u32 = 1000;

#[derive(Deserialize)]
pub(super) struct Wanted {
    state: Option<JobState>,
    limit: Option<u32>,
    before: Option<String>,
}

/// Jobs: at work, waiting, then those that ended, newest first.
pub(super) async fn list(
    State(state): State<AppState>,
    user: User,
    Params(wanted): Params<Wanted>,
) -> Result<Json<JobList>, Problem> {
    if wanted.limit == Some(0) {
        let detail = "a list of 0 jobs is empty: ask for 1 or more";
        return Err(Problem::new(ProblemKind::BadRequest, detail).about("limit"));
    }
    let limit = wanted.limit.unwrap_or(USUAL).min(MOST) as usize;
    let rules = state.settings.rules;
    let last_event = state.store.feeds.last();
    let jobs = state.store.read(move |store| {
        let before = match &wanted.before {
            Some(id) => seen(store, &user, id)?.number,
            None => i64::MAX,
        };
        let name = if user.admin { None } else { Some(&user.name) };
        let mine = "(?1 IS NULL OR user = ?1)";
        // A word of ours, not of the request.
        let kind = match wanted.state {
            Some(state) => format!("state = '{state}'"),
            None => "1".to_owned(),
        };
        let mut rows = Vec::new();
        if wanted.before.is_none() {
            let active = format!("{mine} AND state IN ('running', 'cancelling') AND {kind}");
            rows.extend(some(store, &active, name, "started, number")?);
            let queued = format!("{mine} AND state = 'queued' AND {kind}");
            rows.extend(some(store, &queued, name, ORDER)?);
        }
        let over = format!(
            "{mine} AND state IN ('finished', 'cancelled', 'failed') AND {kind} AND number < {before}"
        );
        let order = format!("number DESC LIMIT {}", limit + 1);
        let mut ended = some(store, &over, name, &order)?;
        let more = ended.len() > limit;
        ended.truncate(limit);
        rows.extend(ended);
        let jobs = rows
            .iter()
            .map(|row| row.job(store, rules))
            .collect::<Result<Vec<_>, _>>()?;
        Ok((jobs, more))
    });
    let (jobs, more) = jobs.await?;
    Ok(Json(JobList {
        jobs,
        more,
        last_event,
    }))
}

/// A job with its INI.
pub(super) async fn show(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
) -> Result<Json<Job>, Problem> {
    let settings = state.settings.clone();
    let job = state.store.read(move |store| {
        let mut job = seen(store, &user, &id)?.job(store, settings.rules)?;
        job.text = Some(text(&settings, &job.id)?);
        Ok(job)
    });
    Ok(Json(job.await?))
}

/// Ends a job with what it has.
pub(super) async fn cancel(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Json<Job>, Problem> {
    let rules = state.settings.rules;
    let job = state.store.write(move |write| {
        let row = seen(write, &user, &id)?;
        // Twice is as good as once.
        if matches!(row.state, JobState::Cancelling | JobState::Cancelled) {
            return row.job(write, rules);
        }
        change(write, &row.id, Change::Cancel, rules, |_| {})?.job(write, rules)
    });
    Ok(Json(job.await?))
}

/// Queues a job again that was cancelled or failed.
pub(super) async fn resume(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
    Body(request): Body<ResumeJob>,
) -> Result<Json<Job>, Problem> {
    let limits = request.limits.map(possible).transpose()?;
    let settings = state.settings.clone();
    let job = state.store.write(move |write| {
        let rules = settings.rules;
        let row = seen(write, &user, &id)?;
        if row.state == JobState::Queued {
            return row.job(write, rules);
        }
        waiting(write, &user, &settings)?;
        let place = behind(write)?;
        change(write, &row.id, Change::Resume, rules, |row| {
            row.place = place;
            row.limits = limits.unwrap_or(row.limits);
            row.tries = 0;
            row.failure = None;
            row.ended = None;
        })?
        .job(write, rules)
    });
    let job = job.await?;
    state.jobs.wake.notify_one();
    Ok(Json(job))
}

/// Deletes a job that is not at work, with all of its files.
pub(super) async fn delete(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    // So that its files stay until they have arrived.
    let publishing = Publishing::begin(&state, &id);
    let is_idle = publishing.is_some();
    let settings = state.settings.clone();
    let deleted = state.store.write(move |write| {
        let row = seen(write, &user, &id)?;
        if row.state.is_active() {
            let detail = format!("the job `{}` is at work: cancel it first", row.name);
            return Err(Problem::new(ProblemKind::Conflict, detail));
        }
        if !is_idle {
            let detail = format!(
                "the model of `{}` is being published: wait for it",
                row.name
            );
            return Err(Problem::new(ProblemKind::Conflict, detail));
        }
        remove(write, &row)?;
        Ok(row.id)
    });
    let place = folder(&settings, &deleted.await?);
    // What is left by a failure is cleared away at the next start.
    match tokio::task::spawn_blocking(move || fs::remove_dir_all(place.path())).await {
        Ok(Err(error)) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "a deleted job's folder is not gone");
        }
        _ => {}
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Moves a queued job to another place.
pub(super) async fn move_to(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
    Body(request): Body<MoveJob>,
) -> Result<Json<Job>, Problem> {
    if request
        .priority
        .is_some_and(|priority| !(-100..=100).contains(&priority))
    {
        let detail = "a priority lies between -100 and 100";
        return Err(Problem::new(ProblemKind::BadRequest, detail).about("priority"));
    }
    let rules = state.settings.rules;
    let job = state.store.write(move |write| {
        let mut row = seen(write, &user, &id)?;
        let queued = |row: &row::Row| match row.state {
            JobState::Queued => Ok(()),
            state => Err(Problem::new(
                ProblemKind::Conflict,
                format!(
                    "the job `{}` is {state}: only queued jobs have a place",
                    row.name
                ),
            )),
        };
        queued(&row)?;
        match &request.before {
            Some(other) => {
                let other = seen(write, &user, other)?;
                queued(&other)?;
                if other.id != row.id {
                    row.priority = other.priority;
                    row.place = between(write, &other)?;
                }
            }
            None => {
                row.priority = request.priority.unwrap_or(row.priority);
                row.place = behind(write)?;
            }
        }
        tell(write, &mut row, rules)?;
        row.job(write, rules)
    });
    Ok(Json(job.await?))
}

/// A place just in front of `other`. Where no number lies between any more, all places are
/// numbered anew.
fn between(write: &rusqlite::Connection, other: &row::Row) -> Result<f64, Problem> {
    let in_front = |place: f64, number: i64| -> Result<Option<f64>, Problem> {
        Ok(write.query_row(
            "SELECT max(place) FROM jobs WHERE priority = ?1 AND (place < ?2 OR place = ?2 AND number < ?3)",
            params![other.priority, place, number],
            |row| row.get(0),
        )?)
    };
    let Some(below) = in_front(other.place, other.number)? else {
        return Ok(other.place - 1.0);
    };
    let middle = (below + other.place) / 2.0;
    if middle > below && middle < other.place {
        return Ok(middle);
    }
    write.execute_batch(
        "UPDATE jobs SET place = numbered.place FROM \
         (SELECT number, row_number() OVER (ORDER BY place, number) AS place FROM jobs) AS numbered \
         WHERE jobs.number = numbered.number",
    )?;
    let place: f64 = write.query_row(
        "SELECT place FROM jobs WHERE number = ?",
        [other.number],
        |row| row.get(0),
    )?;
    Ok(place - 0.5)
}
