//! The numbers of a checkpoint.

use super::exact::Exact;
use crate::train::{Best, LossScale, Standing};
use serde::{Deserialize, Serialize};

/// The version of [`State`]'s form; another one is not read.
const SCHEMA: u32 = 2;

/// `state.json`: where a run stands, and of what run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    schema: u32,
    /// [`crate::run::Identity::hash`] of the experiment.
    pub(super) identity: String,
    /// When the run began, in RFC 3339.
    pub(super) started: Option<String>,
    /// The device by name.
    pub(super) device: String,
    step: usize,
    micro_batches: u64,
    optimizer_steps: u32,
    audio_seconds: Exact,
    seconds: Exact,
    last_norm: Exact,
    evaluated_at: usize,
    evaluations_since_best: u32,
    /// Factor of the losses and good steps with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    loss_scale: Option<(Exact, u32)>,
    /// Step of the best evaluation so far; the checkpoint of that step has its weights.
    pub(super) best_step: Option<usize>,
    /// The best evaluation, if it is the one of this very step.
    pub(super) best: Option<BestState>,
}

/// What `Best` has besides weights and predictions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct BestState {
    epoch: Exact,
    value: Option<Exact>,
}

impl BestState {
    pub(super) fn epoch(&self) -> f64 {
        self.epoch.0
    }

    pub(super) fn value(&self) -> Option<f64> {
        self.value.map(|value| value.0)
    }
}

impl State {
    pub(super) fn new(
        standing: &Standing,
        best: Option<&Best>,
        identity: &str,
        started: Option<&str>,
        device: &str,
    ) -> Self {
        let best = best.filter(|best| best.step == standing.step);
        Self {
            schema: SCHEMA,
            identity: identity.to_owned(),
            started: started.map(str::to_owned),
            device: device.to_owned(),
            step: standing.step,
            micro_batches: standing.micro_batches,
            optimizer_steps: standing.optimizer_steps,
            audio_seconds: Exact(standing.audio_seconds),
            seconds: Exact(standing.seconds),
            last_norm: Exact(standing.last_norm),
            evaluated_at: standing.evaluated_at,
            evaluations_since_best: standing.evaluations_since_best,
            loss_scale: standing
                .loss_scale
                .map(|scale| (Exact(scale.factor), scale.good)),
            best_step: standing.best_step,
            best: best.map(|best| BestState {
                epoch: Exact(best.epoch),
                value: best.value.map(Exact),
            }),
        }
    }

    /// Whether this is the state of step `step` in a form that is understood.
    pub(super) fn is_of(&self, step: usize) -> bool {
        self.schema == SCHEMA && self.step == step
    }

    pub(super) fn standing(&self) -> Standing {
        Standing {
            step: self.step,
            micro_batches: self.micro_batches,
            optimizer_steps: self.optimizer_steps,
            audio_seconds: self.audio_seconds.0,
            seconds: self.seconds.0,
            last_norm: self.last_norm.0,
            evaluated_at: self.evaluated_at,
            evaluations_since_best: self.evaluations_since_best,
            loss_scale: self.loss_scale.map(|(factor, good)| LossScale {
                factor: factor.0,
                good,
            }),
            best_step: self.best_step,
        }
    }
}
