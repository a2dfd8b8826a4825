//! Follows one process of a job to its end.

use super::{
    Row,
    advice::{self, Case},
    change::change,
    create::text,
    folder,
    row::one,
    tail::catch_up,
};
use crate::{
    job::{Exit, JobFolder, SignalError},
    lock::{Lock, Taken},
    serve::{Problem, files::free, state::AppState, store::Write, time},
};
use shared::protocol::{Change, Failure, FailureKind, JobState, Status};
use std::{
    process::{Child, ExitStatus},
    time::{Duration, Instant},
};
use tokio::task::spawn_blocking;

/// How often its events are looked for.
const LOOK: Duration = Duration::from_millis(40);
/// A disk with fewer free bytes is full: nothing of a job fits.
const NO_ROOM: u64 = 1 << 20;
/// How long a process that an earlier server started may take to say which one it is.
const BIRTH: Duration = Duration::from_secs(5);

/// Follows one process of a job.
pub(super) struct Watcher {
    state: AppState,
    id: String,
    attempt: u32,
    folder: JobFolder,
    /// The process, where this server started it.
    child: Option<Child>,
    /// How it ended, as the system tells its parent.
    status: Option<ExitStatus>,
    since: Instant,
    /// How long ago it was started when it began to be followed, by the store.
    age: Duration,
    /// When it was told to end.
    told: Option<Instant>,
    killed: bool,
    /// Whether its disk was full when its end was seen first: the store may only take it when there is
    /// room again.
    disk_full: Option<bool>,
    /// See [`advice::kills`], at the start.
    kills: u64,
}

/// What a look found.
enum Look {
    AtWork,
    Over,
}

impl Watcher {
    /// Of a process that this server has just started.
    pub(super) fn own(state: AppState, row: &Row, child: Child) -> Self {
        Self {
            child: Some(child),
            ..Self::adopt(state, row)
        }
    }

    /// Of a process that an earlier server started.
    pub(super) fn adopt(state: AppState, row: &Row) -> Self {
        let now = Instant::now();
        Self {
            folder: folder(&state.settings, &row.id),
            state,
            id: row.id.clone(),
            attempt: row.attempts,
            child: None,
            status: None,
            since: now,
            age: row.started.as_deref().map_or(BIRTH, time::since),
            told: row.signalled.then_some(now),
            killed: false,
            disk_full: None,
            kills: advice::kills(),
        }
    }

    /// Follows it to its end, or to that of the server.
    pub(super) async fn watch(mut self) {
        loop {
            let looked = spawn_blocking(move || {
                let look = self.look();
                (self, look)
            });
            let Ok((watcher, look)) = looked.await else {
                tracing::error!("a job is no longer followed; start the server anew");
                return;
            };
            self = watcher;
            match look {
                Ok(Look::AtWork) => tokio::time::sleep(LOOK).await,
                Ok(Look::Over) => {
                    self.state.jobs.wake.notify_one();
                    return;
                }
                // A full disk, for instance: it is tried again until there is room.
                Err(problem) => {
                    tracing::error!(
                        job = self.id,
                        problem = problem.0.detail,
                        "a job is not followed just now"
                    );
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
            if *self.state.ending.borrow() {
                return;
            }
        }
    }

    fn look(&mut self) -> Result<Look, Problem> {
        // Before its events, so that none comes behind the last look at them.
        let alive = self.is_alive();
        while catch_up(&self.state.store, &self.id, &self.folder)? {}
        if !alive {
            self.over()?;
            return Ok(Look::Over);
        }
        self.tell_to_end()?;
        Ok(Look::AtWork)
    }

    fn is_alive(&mut self) -> bool {
        if let Some(child) = &mut self.child {
            return match child.try_wait() {
                Ok(None) => true,
                Ok(Some(status)) => {
                    self.status = Some(status);
                    false
                }
                Err(_) => false,
            };
        }
        let process = self.folder.process(self.attempt);
        match Lock::try_take(self.folder.path()) {
            Ok(Taken::Held(_)) => true,
            // Not yet, maybe: it was started in the moment in which the server ended.
            Ok(Taken::Mine(_)) => process.is_none() && self.may_come(),
            Ok(Taken::Impossible(_)) | Err(_) => match process {
                Some(process) => process.is_there(),
                None => self.may_come(),
            },
        }
    }

    /// Whether a process that has not said which one it is may still do so. Counted from its start and
    /// not from that of the server, which may be started over and over; one that comes too late finds
    /// another order and does nothing.
    fn may_come(&self) -> bool {
        self.age + self.since.elapsed() < BIRTH
    }

    /// Does what a cancelled job is due.
    fn tell_to_end(&mut self) -> Result<(), Problem> {
        let row = self.state.store.read_now(|store| one(store, &self.id))?;
        if row.is_none_or(|row| row.state != JobState::Cancelling) {
            return Ok(());
        }
        let Some(process) = self.folder.process(self.attempt) else {
            // It has not begun: nothing is lost if it ends at once.
            if let Some(child) = &mut self.child {
                let _ = child.kill();
                self.killed = true;
            }
            return Ok(());
        };
        match self.told {
            None => {
                if let Err(SignalError::System(error)) = process.interrupt() {
                    tracing::error!(job = self.id, %error, "it cannot be told to end");
                }
                self.told = Some(Instant::now());
                self.state.store.write_now(|write| {
                    write.execute("UPDATE jobs SET signalled = 1 WHERE id = ?", [&self.id])?;
                    Ok(())
                })?;
            }
            Some(told) if !self.killed && told.elapsed() > self.state.settings.cancel_grace => {
                tracing::warn!(job = self.id, "it does not end, and is ended");
                let _ = process.kill();
                self.killed = true;
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// Writes down how it ended.
    fn over(&mut self) -> Result<(), Problem> {
        let exit = self.folder.exit(self.attempt);
        let disk = &self.state.settings.folder;
        let is_full = || free(disk).is_some_and(|free| free < NO_ROOM);
        self.disk_full.get_or_insert_with(is_full);
        let Some(row) = self.state.store.read_now(|store| one(store, &self.id))? else {
            return Ok(());
        };
        let rules = self.state.settings.rules;
        let seconds = exit
            .as_ref()
            .map_or_else(|| self.since.elapsed().as_secs_f64(), |exit| exit.seconds);
        let text = text(&self.state.settings, &self.id).unwrap_or_default();
        let case = Case {
            row: &row,
            text: &text,
            allowed: rules.limits,
            seconds: row.seconds + seconds,
        };
        let (what, failure) = match &exit {
            Some(exit) => said(&case, exit),
            None => self.unsaid(&case),
        };
        // A process that never began to work does not count.
        let unborn = exit.is_none() && self.folder.process(self.attempt).is_none();
        tracing::info!(job = self.id, attempt = self.attempt, ?what, "ended");
        self.state.store.write_now(|write: &mut Write<'_>| {
            change(write, &self.id, what, rules, |row| {
                row.seconds += seconds;
                row.failure = failure.filter(|_| row.state != JobState::Finished);
                if unborn && row.state == JobState::Queued {
                    row.tries = row.tries.saturating_sub(1);
                }
            })?;
            Ok(())
        })
    }

    /// What becomes of a job whose process ended without a word.
    fn unsaid(&self, case: &Case<'_>) -> (Change, Option<Failure>) {
        let row = case.row;
        if row.state == JobState::Cancelling {
            let killed = self.killed && self.told.is_some();
            let failure = killed.then(|| Failure {
                kind: FailureKind::Killed,
                message: "it did not end when it was told to, and was ended; it goes on from its last checkpoint \
                          when it is resumed"
                    .to_owned(),
                advice: None,
            });
            return (Change::Vanish, failure);
        }
        let how = self.status.map_or_else(
            || "the server was away".to_owned(),
            |status| status.to_string(),
        );
        let for_memory = self.was_killed() && advice::kills() > self.kills;
        let log = self.folder.log_end(4096);
        let full = self.disk_full.unwrap_or(false);
        let failure = advice::silent(case, for_memory, full, &how, &log);
        // Memory and disk would run out in the same place again.
        if matches!(failure.kind, FailureKind::Memory | FailureKind::Disk) {
            (Change::Fail, Some(failure))
        } else if row.tries >= self.state.settings.rules.max_attempts {
            (Change::GiveUp, Some(failure))
        } else {
            (Change::Vanish, Some(failure))
        }
    }

    /// Whether a signal ended it that cannot be caught; maybe, where nobody saw.
    fn was_killed(&self) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::process::ExitStatusExt;
            self.status.is_none_or(|status| status.signal() == Some(9))
        }
        #[cfg(not(unix))]
        {
            false
        }
    }
}

/// What becomes of a job whose process said how it ended.
fn said(case: &Case<'_>, exit: &Exit) -> (Change, Option<Failure>) {
    match exit.status {
        Status::Finished => (Change::Finish, None),
        Status::Interrupted if exit.failure.is_none() => (Change::Stop, None),
        Status::Interrupted | Status::Failed => (Change::Fail, Some(advice::told(case, exit))),
    }
}
