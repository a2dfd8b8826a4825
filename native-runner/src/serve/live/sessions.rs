//! The sessions that there are, and their end.

use super::process::Process;
use crate::serve::{Problem, jobs::Loan, state::AppState, time, users::User};
use shared::protocol::{Live, ProblemKind};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};
use tokio::time::sleep;

/// Sessions of all users at once: each has a model in memory.
const MOST: usize = 4;
/// Sessions of one user.
const MOST_OF_ONE: usize = 2;
/// How long one may hear nothing.
pub(super) const IDLE: Duration = Duration::from_secs(60);
/// How long one lasts: it keeps jobs from its device.
const LONGEST: Duration = Duration::from_secs(3600);
/// How often those that are over are looked for.
const LOOK: Duration = Duration::from_secs(5);

/// The sessions, by id, and places for more.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    all: BTreeMap<String, Arc<Session>>,
    /// Users of the sessions that there are or that begin.
    seats: Vec<String>,
}

/// A session.
pub(super) struct Session {
    pub(super) user: String,
    /// What is told of it; how much it has heard changes.
    pub(super) live: Live,
    begun: Instant,
    heard: Mutex<Instant>,
    /// Samples that it was told.
    samples: AtomicU64,
    /// One piece at a time.
    pub(super) process: Arc<tokio::sync::Mutex<Process>>,
    _seat: Seat,
    _loan: Loan,
}

impl Session {
    pub(super) fn new(user: &User, live: Live, process: Process, seat: Seat, loan: Loan) -> Self {
        Self {
            user: user.name.clone(),
            live,
            begun: Instant::now(),
            heard: Mutex::new(Instant::now()),
            samples: AtomicU64::new(0),
            process: Arc::new(tokio::sync::Mutex::new(process)),
            _seat: seat,
            _loan: loan,
        }
    }

    /// Notes how much it has heard.
    pub(super) fn heard(&self, samples: u64) {
        self.samples.store(samples, Ordering::Relaxed);
    }

    /// What is told of it now.
    pub(super) fn now(&self) -> Live {
        Live {
            samples: self.samples.load(Ordering::Relaxed),
            ..self.live.clone()
        }
    }

    /// Notes that it was spoken to.
    pub(super) fn touch(&self) {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn is_over(&self) -> bool {
        let heard = *self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let busy = self.process.try_lock().is_err();
        !busy && heard.elapsed() > IDLE || self.begun.elapsed() > LONGEST
    }
}

/// When a session that begins now ends in any case.
pub(super) fn until() -> String {
    time::text(SystemTime::now() + LONGEST)
}

/// A place for a session, until it is dropped.
pub(super) struct Seat {
    state: AppState,
    user: String,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut inner = self.state.live.lock();
        if let Some(place) = inner.seats.iter().position(|user| *user == self.user) {
            inner.seats.swap_remove(place);
        }
    }
}

impl Sessions {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.lock().all.len()
    }

    pub(super) fn insert(&self, session: Session) {
        let id = session.live.id.clone();
        self.lock().all.insert(id, Arc::new(session));
    }

    /// A session of `user`; of another's it is not told that it is there.
    pub(super) fn get(&self, user: &User, id: &str) -> Result<Arc<Session>, Problem> {
        let found = self.lock().all.get(id).cloned();
        found
            .filter(|session| session.user == user.name)
            .ok_or_else(|| Problem::not_found("session", id))
    }

    /// The sessions of `user`, the oldest first.
    pub(super) fn of(&self, user: &User) -> Vec<Arc<Session>> {
        let mut found: Vec<_> = self.lock().all.values().cloned().collect();
        found.retain(|session| session.user == user.name);
        found.sort_by_key(|session| session.begun);
        found
    }

    /// Ends a session.
    pub(super) fn remove(&self, id: &str) {
        // Dropped outside of the lock, which its place takes.
        let removed = self.lock().all.remove(id);
        drop(removed);
    }
}

/// A place for a session of `user`.
pub(super) fn seat(state: &AppState, user: &User) -> Result<Seat, Problem> {
    let mut inner = state.live.lock();
    let own = inner
        .seats
        .iter()
        .filter(|name| **name == user.name)
        .count();
    let refused = |detail: String| Err(Problem::new(ProblemKind::TooMany, detail).retry_after(30));
    if own >= MOST_OF_ONE {
        return refused(format!(
            "{MOST_OF_ONE} of your sessions listen: end one first"
        ));
    }
    if inner.seats.len() >= MOST {
        return refused(format!("{MOST} sessions listen: try again in a while"));
    }
    inner.seats.push(user.name.clone());
    Ok(Seat {
        state: state.clone(),
        user: user.name.clone(),
    })
}

/// Ends sessions that hear nothing any more, until the server ends; then all.
pub(crate) async fn tidy(state: AppState) {
    let mut ending = state.ending.clone();
    loop {
        let over = tokio::select! {
            _ = ending.wait_for(|ending| *ending) => true,
            () = sleep(LOOK) => false,
        };
        let gone: Vec<Arc<Session>> = {
            let mut inner = state.live.lock();
            let ids: Vec<String> = inner
                .all
                .iter()
                .filter(|(_, session)| over || session.is_over())
                .map(|(id, _)| id.clone())
                .collect();
            ids.iter().filter_map(|id| inner.all.remove(id)).collect()
        };
        for session in &gone {
            tracing::info!(session = session.live.id, "it listens no more");
        }
        drop(gone);
        if over {
            return;
        }
    }
}
