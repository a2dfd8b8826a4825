//! Checkpoints of a run that goes on: written so that a crash at any moment leaves a whole one.
//!
//! A checkpoint is written as `ckpt-N.tmp` (N: optimiser steps), its files and its folder are
//! brought to the medium, it gets its name `ckpt-N`, and `latest` is made to name it. Only then
//! older ones go. Every file has its SHA-256 in `SHA256SUMS`; one that is torn is passed over for
//! the one before.

mod exact;
mod shelf;
mod state;
mod sums;
mod tensors;

use super::{Output, RunError};
use crate::{
    model::SpeechModel,
    report::{Progress, Resumption},
    train::{Best, Resume, Snapshot, Training, prediction_set},
};
use exact::ExactProgress;
use serde::{Serialize, de::DeserializeOwned};
use shelf::Shelf;
use state::State;
use sums::Sums;

const MODEL: &str = "model.safetensors";
const OPTIMIZER: &str = "optimizer.safetensors";
const PREDICTIONS: &str = "predictions.safetensors";
const STATE: &str = "state.json";
const PROGRESS: &str = "progress.json";

/// The checkpoints of one run.
pub(super) struct Checkpoints<'a> {
    output: &'a dyn Output,
    shelf: Shelf<'a>,
    /// `save_total_limit`.
    limit: usize,
    /// [`super::Identity::hash`]: checkpoints of another experiment are not read.
    identity: &'a str,
    /// The device by name.
    device: &'a str,
}

/// A run as a checkpoint holds it.
pub(super) struct Resumed {
    pub(super) resume: Resume,
    /// Loss and measures so far.
    pub(super) progress: Progress,
    /// When the run began.
    pub(super) started: Option<String>,
    /// Whether the checkpoint was made on another device.
    pub(super) is_of_another_device: bool,
    /// Every time that it was gone on with, this one among them.
    pub(super) resumptions: Vec<Resumption>,
}

impl<'a> Checkpoints<'a> {
    /// Those below `folder`, of which `limit` are kept besides the best.
    pub(super) fn new(
        output: &'a dyn Output,
        folder: String,
        limit: u32,
        identity: &'a str,
        device: &'a str,
    ) -> Self {
        Self {
            output,
            shelf: Shelf::new(output, folder),
            limit: limit as usize,
            identity,
            device,
        }
    }

    /// Puts a snapshot away, then what is not needed any more.
    ///
    /// # Errors
    /// The device failed, or a file cannot be written; older checkpoints stay then.
    pub(super) async fn save(
        &self,
        snapshot: &Snapshot<'_>,
        progress: &Progress,
        started: Option<&str>,
    ) -> Result<(), RunError> {
        let step = snapshot.standing.step;
        let is_best = snapshot.standing.best_step == Some(step);
        if self.limit == 0 && !is_best {
            return Ok(());
        }
        let unfinished = self.shelf.unfinished(step);
        let written = self.fill(&unfinished, snapshot, progress, started).await;
        if let Err(error) = written {
            // It only takes up room, of which there may be none left.
            let _ = self.output.remove(&unfinished);
            return Err(error);
        }
        self.shelf.put(step)?;
        self.prune(step, snapshot.standing.best_step)
    }

    /// Writes the files of a checkpoint into `folder`.
    async fn fill(
        &self,
        folder: &str,
        snapshot: &Snapshot<'_>,
        progress: &Progress,
        started: Option<&str>,
    ) -> Result<(), RunError> {
        let (output, standing) = (self.output, &snapshot.standing);
        output
            .remove(folder)
            .map_err(|source| RunError::write(folder, source))?;
        let mut sums = Sums::default();
        let weights = tensors::trained(snapshot.model);
        tensors::write(output, folder, MODEL, weights, &mut sums).await?;
        let moments = tensors::of_moments(snapshot.optimizer.moments());
        tensors::write(output, folder, OPTIMIZER, moments, &mut sums).await?;
        let best = snapshot.best.filter(|best| best.step == standing.step);
        if let Some(best) = best {
            let rows = best.predictions.predictions.iter();
            let rows = rows.map(|prediction| prediction.scores.as_slice());
            tensors::write_rows(output, folder, PREDICTIONS, rows, &mut sums)?;
        }
        let state = State::new(standing, best, self.identity, started, self.device);
        self.write_json(folder, STATE, &state, &mut sums)?;
        self.write_json(folder, PROGRESS, &ExactProgress::from(progress), &mut sums)?;
        let path = format!("{folder}/{}", sums::NAME);
        output
            .write(&path, sums.text().as_bytes())
            .map_err(|source| RunError::write(&path, source))?;
        output
            .sync_folder(folder)
            .map_err(|source| RunError::write(folder, source))
    }

    fn write_json(
        &self,
        folder: &str,
        name: &str,
        value: &impl Serialize,
        sums: &mut Sums,
    ) -> Result<(), RunError> {
        let path = format!("{folder}/{name}");
        let mut write = || {
            let text = serde_json::to_vec(value)?;
            let mut file = Sums::create(self.output, &path)?;
            std::io::Write::write_all(&mut file, &text)?;
            sums.finish(name, file)
        };
        write().map_err(|source| RunError::write(&path, source))
    }

    /// Removes all but the newest, the best, and as many others as the limit allows, the newest
    /// first; another one is only of use together with what was the best then.
    fn prune(&self, newest: usize, best: Option<usize>) -> Result<(), RunError> {
        let mut kept = vec![newest];
        kept.extend(best.filter(|&best| best != newest));
        let others = |kept: &[usize]| kept.iter().filter(|&&step| Some(step) != best).count();
        let steps = self.shelf.steps();
        for &step in steps.iter().rev() {
            let Ok(state) = self.json::<State>(step, STATE) else {
                continue;
            };
            let mut with = kept.clone();
            for step in std::iter::once(step).chain(state.best_step) {
                if !with.contains(&step) {
                    with.push(step);
                }
            }
            if others(&with) <= self.limit {
                kept = with;
            }
        }
        for step in steps {
            if !kept.contains(&step) {
                self.shelf.remove(step)?;
            }
        }
        Ok(())
    }

    /// The newest checkpoint that is whole, with its weights put into `model`; what is torn is told
    /// to `warn`, and removed. `None` where there is nothing to go on from.
    ///
    /// # Errors
    /// What is no longer needed cannot be removed.
    pub(super) fn resume(
        &self,
        model: &mut SpeechModel,
        training: &Training<'_>,
        date: Option<String>,
        warn: &mut dyn FnMut(String),
    ) -> Result<Option<Resumed>, RunError> {
        for step in self.shelf.newest_first() {
            match self.load(step, model, training) {
                Ok(mut resumed) => {
                    self.shelf
                        .tidy(step, |step| self.check(step, model).is_ok())?;
                    resumed.resumptions = self.note_resumption(step, date)?;
                    return Ok(Some(resumed));
                }
                Err(reason) => warn(format!(
                    "the checkpoint of step {step} cannot be used: {reason}; trying the one before"
                )),
            }
        }
        self.remove_all()?;
        Ok(None)
    }

    /// Removes all checkpoints.
    ///
    /// # Errors
    /// The system's error.
    pub(super) fn remove_all(&self) -> Result<(), RunError> {
        self.shelf.remove_all()
    }

    /// Reads the checkpoint of `step`, with the best one that belongs to it.
    fn load(
        &self,
        step: usize,
        model: &mut SpeechModel,
        training: &Training<'_>,
    ) -> Result<Resumed, String> {
        let state = self.check(step, model)?;
        let progress: ExactProgress = self.json(step, PROGRESS)?;
        let folder = self.shelf.path(step);
        let moments = tensors::read_moments(
            self.output,
            &format!("{folder}/{OPTIMIZER}"),
            &training.device,
        )?;
        let best = match state.best_step {
            None => None,
            Some(best) => Some(
                self.best(best, model, training)
                    .map_err(|reason| format!("the best state, of step {best}: {reason}"))?,
            ),
        };
        tensors::fill(self.output, &format!("{folder}/{MODEL}"), model)?;
        Ok(Resumed {
            resume: Resume {
                standing: state.standing(),
                moments,
                best,
            },
            progress: progress.into(),
            started: state.started,
            is_of_another_device: state.device != self.device,
            resumptions: Vec::new(),
        })
    }

    /// The best state, which the checkpoint of `step` is.
    fn best(
        &self,
        step: usize,
        model: &SpeechModel,
        training: &Training<'_>,
    ) -> Result<Best, String> {
        let state = self.check(step, model)?;
        let record = state.best.ok_or("it is not the best")?;
        let folder = self.shelf.path(step);
        let rows = tensors::read_rows(self.output, &format!("{folder}/{PREDICTIONS}"))?;
        if rows.len() != training.dev.len() {
            return Err(format!("it has predictions for {} clips", rows.len()));
        }
        let mut best = model.clone();
        tensors::fill(self.output, &format!("{folder}/{MODEL}"), &mut best)?;
        Ok(Best {
            step,
            epoch: record.epoch(),
            value: record.value(),
            model: best.evaluation(),
            predictions: prediction_set(training.dev, training.dev_seconds, rows, training.labels),
        })
    }

    /// Whether the checkpoint of `step` is whole and of this experiment and `model`.
    fn check(&self, step: usize, model: &SpeechModel) -> Result<State, String> {
        let folder = self.shelf.path(step);
        Sums::verify(self.output, &folder, &[MODEL, OPTIMIZER, STATE, PROGRESS])?;
        let state: State = self.json(step, STATE)?;
        if state.identity != self.identity || !state.is_of(step) {
            return Err("it is of another experiment or program".to_owned());
        }
        tensors::fits(self.output, &format!("{folder}/{MODEL}"), model)?;
        Ok(state)
    }

    fn json<T: DeserializeOwned>(&self, step: usize, name: &str) -> Result<T, String> {
        let path = format!("{}/{name}", self.shelf.path(step));
        let bytes = self
            .output
            .read(&path)
            .map_err(|error| format!("{path}: {error}"))?;
        serde_json::from_slice(&bytes).map_err(|error| format!("{path}: {error}"))
    }

    /// Adds this resumption to those before.
    fn note_resumption(
        &self,
        step: usize,
        date: Option<String>,
    ) -> Result<Vec<Resumption>, RunError> {
        let path = self.shelf.file("resumptions.json");
        let mut all: Vec<Resumption> = self
            .output
            .read(&path)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        all.push(Resumption {
            step,
            date,
            device: self.device.to_owned(),
        });
        let text = serde_json::to_vec(&all).unwrap_or_default();
        self.output
            .write(&path, &text)
            .map_err(|source| RunError::write(&path, source))?;
        Ok(all)
    }
}
