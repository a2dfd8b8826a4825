//! Puts a run's states away: the best as a model folder, the last ones as checkpoints.

use super::{
    Output, RunError,
    checkpoints::Checkpoints,
    recorder::Recorder,
    save::{Folders, Saver},
};
use crate::{
    config::Experiment,
    data::Part,
    report::{PredictionSet, epoch_files},
    train::{Best, Keep, Snapshot, TrainError},
};

/// Puts the states of one run away.
pub(super) struct Keeper<'a> {
    pub(super) saver: &'a Saver,
    pub(super) folders: Folders<'a>,
    pub(super) output: &'a dyn Output,
    pub(super) checkpoints: &'a Checkpoints<'a>,
    pub(super) recorder: &'a Recorder<'a>,
    /// When the run began.
    pub(super) started: Option<&'a str>,
    /// Whose epochs are drawn, where that is asked for, and the run.
    pub(super) drawn: (&'a Experiment, u32),
    /// The part that the best state is chosen on.
    pub(super) part: Part,
}

impl Keep for Keeper<'_> {
    async fn best(&mut self, best: &Best) -> Result<(), TrainError> {
        let saved = self.saver.save(&best.model, &self.folders, self.output);
        saved.await.map_err(|error| failed(best.step, error))
    }

    fn evaluated(
        &mut self,
        step: usize,
        epoch: f64,
        said: &PredictionSet,
    ) -> Result<(), TrainError> {
        let (experiment, run) = self.drawn;
        if !experiment.plot.epochs {
            return Ok(());
        }
        for (path, bytes) in epoch_files(experiment, run, self.part, epoch, said)? {
            let written = self.output.write(&path, &bytes);
            written.map_err(|source| failed(step, RunError::write(&path, source)))?;
        }
        Ok(())
    }

    async fn snapshot(&mut self, snapshot: Snapshot<'_>) -> Result<(), TrainError> {
        let progress = self.recorder.progress();
        let saved = self.checkpoints.save(&snapshot, &progress, self.started);
        let step = snapshot.standing.step;
        saved.await.map_err(|error| failed(step, error))
    }
}

fn failed(step: usize, error: RunError) -> TrainError {
    TrainError::Keep {
        step,
        source: Box::new(error),
    }
}
