//! Events on their way out, noted for the report.

use crate::{
    data::Part,
    protocol::Event,
    report::Progress,
    train::{ClipRequest, Clips, Surroundings},
};
use std::cell::RefCell;

/// Surroundings that note how loss and measures go.
pub(super) struct Recorder<'a> {
    world: &'a dyn Surroundings,
    progress: RefCell<Progress>,
    started: f64,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(world: &'a dyn Surroundings) -> Self {
        Self {
            world,
            progress: RefCell::default(),
            started: world.now(),
        }
    }

    /// What was noted.
    pub(super) fn into_progress(self) -> Progress {
        self.progress.into_inner()
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
        let seconds = self.world.now() - self.started;
        self.progress.borrow_mut().take(&event, seconds);
        self.world.emit(event);
    }
}
