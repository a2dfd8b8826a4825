//! When a run is evaluated, and which of its states is the best.

use super::{Best, Run, TrainError};
use crate::{
    config::Measure,
    train::{Keep, evaluate},
};

impl Run<'_> {
    /// `evals_per_epoch`, but at most one a step.
    fn evaluations_per_epoch(&self) -> usize {
        let wanted = self.training.tuning().evals_per_epoch.max(1) as usize;
        wanted.min(self.plan.steps_per_epoch())
    }

    /// Evaluations are spread evenly over an epoch; its last step always has one.
    pub(super) fn is_evaluation_due(&self, step_in_epoch: usize) -> bool {
        let (steps, wanted) = (self.plan.steps_per_epoch(), self.evaluations_per_epoch());
        (1..=wanted).any(|k| (k * steps).div_ceil(wanted) == step_in_epoch)
    }

    /// Evaluates, if there is anything to choose on, and keeps the state if it is the best so far.
    pub(super) async fn evaluate(
        &mut self,
        epoch: f64,
        keep: &mut impl Keep,
    ) -> Result<(), TrainError> {
        let training = self.training;
        self.evaluated_at = self.steps;
        if training.dev.is_empty() {
            return Ok(());
        }
        let (part, utterances, seconds) = (training.dev_part, training.dev, training.dev_seconds);
        let begun = self.world.now();
        let evaluation = evaluate(
            training,
            self.model,
            part,
            utterances,
            seconds,
            self.world,
            self.frozen,
        )
        .await?;
        // The speed is that of training alone.
        let taken = self.world.now() - begun;
        self.speed.iter_mut().for_each(|(then, _)| *then += taken);
        let value = evaluation.value;
        let best = self.is_better(training.tuning().measure, value);
        self.world
            .emit(evaluation.event(training, self.steps, epoch, part, best));
        keep.evaluated(self.steps, epoch, &evaluation.predictions)?;
        if best {
            let predictions = evaluation.predictions;
            let state = Best {
                step: self.steps,
                epoch,
                value,
                model: self.model.evaluation(),
                predictions,
            };
            keep.best(&state).await?;
            self.best = Some(state);
            self.evaluations_since_best = 0;
        } else {
            self.evaluations_since_best += 1;
        }
        Ok(())
    }

    pub(super) fn is_patience_out(&self) -> bool {
        let tuning = self.training.tuning();
        let limit = tuning
            .patience
            .map(|epochs| epochs as usize * self.evaluations_per_epoch());
        limit.is_some_and(|limit| self.evaluations_since_best as usize >= limit)
    }

    /// A value that is not defined is only better than none.
    fn is_better(&self, measure: Measure, value: Option<f64>) -> bool {
        match (&self.best, value) {
            (None, _) => true,
            (Some(best), Some(value)) => best.value.is_none_or(|best| {
                if measure.larger_is_better() {
                    value > best
                } else {
                    value < best
                }
            }),
            (Some(_), None) => false,
        }
    }
}
