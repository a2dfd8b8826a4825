//! What a run needs besides files, on a machine with threads and a clock.

use shared::{
    audio::Augmentation,
    data::Dataset,
    files::Files,
    protocol::Event,
    run::{self, Host},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::available_parallelism,
    time::{Instant, SystemTime},
};

/// Whether somebody pressed Ctrl-C.
static STOPPING: AtomicBool = AtomicBool::new(false);

/// Lets the first Ctrl-C end the run with what it has, and the second end the program at once.
pub(crate) fn watch_ctrl_c() -> anyhow::Result<()> {
    ctrlc::set_handler(|| {
        if STOPPING.swap(true, Ordering::SeqCst) {
            crate::output::end(crate::failure::INTERRUPTED.into());
        }
        errln!("\ninterrupted: ending with what there is; Ctrl-C again ends at once");
    })?;
    Ok(())
}

/// Lets the run end with what it has.
pub(crate) fn stop() {
    STOPPING.store(true, Ordering::SeqCst);
}

/// Whether somebody wants to stop.
pub(crate) fn is_stopping() -> bool {
    STOPPING.load(Ordering::SeqCst)
}

/// The surroundings of a run on this machine.
pub(crate) type World<'a> = run::World<Machine<'a>>;

/// The clips of all parts of `dataset`, decoded on all cores; `sink` takes events.
pub(crate) fn world<'a>(
    files: &Arc<dyn Files>,
    dataset: &Dataset,
    max_seconds: f64,
    augmentation: &Augmentation,
    sink: impl Fn(&Event) + 'a,
) -> World<'a> {
    let threads = available_parallelism().map_or(1, usize::from);
    let machine = Machine {
        started: Instant::now(),
        sink: Box::new(sink),
    };
    World::of(files, dataset, max_seconds, augmentation, threads, machine)
}

/// The system's clock, and somebody who takes events.
pub(crate) struct Machine<'a> {
    started: Instant,
    sink: Box<dyn Fn(&Event) + 'a>,
}

impl Host for Machine<'_> {
    fn now(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    fn date(&self) -> Option<String> {
        Some(humantime::format_rfc3339_seconds(SystemTime::now()).to_string())
    }

    fn memory(&self) -> Option<u64> {
        crate::job::memory(std::process::id())
    }

    fn stopping(&self) -> bool {
        is_stopping()
    }

    fn emit(&self, event: &Event) {
        (self.sink)(event);
    }
}
