//! What the training loop needs, on a machine with files, threads and a clock.

use shared::{
    audio::Augmentation,
    data::{Dataset, Loader, Part, Request, Utterance},
    files::Files,
    protocol::Event,
    train::{ClipError, ClipRequest, Clips, Surroundings},
};
use std::{
    collections::HashMap,
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
            std::process::exit(i32::from(crate::failure::INTERRUPTED));
        }
        eprintln!("\ninterrupted: ending with what there is; Ctrl-C again ends at once");
    })?;
    Ok(())
}

/// Lets the run end with what it has.
pub(crate) fn stop() {
    STOPPING.store(true, Ordering::SeqCst);
}

/// Clips from the disk, the system's clock, and somebody who takes events.
pub(crate) struct World<'a> {
    loaders: HashMap<Part, Loader>,
    started: Instant,
    sink: Box<dyn Fn(&Event) + 'a>,
}

/// Whether somebody wants to stop.
pub(crate) fn is_stopping() -> bool {
    STOPPING.load(Ordering::SeqCst)
}

impl<'a> World<'a> {
    /// Loaders for all parts of `dataset`.
    pub(crate) fn of(
        files: &Arc<dyn Files>,
        dataset: &Dataset,
        max_seconds: f64,
        augmentation: &Augmentation,
        sink: impl Fn(&Event) + 'a,
    ) -> Self {
        let parts = Part::ALL.map(|part| (part, dataset.part(part)));
        Self::new(files, &parts, max_seconds, augmentation, sink)
    }

    /// Loaders for `parts` that read at most `max_seconds` of a clip at once, and change what is
    /// trained on.
    pub(crate) fn new(
        files: &Arc<dyn Files>,
        parts: &[(Part, &[Utterance])],
        max_seconds: f64,
        augmentation: &Augmentation,
        sink: impl Fn(&Event) + 'a,
    ) -> Self {
        let threads = available_parallelism().map_or(1, usize::from);
        let loaders = parts
            .iter()
            .map(|(part, utterances)| {
                let loader =
                    Loader::new(files.clone(), Arc::from(*utterances), max_seconds, threads);
                (*part, loader.with_augmentation(augmentation.clone()))
            })
            .collect();
        Self {
            loaders,
            started: Instant::now(),
            sink: Box::new(sink),
        }
    }
}

impl Surroundings for World<'_> {
    fn clips(&self, part: Part, batches: Vec<Vec<ClipRequest>>) -> Clips<'_> {
        let Some(loader) = self.loaders.get(&part) else {
            return Box::new(std::iter::empty());
        };
        let wanted = batches
            .into_iter()
            .map(|batch| {
                batch
                    .into_iter()
                    .map(|clip| Request {
                        utterance: clip.utterance,
                        window: clip.window,
                        draw: clip.draw,
                    })
                    .collect()
            })
            .collect();
        Box::new(
            loader
                .batches(wanted)
                .map(|batch| batch.map_err(|error| -> ClipError { Box::new(error) })),
        )
    }

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

    fn emit(&self, event: Event) {
        (self.sink)(&event);
    }
}
