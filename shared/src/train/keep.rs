//! What is put away of a run while it goes on, and what it goes on from.

use super::{Best, LossScale, Moments, Optimizer, TrainError};
use crate::{model::SpeechModel, report::PredictionSet};

/// Where a run stands between two optimiser steps. Order of clips, rates and noise follow from
/// the numbers of the steps, so that nothing else is random about what comes next.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standing {
    /// Optimiser steps made.
    pub step: usize,
    /// Micro-batches seen.
    pub micro_batches: u64,
    /// Steps that the moments have seen.
    pub optimizer_steps: u32,
    /// Seconds of audio trained on.
    pub audio_seconds: f64,
    /// Wall time in seconds.
    pub seconds: f64,
    /// Norm of the last step's gradients.
    pub last_norm: f64,
    /// Step of the last evaluation.
    pub evaluated_at: usize,
    /// For the patience.
    pub evaluations_since_best: u32,
    /// What losses are multiplied with, in half precision.
    pub loss_scale: Option<LossScale>,
    /// Step of the best evaluation.
    pub best_step: Option<usize>,
}

/// All that is needed to go on as if nothing had happened.
pub struct Snapshot<'a> {
    /// The numbers.
    pub standing: Standing,
    /// The weights now.
    pub model: &'a SpeechModel,
    /// The moments now.
    pub optimizer: &'a Optimizer,
    /// The best evaluation; if it is the one of this step, `model` has its weights.
    pub best: Option<&'a Best>,
}

/// Who puts things away. Training waits until it is done.
pub trait Keep {
    /// Takes a new best state, before anything else happens.
    fn best(&mut self, best: &Best) -> impl Future<Output = Result<(), TrainError>>;

    /// Takes what the model says, after so many epochs, of the part that the best state is chosen on.
    ///
    /// # Errors
    /// It cannot be put away.
    fn evaluated(
        &mut self,
        _step: usize,
        _epoch: f64,
        _said: &PredictionSet,
    ) -> Result<(), TrainError> {
        Ok(())
    }

    /// Takes a state that the run can go on from.
    fn snapshot(&mut self, snapshot: Snapshot<'_>) -> impl Future<Output = Result<(), TrainError>>;
}

/// Puts nothing away.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeepNothing;

impl Keep for KeepNothing {
    async fn best(&mut self, _: &Best) -> Result<(), TrainError> {
        Ok(())
    }

    async fn snapshot(&mut self, _: Snapshot<'_>) -> Result<(), TrainError> {
        Ok(())
    }
}

/// What a run goes on from; the model has the weights already.
#[derive(Debug, Clone)]
pub struct Resume {
    /// The numbers.
    pub standing: Standing,
    /// The moments.
    pub moments: Moments,
    /// The best evaluation so far.
    pub best: Option<Best>,
}
