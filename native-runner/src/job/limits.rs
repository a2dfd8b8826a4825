//! Seeing to it that a job keeps to its limits, also while the server is away.

use super::{Exit, JobFolder, Order, process};
use crate::world;
use shared::protocol::{FailureKind, Status};
use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// How often memory and time are looked at.
const EVERY: Duration = Duration::from_millis(500);
/// How often the folder is measured, in looks.
const DISK_EVERY: u32 = 10;
/// How long a job may take to end cleanly when its time is over.
const GRACE: Duration = Duration::from_secs(120);

/// The limit that was broken, if any; shared with the thread that looks.
#[derive(Clone, Default)]
pub(super) struct Broken(Arc<Mutex<Option<(FailureKind, String)>>>);

impl Broken {
    /// What was broken, and in which words.
    pub(super) fn get(&self) -> Option<(FailureKind, String)> {
        self.lock().clone()
    }

    fn set(&self, kind: FailureKind, message: &str) {
        *self.lock() = Some((kind, message.to_owned()));
    }

    fn lock(&self) -> MutexGuard<'_, Option<(FailureKind, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks after the limits of `order` until the process ends.
pub(super) fn watch(folder: &JobFolder, order: &Order, begun: Instant) -> Broken {
    let broken = Broken::default();
    let limits = order.limits;
    if limits.seconds.is_none() && limits.memory.is_none() && limits.disk.is_none() {
        return broken;
    }
    let (folder, order, told) = (folder.clone(), order.clone(), broken.clone());
    thread::spawn(move || look(&folder, &order, begun, &told));
    broken
}

fn look(folder: &JobFolder, order: &Order, begun: Instant, broken: &Broken) {
    let limits = order.limits;
    let mut ending: Option<Instant> = None;
    let mut looks = 0u32;
    loop {
        thread::sleep(EVERY);
        let at_work = begun.elapsed().as_secs_f64();
        if let Some(limit) = limits.memory
            && let Some(bytes) = process::memory(std::process::id())
            && bytes > limit
        {
            let message = format!(
                "it took {} of memory, and its limit is {}",
                megabytes(bytes),
                megabytes(limit)
            );
            end(folder, order, FailureKind::Memory, message, at_work);
        }
        if let Some(limit) = limits.disk
            && looks.is_multiple_of(DISK_EVERY)
        {
            let bytes = size(folder.path());
            if bytes > limit {
                let message = format!(
                    "its folder has {}, and its limit is {}",
                    megabytes(bytes),
                    megabytes(limit)
                );
                end(folder, order, FailureKind::Disk, message, at_work);
            }
        }
        if let Some(limit) = limits.seconds
            && order.seconds + at_work > limit as f64
        {
            let message = format!("it was at work for its limit of {limit} seconds");
            let since = *ending.get_or_insert_with(|| {
                broken.set(FailureKind::Time, &message);
                world::stop();
                Instant::now()
            });
            if since.elapsed() > GRACE {
                end(folder, order, FailureKind::Time, message, at_work);
            }
        }
        looks = looks.wrapping_add(1);
    }
}

/// Says why, and ends this process at once: what it has on the disk is whole at any moment.
fn end(folder: &JobFolder, order: &Order, kind: FailureKind, message: String, seconds: f64) -> ! {
    errln!("error: {message}");
    let written = folder.write_exit(&Exit {
        attempt: order.attempt,
        status: Status::Failed,
        failure: Some(kind),
        message: Some(message),
        seconds,
    });
    if let Err(error) = written {
        errln!("warning: cannot write how the job ended: {error}");
    }
    // Not `exit`, which waits for drivers and other threads.
    std::process::abort()
}

/// Bytes of all files below `folder`.
pub(crate) fn size(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => size(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}

fn megabytes(bytes: u64) -> String {
    format!("{:.0} MB", bytes as f64 / 1e6)
}
