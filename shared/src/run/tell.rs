//! What is told of an experiment besides its steps and evaluations.

use super::{Job, RunError};
use crate::{
    protocol::{Event, Status},
    report::{Layout, Manifest},
    train::{Surroundings, TrainError},
};

impl Job<'_> {
    /// What became of the rows, and what is to be noted of the data.
    pub(super) fn tell_data(&self) {
        let report = &self.dataset.report;
        self.world.emit(Event::Data {
            rows: report.rows,
            used: report.used(),
            dropped: report.dropped.clone(),
        });
        for warning in &report.warnings {
            self.warn(warning.clone());
        }
    }

    /// That a run has ended without results, and how.
    pub(super) fn tell_failure(&self, run: u32, error: &RunError, seconds: f64) -> Status {
        let status = match error {
            RunError::Train(TrainError::Untrained) => Status::Interrupted,
            _ => Status::Failed,
        };
        self.world.emit(Event::Ended {
            run,
            status,
            error: Some(error.to_string()),
            stopped_early: false,
            optimistic: self.selection().optimistic,
            best_step: None,
            best_epoch: None,
            seconds,
            folder: Some(Layout::new(self.experiment).experiment().to_owned()),
        });
        status
    }
}

/// The figures of every part of a run.
pub(super) fn results(manifest: &Manifest, world: &dyn Surroundings) {
    for (part, summary) in &manifest.results {
        world.emit(Event::Results {
            run: manifest.run,
            part: *part,
            utterances: summary.n,
            metrics: summary.metrics.clone(),
            note: summary.note.clone(),
        });
    }
}

/// That a run has ended which has a manifest.
pub(super) fn end(manifest: &Manifest, layout: &Layout, world: &dyn Surroundings) {
    let training = &manifest.training;
    world.emit(Event::Ended {
        run: manifest.run,
        status: manifest.status,
        error: manifest.error.clone(),
        stopped_early: training.stopped_early,
        optimistic: manifest.selection.optimistic,
        best_step: training.best_step,
        best_epoch: training.best_epoch,
        seconds: training.seconds,
        folder: Some(layout.experiment().to_owned()),
    });
}
