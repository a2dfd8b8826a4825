//! A job as it stands in the store.

use crate::serve::{
    Problem,
    settings::Rules,
    store::{number, signed},
    users::User,
};
use indexmap::IndexMap;
use rusqlite::{Connection, OptionalExtension, params};
use serde::de::DeserializeOwned;
use shared::{
    estimate::Estimate,
    protocol::{Failure, Job, JobState, Limits, Progress},
};

/// A job as it stands in the store.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) number: i64,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) user: String,
    pub(crate) state: JobState,
    pub(crate) priority: i32,
    /// Order within a priority.
    pub(crate) place: f64,
    /// The device that was asked for.
    pub(crate) device: String,
    /// The device that its process has.
    pub(crate) running: Option<String>,
    pub(crate) created: String,
    pub(crate) started: Option<String>,
    pub(crate) ended: Option<String>,
    /// Starts of its process.
    pub(crate) attempts: u32,
    /// Of them, since somebody asked for it.
    pub(crate) tries: u32,
    /// Seconds at work, in earlier attempts.
    pub(crate) seconds: f64,
    /// Whether it was told to end.
    pub(crate) signalled: bool,
    pub(crate) limits: Limits,
    pub(crate) failure: Option<Failure>,
    pub(crate) progress: Option<Progress>,
    pub(crate) metrics: IndexMap<String, Option<f64>>,
    pub(crate) estimate: Option<Estimate>,
    /// Bytes of its file of events that stand in the table of events.
    pub(crate) tail: u64,
    /// Its last event.
    pub(crate) last: u64,
}

const COLUMNS: &str = "number, id, name, user, state, priority, place, device, running, created, started, ended, \
     attempts, tries, seconds, signalled, limits, failure, progress, metrics, estimate, tail, last";

/// The order of the queue.
pub(super) const ORDER: &str = "priority DESC, place, number";

impl Row {
    /// Reads the columns of [`COLUMNS`].
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let state: String = row.get(4)?;
        Ok(Self {
            number: row.get(0)?,
            id: row.get(1)?,
            name: row.get(2)?,
            user: row.get(3)?,
            state: JobState::from_word(&state).ok_or(rusqlite::Error::InvalidQuery)?,
            priority: row.get(5)?,
            place: row.get(6)?,
            device: row.get(7)?,
            running: row.get(8)?,
            created: row.get(9)?,
            started: row.get(10)?,
            ended: row.get(11)?,
            attempts: row.get(12)?,
            tries: row.get(13)?,
            seconds: row.get(14)?,
            signalled: row.get(15)?,
            limits: json(row.get(16)?).unwrap_or_default(),
            failure: json(row.get(17)?),
            progress: json(row.get(18)?),
            metrics: json(row.get(19)?).unwrap_or_default(),
            estimate: json(row.get(20)?),
            tail: number(row.get(21)?),
            last: number(row.get(22)?),
        })
    }

    /// Writes what can change.
    pub(super) fn save(&self, store: &Connection) -> Result<(), Problem> {
        store
            .prepare_cached(
                "UPDATE jobs SET name = ?, state = ?, priority = ?, place = ?, running = ?, started = ?, ended = ?, \
                 attempts = ?, tries = ?, seconds = ?, signalled = ?, failure = ?, progress = ?, metrics = ?, \
                 tail = ?, last = ?, limits = ? WHERE number = ?",
            )?
            .execute(params![
                self.name,
                self.state.word(),
                self.priority,
                self.place,
                self.running,
                self.started,
                self.ended,
                self.attempts,
                self.tries,
                self.seconds,
                self.signalled,
                text(self.failure.as_ref())?,
                text(self.progress.as_ref())?,
                serde_json::to_string(&self.metrics)?,
                signed(self.tail),
                signed(self.last),
                serde_json::to_string(&self.limits)?,
                self.number,
            ])?;
        Ok(())
    }

    /// Puts a new job into the store, behind all of its priority; gives it its number.
    pub(super) fn insert(&mut self, store: &Connection) -> Result<(), Problem> {
        self.place = behind(store)?;
        store.execute(
            "INSERT INTO jobs (id, name, user, state, priority, place, device, created, limits, estimate) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                self.id,
                self.name,
                self.user,
                self.state.word(),
                self.priority,
                self.place,
                self.device,
                self.created,
                serde_json::to_string(&self.limits)?,
                text(self.estimate.as_ref())?,
            ],
        )?;
        self.number = store.last_insert_rowid();
        Ok(())
    }

    /// The job as it is told.
    pub(crate) fn job(&self, store: &Connection, rules: Rules) -> Result<Job, Problem> {
        let position = match self.state {
            JobState::Queued => Some(self.position(store)?),
            _ => None,
        };
        Ok(Job {
            id: self.id.clone(),
            name: self.name.clone(),
            user: self.user.clone(),
            state: self.state,
            priority: self.priority,
            position,
            device: self.running.clone().unwrap_or_else(|| self.device.clone()),
            created: self.created.clone(),
            started: self.started.clone(),
            ended: self.ended.clone(),
            attempts: self.attempts,
            max_attempts: rules.max_attempts,
            limits: rules.hold(self.limits),
            failure: self.failure.clone(),
            progress: self.progress.clone(),
            metrics: self.metrics.clone(),
            estimate: self.estimate,
            last_event: self.last,
            text: None,
        })
    }

    /// Its place in the queue, from 1.
    fn position(&self, store: &Connection) -> Result<usize, Problem> {
        let before: u32 = store
            .prepare_cached(
                "SELECT count(*) FROM jobs WHERE state = 'queued' AND \
                 (priority > ?1 OR priority = ?1 AND (place < ?2 OR place = ?2 AND number < ?3))",
            )?
            .query_row(params![self.priority, self.place, self.number], |row| {
                row.get(0)
            })?;
        Ok(before as usize + 1)
    }
}

/// A place behind all others.
pub(super) fn behind(store: &Connection) -> Result<f64, Problem> {
    Ok(
        store.query_row("SELECT coalesce(max(place), 0) + 1 FROM jobs", [], |row| {
            row.get(0)
        })?,
    )
}

/// The job of an id.
pub(crate) fn one(store: &Connection, id: &str) -> Result<Option<Row>, Problem> {
    let found = store
        .prepare_cached(&format!("SELECT {COLUMNS} FROM jobs WHERE id = ?"))?
        .query_row([id], Row::read);
    Ok(found.optional()?)
}

/// The job of an id, if `user` may see it: one of somebody else is as good as none.
pub(crate) fn seen(store: &Connection, user: &User, id: &str) -> Result<Row, Problem> {
    one(store, id)?
        .filter(|row| user.sees(&row.user))
        .ok_or_else(|| Problem::not_found("job", id))
}

/// Jobs for which `condition` (SQL with `?1`) holds, in `order`.
pub(super) fn some(
    store: &Connection,
    condition: &str,
    parameter: impl rusqlite::ToSql,
    order: &str,
) -> Result<Vec<Row>, Problem> {
    let sql = format!("SELECT {COLUMNS} FROM jobs WHERE {condition} ORDER BY {order}");
    let mut statement = store.prepare_cached(&sql)?;
    let rows = statement.query_map([parameter], Row::read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn json<T: DeserializeOwned>(text: Option<String>) -> Option<T> {
    serde_json::from_str(&text?).ok()
}

fn text<T: serde::Serialize>(value: Option<&T>) -> Result<Option<String>, Problem> {
    Ok(value.map(serde_json::to_string).transpose()?)
}
