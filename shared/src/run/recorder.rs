//! Events on their way out, noted for the report.

use crate::{
    data::Part,
    protocol::Event,
    report::Progress,
    train::{ClipRequest, Clips, Surroundings},
};
use std::cell::{Cell, RefCell};

/// Surroundings that note how loss and measures go.
pub(super) struct Recorder<'a> {
    world: &'a dyn Surroundings,
    progress: RefCell<Progress>,
    /// What a run that is gone on with had noted before.
    before: RefCell<Option<Progress>>,
    /// The clock when the run began, as if it had never been broken off.
    started: Cell<f64>,
    audio_seconds: Cell<f64>,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(world: &'a dyn Surroundings, before: Option<Progress>) -> Self {
        Self {
            world,
            progress: RefCell::default(),
            before: RefCell::new(before),
            started: Cell::new(world.now()),
            audio_seconds: Cell::new(0.0),
        }
    }

    /// Seconds since the run began, without the time between calls that it was resumed by.
    pub(super) fn seconds(&self) -> f64 {
        self.world.now() - self.started.get()
    }

    /// Seconds of audio trained on.
    pub(super) fn audio_seconds(&self) -> f64 {
        self.audio_seconds.get()
    }

    /// What was noted so far.
    pub(super) fn progress(&self) -> Progress {
        self.progress.borrow().clone()
    }
}

impl Surroundings for Recorder<'_> {
    fn clips(&self, part: Part, batches: Vec<Vec<ClipRequest>>) -> Clips<'_> {
        self.world.clips(part, batches)
    }

    fn now(&self) -> f64 {
        self.world.now()
    }

    fn date(&self) -> Option<String> {
        self.world.date()
    }

    fn stopping(&self) -> bool {
        self.world.stopping()
    }

    fn emit(&self, event: Event) {
        self.progress.borrow_mut().take(&event, self.seconds());
        if let Event::Step { audio_seconds, .. } = event {
            self.audio_seconds.set(audio_seconds);
        }
        if let Event::Resumed { seconds, .. } = event {
            self.started.set(self.world.now() - seconds);
            if let Some(before) = self.before.take() {
                self.progress.replace(before);
            }
        }
        self.world.emit(event);
    }
}
