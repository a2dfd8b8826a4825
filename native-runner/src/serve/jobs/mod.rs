//! Jobs: the queue, their processes, and what becomes of them.

mod advice;
mod change;
mod create;
mod keeper;
mod lend;
mod requests;
mod row;
mod tail;
#[cfg(test)]
mod tests;
mod watcher;

pub(crate) use keeper::{keep, stop_all};
pub(crate) use lend::{Loan, lend};
pub(crate) use row::Row;
pub(crate) use tail::catch_up;

use super::{Problem, route::Routes, settings::Settings, state::AppState, users::User};
use crate::job::JobFolder;
use shared::protocol::{Job, operations};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicBool},
};
use tokio::sync::Notify;

/// The queue and what is at work.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    /// Wakes the keeper: something is queued, or a device is free.
    pub(crate) wake: Arc<Notify>,
    /// Whether nothing is to be started any more.
    closed: AtomicBool,
    /// Devices that label.
    lent: lend::Lent,
    /// Jobs whose models are on their way to the hub.
    publishing: Mutex<HashSet<String>>,
}

/// A job whose model is on its way to the hub, until it is dropped.
pub(crate) struct Publishing {
    state: AppState,
    job: String,
}

impl Publishing {
    /// `None` if it is on its way already.
    pub(crate) fn begin(state: &AppState, job: &str) -> Option<Self> {
        let all = &state.jobs.publishing;
        let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(job.to_owned()).then(|| Self {
            state: state.clone(),
            job: job.to_owned(),
        })
    }
}

impl Drop for Publishing {
    fn drop(&mut self) {
        let all = &self.state.jobs.publishing;
        all.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.job);
    }
}

/// What is answered here.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .on(&operations::JOBS, requests::list)
        .on(&operations::JOB_CREATE, create::create)
        .on(&operations::JOB, requests::show)
        .on(&operations::JOB_DELETE, requests::delete)
        .on(&operations::JOB_CANCEL, requests::cancel)
        .on(&operations::JOB_RESUME, requests::resume)
        .on(&operations::JOB_DUPLICATE, create::duplicate)
        .on(&operations::JOB_MOVE, requests::move_to)
}

/// The folder of a job. Its id must be one from the store.
pub(crate) fn folder(settings: &Settings, id: &str) -> JobFolder {
    JobFolder::new(settings.folder.join("jobs").join(id))
}

/// A job that `user` may see.
pub(crate) async fn get(state: &AppState, user: &User, id: &str) -> Result<Job, Problem> {
    let (user, id, rules) = (user.clone(), id.to_owned(), state.settings.rules);
    state
        .store
        .read(move |store| row::seen(store, &user, &id)?.job(store, rules))
        .await
}
