//! New jobs.

use super::{
    Row, change, folder,
    row::{one, seen},
    tail::catch_up,
};
use crate::serve::{
    Problem, check,
    extract::{Body, Path},
    files::{admit, free},
    settings::{Rules, Settings},
    state::AppState,
    store::{Store, Write},
    time,
    users::{Hash, Secret, User},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use indexmap::IndexMap;
use rusqlite::{Connection, OptionalExtension, params};
use shared::{
    config::Mode,
    estimate::Estimate,
    protocol::{CreateJob, DuplicateJob, Job, JobState, Limits, ProblemKind},
};
use std::{fs, sync::Arc};
use tokio::task::spawn_blocking;

/// Seconds for which a key of a request is remembered.
const REMEMBERED: i64 = 7 * 24 * 3600;
/// Longest name of a job in characters.
const LONGEST_NAME: usize = 200;
/// Priorities go from minus to plus this.
const PRIORITY: i32 = 100;

type Made = (StatusCode, Json<Job>);

/// Queues a job.
pub(super) async fn create(
    State(state): State<AppState>,
    user: User,
    headers: HeaderMap,
    Body(request): Body<CreateJob>,
) -> Result<Made, Problem> {
    let key = key(&headers, &serde_json::to_vec(&("create", &request))?)?;
    queue(&state, user, key, request).await
}

/// Queues a copy of a job, with changes.
pub(super) async fn duplicate(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(request): Body<DuplicateJob>,
) -> Result<Made, Problem> {
    let key = key(
        &headers,
        &serde_json::to_vec(&("duplicate", &id, &request))?,
    )?;
    let (asker, settings) = (user.clone(), state.settings.clone());
    let (row, text) = state
        .store
        .read(move |store| {
            let row = seen(store, &asker, &id)?;
            let text = text(&settings, &row.id)?;
            Ok((row, text))
        })
        .await?;
    let request = CreateJob {
        text: request.text.unwrap_or(text),
        set: request.set,
        name: Some(request.name.unwrap_or(row.name)),
        device: Some(request.device.unwrap_or(row.device)),
        priority: request.priority.unwrap_or(row.priority),
        limits: request.limits.unwrap_or(row.limits),
        begun: None,
    };
    queue(&state, user, key, request).await
}

/// The INI of a job.
pub(crate) fn text(settings: &Settings, id: &str) -> Result<String, Problem> {
    Ok(fs::read_to_string(folder(settings, id).ini())?)
}

/// A key that a client chose for a request, and what the request was.
struct Key {
    key: String,
    body: Hash,
}

fn key(headers: &HeaderMap, body: &[u8]) -> Result<Option<Key>, Problem> {
    let Some(header) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let key = header.to_str().unwrap_or_default();
    if key.is_empty() || key.len() > 128 || !key.chars().all(|c| c.is_ascii_graphic()) {
        let detail = "an Idempotency-Key has 1 to 128 visible characters";
        return Err(Problem::new(ProblemKind::BadRequest, detail).about("Idempotency-Key"));
    }
    Ok(Some(Key {
        key: key.to_owned(),
        body: Secret::hash_of(&String::from_utf8_lossy(body)),
    }))
}

async fn queue(
    state: &AppState,
    user: User,
    key: Option<Key>,
    request: CreateJob,
) -> Result<Made, Problem> {
    let shared = state.clone();
    // To its end, also when the client goes away.
    let made = spawn_blocking(move || make(&shared, &user, key, request));
    let (status, job) = made.await.map_err(Problem::internal)??;
    state.jobs.wake.notify_one();
    Ok((status, Json(job)))
}

fn make(
    state: &AppState,
    user: &User,
    key: Option<Key>,
    request: CreateJob,
) -> Result<(StatusCode, Job), Problem> {
    let rules = state.settings.rules;
    if let Some(job) = state
        .store
        .read_now(|store| made(store, user, key.as_ref(), rules))?
    {
        return Ok((StatusCode::OK, job));
    }
    let begun = request.begun.clone();
    let prepared = prepare(state, user, request)?;
    room(&state.settings)?;
    let id = new_id()?;
    let place = folder(&state.settings, &id);
    fs::create_dir_all(place.path())?;
    let row = Row {
        number: 0,
        id,
        name: prepared.name,
        user: user.name.clone(),
        state: JobState::Queued,
        priority: prepared.priority,
        place: 0.0,
        device: prepared.device,
        running: None,
        created: time::now(),
        started: None,
        ended: None,
        attempts: 0,
        tries: 0,
        seconds: 0.0,
        signalled: false,
        limits: prepared.limits,
        failure: None,
        progress: None,
        metrics: IndexMap::new(),
        estimate: prepared.estimate,
        tail: 0,
        last: 0,
    };
    // The files first: a folder without a row is cleared away, a row without a folder is a lie.
    let filled = match &begun {
        Some(upload) => state.library.unpack_run(&user.name, upload, &place),
        None => Ok(()),
    };
    let put = filled
        .and_then(|()| Ok(fs::write(place.ini(), &prepared.text)?))
        .and_then(|()| put(&state.store, &state.settings, key.as_ref(), row));
    if !matches!(put, Ok((StatusCode::CREATED, _))) {
        let _ = fs::remove_dir_all(place.path());
    } else if let (Ok((_, job)), Some(upload)) = (&put, &begun) {
        let after = || -> Result<(), Problem> {
            // What it has said so far is told at once, not when it runs.
            while catch_up(&state.store, &job.id, &place)? {}
            state.library.used_up(&user.name, upload)
        };
        // The job is made all the same: its events are read again, and the upload can be deleted.
        if let Err(Problem(problem)) = after() {
            tracing::warn!(
                job = job.id,
                ?problem,
                "not all was done after a job was taken over"
            );
        }
    }
    put
}

/// Puts a job into the store, unless the same request did so before.
fn put(
    store: &Arc<Store>,
    settings: &Settings,
    key: Option<&Key>,
    mut row: Row,
) -> Result<(StatusCode, Job), Problem> {
    let user = User {
        name: row.user.clone(),
        admin: false,
    };
    store.write_now(|write| {
        if let Some(job) = made(write, &user, key, settings.rules)? {
            return Ok((StatusCode::OK, job));
        }
        waiting(write, &user, settings)?;
        row.insert(write)?;
        if let Some(key) = key {
            remember(write, key, &row)?;
        }
        change::tell(write, &mut row, settings.rules)?;
        Ok((StatusCode::CREATED, row.job(write, settings.rules)?))
    })
}

/// Whether there is room for one more job of `user` in the queue.
pub(super) fn waiting(store: &Connection, user: &User, settings: &Settings) -> Result<(), Problem> {
    let waiting: u32 = store.query_row(
        "SELECT count(*) FROM jobs WHERE user = ? AND state = 'queued'",
        [&user.name],
        |row| row.get(0),
    )?;
    if waiting as usize >= settings.queue_limit {
        let detail = format!(
            "{waiting} jobs of yours wait already, which is the runner's limit: delete some, or wait"
        );
        return Err(Problem::new(ProblemKind::TooMany, detail).retry_after(60));
    }
    Ok(())
}

fn remember(write: &Write<'_>, key: &Key, row: &Row) -> Result<(), Problem> {
    write.execute(
        "DELETE FROM keys WHERE made < ?",
        [time::seconds() - REMEMBERED],
    )?;
    write.execute(
        "INSERT INTO keys (user, key, body, job, made) VALUES (?, ?, ?, ?, ?)",
        params![row.user, key.key, key.body.bytes(), row.id, time::seconds()],
    )?;
    Ok(())
}

/// The job that the same request made before.
fn made(
    store: &Connection,
    user: &User,
    key: Option<&Key>,
    rules: Rules,
) -> Result<Option<Job>, Problem> {
    let Some(key) = key else { return Ok(None) };
    let found = store
        .query_row(
            "SELECT body, job FROM keys WHERE user = ? AND key = ?",
            params![user.name, key.key],
            |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?)),
        )
        .optional()?;
    let Some((body, job)) = found else {
        return Ok(None);
    };
    if !key.body.is(&body) {
        let detail = format!(
            "the Idempotency-Key `{}` was used for another request: choose a new one",
            key.key
        );
        return Err(Problem::new(ProblemKind::Conflict, detail).about("Idempotency-Key"));
    }
    one(store, &job)?
        .map(|row| row.job(store, rules))
        .transpose()
}

/// A job that can be queued.
struct Prepared {
    text: String,
    name: String,
    device: String,
    priority: i32,
    limits: Limits,
    estimate: Option<Estimate>,
}

/// Checks a request as `voxtune run` would check its INI.
fn prepare(state: &AppState, user: &User, request: CreateJob) -> Result<Prepared, Problem> {
    let files = state.library.sight(&user.name)?;
    let (text, checked) = check::checked(&files, &request.text, &request.set, Mode::Run)?;
    let Some(experiment) = &checked.experiment else {
        return Err(check::invalid(&checked));
    };
    admit(experiment, &files).map_err(|refusal| refusal.problem(&checked))?;
    let name = request.name.unwrap_or_else(|| experiment.name.clone());
    if name.trim().is_empty() || name.chars().count() > LONGEST_NAME {
        let detail = format!("a job's name has 1 to {LONGEST_NAME} characters");
        return Err(Problem::new(ProblemKind::Unprocessable, detail).about("name"));
    }
    if request.priority.abs() > PRIORITY {
        let detail = format!("a priority lies between -{PRIORITY} and {PRIORITY}");
        return Err(Problem::new(ProblemKind::Unprocessable, detail).about("priority"));
    }
    let device = match request.device {
        Some(device) => device,
        None => check::device(experiment.tuning.device),
    };
    if !state.machine.has(&device) {
        let known: Vec<&str> = state
            .machine
            .devices
            .iter()
            .map(|device| device.id.as_str())
            .collect();
        let device: String = device.chars().take(40).collect();
        let detail = format!(
            "there is no device `{device}` here; use auto, {}",
            known.join(", ")
        );
        return Err(Problem::new(ProblemKind::Unprocessable, detail).about("device"));
    }
    let estimate = check::estimate(experiment, &files);
    Ok(Prepared {
        name,
        device,
        priority: request.priority,
        limits: possible(request.limits)?,
        estimate,
        text,
    })
}

/// Limits that a client asks for, if something can run within them.
pub(super) fn possible(limits: Limits) -> Result<Limits, Problem> {
    let all = [
        ("seconds", limits.seconds),
        ("memory", limits.memory),
        ("disk", limits.disk),
    ];
    match all.iter().find(|(_, limit)| *limit == Some(0)) {
        Some((name, _)) => Err(Problem::new(
            ProblemKind::Unprocessable,
            "a limit of 0 lets nothing run",
        )
        .about(name)),
        None => Ok(limits),
    }
}

/// Whether the disk has room for one more job.
pub(super) fn room(settings: &Settings) -> Result<(), Problem> {
    match free(&settings.folder) {
        Some(free) if free < settings.free_disk => Err(Problem::new(
            ProblemKind::OutOfSpace,
            format!(
                "the runner's disk has {:.1} GB free, and {:.1} GB are to stay so: delete jobs or datasets that are \
                 no longer needed",
                free as f64 / 1e9,
                settings.free_disk as f64 / 1e9
            ),
        )),
        _ => Ok(()),
    }
}

/// An id that says nothing and that nobody guesses.
fn new_id() -> Result<String, Problem> {
    let secret = Secret::new().map_err(Problem::internal)?;
    Ok(secret.reveal().chars().take(20).collect())
}
