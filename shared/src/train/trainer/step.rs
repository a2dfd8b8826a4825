//! One step: losses, gradients, new parameters, and what is told of it.

use super::{Run, TrainError};
use crate::{
    model::{ModelError, Noise, read_back},
    protocol::Event,
    train::{ClipRequest, LossScale, Rates, evaluate::targets, frozen::Feed},
};
use burn::tensor::Tensor;

/// Steps over which speed and remaining time are averaged.
const SPEED_WINDOW: usize = 20;

impl Run<'_> {
    /// One optimiser step over the micro-batches of `group`.
    pub(super) async fn step(
        &mut self,
        group: &[Vec<ClipRequest>],
        feed: &mut Feed<'_>,
        epoch: f64,
    ) -> Result<(), TrainError> {
        let tuning = self.training.tuning();
        let scale = self.loss_scale.map_or(1.0, |scale| scale.factor);
        let mut total: Option<Tensor<1>> = None;
        for requests in group {
            let Some(input) = feed.next(self.model).await? else {
                break;
            };
            let mut noise = Noise::seeded(self.training.seed(), self.micro_batches);
            self.micro_batches += 1;
            let truth = targets(requests.iter().map(|r| &self.training.train[r.utterance]));
            let parts = group.len() as f64 / scale;
            let loss = |logits| self.loss.forward(logits, &truth) / parts;
            let (value, gradients) =
                self.model
                    .gradients(input, &mut noise, tuning.recompute, loss);
            total = Some(match total {
                Some(total) => total + value,
                None => value,
            });
            self.optimizer.accumulate(self.model, gradients);
            self.audio_seconds += self.plan.batch_seconds(requests);
        }

        if self.loss_scale.is_some() {
            self.optimizer.scale(scale.recip());
            total = total.map(|total| total / scale);
        }
        let norm = self.optimizer.gradient_norm();
        // One readback a step, and before the parameters change.
        let report: Vec<Tensor<1>> = total.into_iter().chain(norm.clone()).collect();
        let values =
            read_back(Tensor::cat(report, 0))
                .await
                .map_err(|detail| ModelError::Readback {
                    name: "loss".into(),
                    detail,
                })?;
        let (loss, norm_value) = (
            f64::from(values[0]),
            f64::from(values.get(1).copied().unwrap_or(0.0)),
        );

        let schedule = self.plan.schedule(tuning);
        let factor = schedule.factor(self.steps);
        let rate = tuning.learning_rate * factor;
        self.steps += 1;
        if loss.is_finite() && !norm_value.is_finite() && self.lower_loss_scale() {
            // Gradients beyond half precision: no step, as PyTorch's GradScaler.
            self.optimizer.discard();
            self.report_step(epoch, loss, rate, norm_value);
            return Ok(());
        }
        for (what, value) in [("the loss", loss), ("the gradient norm", norm_value)] {
            if !value.is_finite() {
                return Err(self.not_finite(what, rate, group));
            }
        }
        let head = tuning.head_learning_rate.unwrap_or(tuning.learning_rate) * factor;
        self.optimizer.step(
            self.model,
            Rates {
                encoder: rate,
                head,
            },
            norm,
        );
        if let Some(scale) = &mut self.loss_scale {
            scale.succeed();
        }
        self.last_norm = norm_value;
        self.report_step(epoch, loss, rate, norm_value);
        Ok(())
    }

    /// Whether a smaller factor of the loss may help.
    fn lower_loss_scale(&mut self) -> bool {
        self.loss_scale.as_mut().is_some_and(LossScale::fail)
    }

    fn not_finite(&self, what: &'static str, rate: f64, group: &[Vec<ClipRequest>]) -> TrainError {
        let mut files: Vec<&str> = group
            .iter()
            .flatten()
            .map(|r| self.training.train[r.utterance].name.as_str())
            .collect();
        let count = files.len();
        files.truncate(8);
        let more = if count > files.len() { ", ..." } else { "" };
        TrainError::NotFinite {
            what,
            step: self.steps,
            rate,
            last_norm: self.last_norm,
            clips: files.join(", ") + more,
        }
    }

    fn report_step(&mut self, epoch: f64, loss: f64, learning_rate: f64, grad_norm: f64) {
        let now = self.world.now();
        self.speed.push_back((now, self.audio_seconds));
        if self.speed.len() > SPEED_WINDOW + 1 {
            self.speed.pop_front();
        }
        let (then, audio_then) = self.speed.front().copied().unwrap_or((self.started, 0.0));
        let elapsed = (now - then).max(1e-9);
        let left = self.plan.steps().saturating_sub(self.steps) as f64;
        self.world.emit(Event::Step {
            run: self.training.run,
            step: self.steps,
            steps: self.plan.steps(),
            epoch,
            loss,
            learning_rate,
            grad_norm,
            audio_seconds: self.audio_seconds,
            audio_seconds_per_second: (self.audio_seconds - audio_then) / elapsed,
            seconds_left: left * (now - self.started) / self.steps as f64,
            memory: self.world.memory(),
        });
    }
}
