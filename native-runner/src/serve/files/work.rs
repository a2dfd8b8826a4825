//! Work that takes the processor or the disk for a while.

use crate::serve::Problem;
use shared::protocol::ProblemKind;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
};
use tokio::{sync::Semaphore, task::spawn_blocking};

/// Requests that wait for their turn; more are sent away.
const WAITING: usize = 64;

/// A few places for work, so that previews never take the machine from a job.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    places: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

impl Default for Work {
    fn default() -> Self {
        let processors = available_parallelism().map_or(1, usize::from);
        Self {
            places: Arc::new(Semaphore::new((processors / 2).max(2))),
            waiting: Arc::default(),
        }
    }
}

impl Work {
    /// Does `work` on a thread of its own when its turn has come. It goes on to its end if whoever
    /// asked goes away, and keeps its place until then.
    ///
    /// # Errors
    /// Too many wait already.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let place = {
            let _waits = Waits::new(&self.waiting)?;
            self.places
                .clone()
                .acquire_owned()
                .await
                .map_err(Problem::internal)?
        };
        let done = spawn_blocking(move || {
            let result = work();
            drop(place);
            result
        });
        done.await.map_err(Problem::internal)
    }
}

/// One that waits.
struct Waits<'a>(&'a AtomicUsize);

impl<'a> Waits<'a> {
    fn new(waiting: &'a AtomicUsize) -> Result<Self, Problem> {
        let waits = Self(waiting);
        if waiting.fetch_add(1, Ordering::Relaxed) >= WAITING {
            let detail = "too many requests for previews, reports and datasets wait already: try again in a moment";
            return Err(Problem::new(ProblemKind::TooMany, detail).retry_after(2));
        }
        Ok(waits)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
