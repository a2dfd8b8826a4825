//! Devices that label for a while, by the rule that jobs keep to: so many at once on each.
//!
//! The CPU is lent whoever is at work on it: else nobody could try a model while another trains.

use crate::serve::{Problem, devices, state::AppState};
use shared::protocol::ProblemKind;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::task::spawn_blocking;

/// The device that is always lent.
pub(super) const CPU: &str = "cpu";

/// How often each device is lent. Whoever starts a job or lends a device holds the lock meanwhile, so
/// that both never take the same one.
#[derive(Debug, Default)]
pub(crate) struct Lent(Mutex<HashMap<String, usize>>);

impl Lent {
    /// The devices that are lent, with how often.
    pub(super) fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A device, until it is dropped.
pub(crate) struct Loan {
    state: AppState,
    /// Its id.
    pub(crate) device: String,
}

impl Drop for Loan {
    fn drop(&mut self) {
        if let Some(count) = self.state.jobs.lent.lock().get_mut(&self.device) {
            *count = count.saturating_sub(1);
        }
        // A job may have waited for it.
        self.state.jobs.wake.notify_one();
    }
}

/// Lends the device that is asked for; without a name one that computes fast and is free, else the CPU.
pub(crate) async fn lend(state: &AppState, asked: Option<&str>) -> Result<Loan, Problem> {
    let asked = asked.unwrap_or("auto");
    if !state.machine.has(asked) {
        let known: Vec<&str> = state
            .machine
            .devices
            .iter()
            .map(|d| d.id.as_str())
            .collect();
        let detail = format!(
            "this machine has no such device: use auto or one of {}",
            known.join(", ")
        );
        return Err(Problem::new(ProblemKind::Unprocessable, detail).about("device"));
    }
    let (state, asked) = (state.clone(), asked.to_owned());
    spawn_blocking(move || choose(&state, &asked))
        .await
        .map_err(Problem::internal)?
}

fn choose(state: &AppState, asked: &str) -> Result<Loan, Problem> {
    let mut lent = state.jobs.lent.lock();
    let (_, running) = state.store.read_now(devices::counts)?;
    let is_free = |device: &str| {
        let jobs = running.iter().filter(|running| *running == device).count();
        let lent = lent.get(device).copied().unwrap_or(0);
        device == CPU || jobs + lent < state.settings.jobs_per_device
    };
    let free = state.machine.fit(asked).into_iter().find(|id| is_free(id));
    let device = match free {
        Some(device) => device.to_owned(),
        None if asked == "auto" => CPU.to_owned(),
        None => {
            let detail = format!(
                "{asked} is at work: try again later, or with `auto`, which takes the CPU then"
            );
            return Err(Problem::new(ProblemKind::Conflict, detail).about("device"));
        }
    };
    *lent.entry(device.clone()).or_default() += 1;
    Ok(Loan {
        state: state.clone(),
        device,
    })
}
