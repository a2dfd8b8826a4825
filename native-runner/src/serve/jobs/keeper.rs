//! Keeps devices at work: starts what waits when a device is free, and takes up again what was at
//! work when the server ended.

use super::{
    Row,
    advice::{self, Case},
    change::change,
    folder, lend,
    row::{ORDER, one, some},
    tail::catch_up,
    watcher::Watcher,
};
use crate::{
    job::{JobFolder, Order},
    lock::{Lock, Taken},
    serve::{Problem, state::AppState, time},
};
use shared::protocol::{Change, JobState};
use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    io,
    process::{Child, Command, Stdio},
    sync::atomic::Ordering,
    time::Duration,
};
use tokio::{
    task::{JoinSet, spawn_blocking},
    time::{sleep, timeout},
};

/// How often the queue is looked at without a reason.
const LOOK: Duration = Duration::from_secs(2);

/// Keeps the queue going until the server ends.
pub(crate) async fn keep(state: AppState) {
    let mut watchers = JoinSet::new();
    let shared = state.clone();
    match spawn_blocking(move || take_up(&shared)).await {
        Ok(Ok(at_work)) => {
            for watcher in at_work {
                watchers.spawn(watcher.watch());
            }
        }
        Ok(Err(problem)) => tracing::error!(problem = problem.0.detail, "jobs are not taken up"),
        Err(error) => tracing::error!(%error, "jobs are not taken up"),
    }
    let mut ending = state.ending.clone();
    while !*ending.borrow() {
        let shared = state.clone();
        match spawn_blocking(move || start_some(&shared)).await {
            Ok(Ok(started)) => {
                for watcher in started {
                    watchers.spawn(watcher.watch());
                }
            }
            Ok(Err(problem)) => {
                tracing::error!(problem = problem.0.detail, "the queue stands still")
            }
            Err(error) => tracing::error!(%error, "the queue stands still"),
        }
        let woken = async {
            tokio::select! {
                () = state.jobs.wake.notified() => {}
                _ = ending.changed() => {}
            }
        };
        let _ = timeout(LOOK, woken).await;
        while watchers.try_join_next().is_some() {}
    }
    // They see that the server ends, and let their processes be.
    while watchers.join_next().await.is_some() {}
}

/// What was at work when the server ended, and what was said meanwhile; folders without a job are
/// cleared away.
fn take_up(state: &AppState) -> Result<Vec<Watcher>, Problem> {
    let all = state
        .store
        .read_now(|store| some(store, "?1", true, "number"))?;
    let known: HashSet<&str> = all.iter().map(|row| row.id.as_str()).collect();
    for entry in fs::read_dir(state.settings.folder.join("jobs"))?.flatten() {
        let is_known = entry
            .file_name()
            .to_str()
            .is_some_and(|id| known.contains(id));
        if !is_known {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    let mut at_work = Vec::new();
    for row in all {
        let place = folder(&state.settings, &row.id);
        while catch_up(&state.store, &row.id, &place)? {}
        if row.state.is_active() {
            tracing::info!(job = row.id, attempt = row.attempts, "taken up again");
            at_work.push(Watcher::adopt(state.clone(), &row));
        }
    }
    Ok(at_work)
}

/// Starts as many jobs as there are free devices for.
fn start_some(state: &AppState) -> Result<Vec<Watcher>, Problem> {
    if state.jobs.closed.load(Ordering::SeqCst) {
        return Ok(Vec::new());
    }
    let (queued, active) = state.store.read_now(|store| {
        let queued = some(store, "state = ?1", "queued", ORDER)?;
        let active = some(
            store,
            "state IN ('running', 'cancelling') AND ?1",
            true,
            "number",
        )?;
        Ok((queued, active))
    })?;
    let lent = state.jobs.lent.lock();
    let mut busy: HashMap<String, usize> = lent.clone();
    // Labelling on it holds no job up.
    busy.remove(lend::CPU);
    for device in active.into_iter().filter_map(|row| row.running) {
        *busy.entry(device).or_default() += 1;
    }
    let mut started = Vec::new();
    for row in queued {
        let free = state.machine.fit(&row.device).into_iter().find(|device| {
            busy.get(*device).copied().unwrap_or(0) < state.settings.jobs_per_device
        });
        let Some(device) = free else { continue };
        if let Some(watcher) = start(state, &row, device)? {
            *busy.entry(device.to_owned()).or_default() += 1;
            started.push(watcher);
        }
    }
    Ok(started)
}

/// Starts the process of a job. `None` if it was not to be, or cannot be just now.
fn start(state: &AppState, row: &Row, device: &str) -> Result<Option<Watcher>, Problem> {
    let place = folder(&state.settings, &row.id);
    // A process of an earlier start could still be there, or begin just now: whoever has the lock
    // reads the order anew, so that with the lock in our hand the old one does nothing any more.
    let lock = match Lock::try_take(place.path()) {
        Ok(Taken::Mine(lock)) => Some(lock),
        Ok(Taken::Held(holder)) => {
            tracing::warn!(
                job = row.id,
                holder,
                "it waits for an earlier process of its own"
            );
            return Ok(None);
        }
        Ok(Taken::Impossible(_)) => None,
        Err(error) => return fail(state, row, &format!("{error:#}")),
    };
    let begun = state.store.write_now(|write| {
        // It may have been cancelled or deleted since.
        let Some(now) = one(write, &row.id)? else {
            return Ok(None);
        };
        if now.state.after(Change::Start).is_none() {
            return Ok(None);
        }
        let rules = state.settings.rules;
        change(write, &row.id, Change::Start, rules, |row| {
            row.attempts += 1;
            row.tries += 1;
            row.signalled = false;
            row.running = Some(device.to_owned());
            row.started = Some(time::now());
            row.ended = None;
        })
        .map(Some)
    })?;
    let Some(row) = begun else { return Ok(None) };
    let order = Order {
        attempt: row.attempts,
        device: device.to_owned(),
        limits: state.settings.rules.hold(row.limits),
        seconds: row.seconds,
        sight: state.library.spec(&row.user)?,
    };
    let spawned = place.write_order(&order).and_then(|()| {
        drop(lock);
        spawn(state, &place, row.attempts)
    });
    match spawned {
        Ok(child) => {
            state.counters.started.add(1);
            tracing::info!(job = row.id, attempt = row.attempts, device, "started");
            Ok(Some(Watcher::own(state.clone(), &row, child)))
        }
        Err(error) => fail(
            state,
            &row,
            &format!("its process cannot be started: {error}"),
        ),
    }
}

/// The process of a job, in a group of its own, so that a Ctrl-C that is meant for the server does
/// not reach it; what it prints goes to a file, so that it does not miss the server.
fn spawn(state: &AppState, place: &JobFolder, attempt: u32) -> io::Result<Child> {
    let log = File::options()
        .create(true)
        .append(true)
        .open(place.log())?;
    let mut command = Command::new(&state.program);
    command
        .args(["run", "--job"])
        .arg(place.path())
        .args(["--attempt", &attempt.to_string()])
        .current_dir(place.path())
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn()
}

fn fail(state: &AppState, row: &Row, message: &str) -> Result<Option<Watcher>, Problem> {
    let id = &row.id;
    tracing::error!(job = id, message, "it cannot be started");
    let case = Case {
        row,
        text: "",
        allowed: state.settings.rules.limits,
        seconds: row.seconds,
    };
    let failure = advice::failure(&case, advice::kind(message), message.to_owned());
    let rules = state.settings.rules;
    state.store.write_now(|write| {
        change(write, id, Change::Fail, rules, |row| {
            row.failure = Some(failure)
        })
    })?;
    Ok(None)
}

/// Cancels every job that is at work, and waits until all have ended. They can be resumed.
pub(crate) async fn stop_all(state: &AppState) {
    state.jobs.closed.store(true, Ordering::SeqCst);
    loop {
        let rules = state.settings.rules;
        let left = state.store.write(move |write| {
            let active = some(
                write,
                "state IN ('running', 'cancelling') AND ?1",
                true,
                "number",
            )?;
            for row in &active {
                if row.state == JobState::Running {
                    change(write, &row.id, Change::Cancel, rules, |_| {})?;
                }
            }
            Ok(active.len())
        });
        match left.await {
            Ok(0) | Err(_) => return,
            Ok(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}
