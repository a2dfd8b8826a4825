//! Events on their way out, noted for the report.

use super::live::Live;
use crate::{
    data::Part,
    protocol::Event,
    report::Progress,
    train::{Breath, ClipRequest, Clips, Surroundings},
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
    live: Live<'a>,
    /// Whether it was told that curves cannot be written.
    told: Cell<bool>,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(
        world: &'a dyn Surroundings,
        before: Option<Progress>,
        live: Live<'a>,
    ) -> Self {
        Self {
            world,
            progress: RefCell::default(),
            before: RefCell::new(before),
            started: Cell::new(world.now()),
            audio_seconds: Cell::new(0.0),
            live,
            told: Cell::new(false),
        }
    }

    /// Appends to the curves; that this fails is no reason to end a run.
    fn write_live(&self) {
        let written = self.live.write(&self.progress.borrow(), self.world.now());
        if let Err(error) = written
            && !self.told.replace(true)
        {
            self.world.emit(Event::Warning {
                message: format!("the curves for TensorBoard cannot be written: {error}"),
            });
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

    fn mark(&self, part: Part, utterance: usize) -> Option<String> {
        self.world.mark(part, utterance)
    }

    fn now(&self) -> f64 {
        self.world.now()
    }

    fn date(&self) -> Option<String> {
        self.world.date()
    }

    fn memory(&self) -> Option<u64> {
        self.world.memory()
    }

    fn stopping(&self) -> bool {
        self.world.stopping()
    }

    fn breathe(&self) -> Breath<'_> {
        self.world.breathe()
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
        let due = match event {
            Event::Evaluation { .. } | Event::Resumed { .. } => true,
            Event::Step { .. } => self.live.is_due(self.world.now()),
            _ => false,
        };
        self.world.emit(event);
        if due {
            self.write_live();
        }
    }
}
