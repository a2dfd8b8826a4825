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
    /// What a run that is gone on with had noted before.
    before: RefCell<Option<Progress>>,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(world: &'a dyn Surroundings, before: Option<Progress>) -> Self {
        Self {
            world,
            progress: RefCell::default(),
            before: RefCell::new(before),
        }
    }

    /// What was noted so far.
    pub(super) fn progress(&self) -> Progress {
        self.progress.borrow().clone()
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
        self.progress.borrow_mut().take(&event);
        if let Event::Resumed { .. } = event
            && let Some(before) = self.before.take()
        {
            self.progress.replace(before);
        }
        self.world.emit(event);
    }
}
