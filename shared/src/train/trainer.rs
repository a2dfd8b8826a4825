//! The training loop of one run.

use super::{
    AdamW, ClipError, ClipRequest, Evaluator, Loss, Optimizer, Plan, Rates, Surroundings, collate,
    evaluate, evaluate::targets,
};
use crate::{
    audio::FeatureExtractor,
    config::{Experiment, Measure, Task, Tuning},
    data::{Part, Utterance},
    model::{ModelError, Noise, SpeechModel, read_back},
    protocol::{Event, Status},
    report::{PredictionSet, ReportError, metrics},
};
use burn::tensor::{Device, Tensor};
use indexmap::IndexMap;
use std::{collections::VecDeque, pin::Pin};

/// Steps over which speed and remaining time are averaged.
const SPEED_WINDOW: usize = 20;

/// Why training cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A clip cannot be had.
    #[error("{0}")]
    Clip(ClipError),
    /// Model or device.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The predictions cannot be measured.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The best state cannot be put away.
    #[error("the model cannot be saved: {0}")]
    Keep(Box<dyn std::error::Error + Send + Sync>),
    /// Loss or gradients are no numbers any more.
    #[error(
        "{what} is not finite in step {step} (learning rate {rate:.2e}, last gradient norm {last_norm:.3}); \
         lower learning_rate, raise warmup_ratio to 0.1, or look at these clips: {clips}"
    )]
    NotFinite {
        /// `the loss` or `the gradient norm`.
        what: &'static str,
        /// Number of the step, from 1.
        step: usize,
        /// Learning rate of the step.
        rate: f64,
        /// Norm of the step before.
        last_norm: f64,
        /// Files of the step's batches.
        clips: String,
    },
    /// Nothing to learn from.
    #[error("there are no training clips")]
    NoClips,
}

/// Everything that one run needs besides the model.
pub struct Training<'a> {
    /// The experiment.
    pub experiment: &'a Experiment,
    /// Training utterances.
    pub train: &'a [Utterance],
    /// Their lengths in seconds.
    pub train_seconds: &'a [f64],
    /// The utterances that the best checkpoint is chosen on; may be empty.
    pub dev: &'a [Utterance],
    /// Their lengths in seconds.
    pub dev_seconds: &'a [f64],
    /// The part that `dev` is.
    pub dev_part: Part,
    /// Class names; empty for a regression.
    pub labels: &'a [String],
    /// A weight a class for cross entropy; `None` weighs all the same.
    pub class_weights: Option<Vec<f64>>,
    /// As the checkpoint says.
    pub extractor: FeatureExtractor,
    /// Where tensors live.
    pub device: Device,
    /// Its name.
    pub device_name: String,
    /// Number of the run, from 0.
    pub run: u32,
}

/// The best evaluation so far.
#[derive(Debug, Clone)]
pub struct Best {
    /// After so many steps.
    pub step: usize,
    /// After so many epochs, with a fraction.
    pub epoch: f64,
    /// The measure that was chosen by; `None` if there was nothing to choose on.
    pub value: Option<f64>,
    /// The model then.
    pub model: SpeechModel,
    /// What it said of the part.
    pub predictions: PredictionSet,
}

/// Where a new best state is put, before anything else happens.
pub type Keep<'a> =
    dyn FnMut(Best) -> Pin<Box<dyn Future<Output = Result<(), TrainError>> + 'a>> + 'a;

/// How a run went.
#[derive(Debug)]
pub struct Trained {
    /// How it ended.
    pub status: Status,
    /// Why it ended early, if it failed; `best` is from before.
    pub failure: Option<TrainError>,
    /// The best evaluation; without a dev part the last state.
    pub best: Best,
    /// Steps made.
    pub steps: usize,
    /// Seconds of audio trained on.
    pub audio_seconds: f64,
    /// Wall time in seconds.
    pub seconds: f64,
}

impl Training<'_> {
    fn tuning(&self) -> &Tuning {
        &self.experiment.tuning
    }

    /// Seed of this run.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.tuning().seed.wrapping_add(u64::from(self.run))
    }

    /// The order of this run.
    #[must_use]
    pub fn plan(&self) -> Plan {
        Plan::new(
            self.train_seconds.to_vec(),
            self.tuning(),
            self.experiment.epochs,
            self.seed(),
        )
    }

    /// How the parts are evaluated.
    #[must_use]
    pub fn evaluator(&self) -> Evaluator {
        Evaluator {
            batch_size: self.tuning().batch_size,
            max_duration: self.tuning().max_duration,
            windows: self.tuning().eval_windows,
            extractor: self.extractor.clone(),
        }
    }

    pub(super) fn loss(&self) -> Loss {
        let tuning = self.tuning();
        Loss::new(
            tuning.loss,
            self.class_weights.clone(),
            tuning.label_smoothing,
        )
    }

    pub(super) fn measures(&self) -> &'static [Measure] {
        match self.experiment.task {
            Task::Classification => &[Measure::Uar, Measure::Acc, Measure::F1],
            Task::Regression => &[Measure::Ccc, Measure::Pcc, Measure::Mse, Measure::Mae],
        }
    }
}

/// Trains `model` and returns the best state. A new best is given to `keep` at once, so that it
/// can be saved before anything else happens.
///
/// # Errors
/// A clip cannot be had, the device failed, or loss or gradients are not finite, before there was
/// any best state. Later such an error is [`Trained::failure`].
pub async fn train(
    model: &mut SpeechModel,
    training: &Training<'_>,
    world: &dyn Surroundings,
    keep: &mut Keep<'_>,
) -> Result<Trained, TrainError> {
    if training.train.is_empty() {
        return Err(TrainError::NoClips);
    }
    let mut run = Run::new(model, training, world);
    run.announce();
    match run.epochs(keep).await {
        Ok(status) => run.finish(status, keep).await,
        Err(error) => run.give_up(error),
    }
}

struct Run<'a> {
    model: &'a mut SpeechModel,
    training: &'a Training<'a>,
    world: &'a dyn Surroundings,
    plan: Plan,
    loss: Loss,
    optimizer: Optimizer,
    /// Optimiser steps made.
    steps: usize,
    micro_batches: u64,
    audio_seconds: f64,
    last_norm: f64,
    started: f64,
    /// (clock, seconds of audio) after each of the last steps.
    speed: VecDeque<(f64, f64)>,
    best: Option<Best>,
    evaluations_since_best: u32,
    evaluated_at: usize,
}

impl<'a> Run<'a> {
    fn new(
        model: &'a mut SpeechModel,
        training: &'a Training<'a>,
        world: &'a dyn Surroundings,
    ) -> Self {
        let tuning = training.tuning();
        let adam = AdamW {
            weight_decay: tuning.weight_decay,
            max_grad_norm: tuning.max_grad_norm,
            ..AdamW::default()
        };
        let started = world.now();
        Self {
            model,
            training,
            world,
            plan: training.plan(),
            loss: training.loss(),
            optimizer: Optimizer::new(adam),
            steps: 0,
            micro_batches: 0,
            audio_seconds: 0.0,
            last_norm: 0.0,
            started,
            speed: VecDeque::from([(started, 0.0)]),
            best: None,
            evaluations_since_best: 0,
            evaluated_at: 0,
        }
    }

    fn announce(&self) {
        let (parameters, trained) = self.model.count();
        let experiment = self.training.experiment;
        self.world.emit(Event::Started {
            run: self.training.run,
            runs: experiment.runs,
            seed: self.training.seed(),
            device: self.training.device_name.clone(),
            epochs: experiment.epochs,
            steps: self.plan.steps(),
            effective_batch: self.plan.effective_batch(),
            clips: IndexMap::from([
                (Part::Train, self.training.train.len()),
                (self.training.dev_part, self.training.dev.len()),
            ]),
            parameters,
            trained,
        });
    }

    /// All epochs, until patience runs out or somebody wants to stop.
    async fn epochs(&mut self, keep: &mut Keep<'_>) -> Result<Status, TrainError> {
        for epoch in 0..self.training.experiment.epochs {
            let batches = self.plan.epoch(epoch);
            let mut clips = self.world.clips(Part::Train, batches.clone());
            let steps = self.plan.steps_per_epoch();
            for (index, group) in batches.chunks(self.plan.accumulation()).enumerate() {
                if self.world.stopping() {
                    return Ok(Status::Interrupted);
                }
                let epoch_done = f64::from(epoch) + (index + 1) as f64 / steps as f64;
                self.step(group, &mut clips, epoch_done).await?;
                if self.is_evaluation_due(index + 1) && self.evaluate(epoch_done, keep).await? {
                    return Ok(Status::Finished);
                }
            }
        }
        Ok(Status::Finished)
    }

    /// One optimiser step over the micro-batches of `group`.
    async fn step(
        &mut self,
        group: &[Vec<ClipRequest>],
        clips: &mut super::Clips<'_>,
        epoch: f64,
    ) -> Result<(), TrainError> {
        let tuning = self.training.tuning();
        let shortest = self.model.encoder.config().receptive_field();
        let mut total: Option<Tensor<1>> = None;
        for requests in group {
            let Some(batch) = clips.next() else { break };
            let batch = batch.map_err(TrainError::Clip)?;
            let waves = collate(
                &batch,
                &self.training.extractor,
                shortest,
                &self.training.device,
            );
            let mut noise = Noise::seeded(self.training.seed(), self.micro_batches);
            self.micro_batches += 1;
            let truth = targets(requests.iter().map(|r| &self.training.train[r.utterance]));
            let logits = self.model.forward(waves, &mut noise);
            let loss = self.loss.forward(logits, &truth) / group.len() as f64;
            let value = loss.clone().inner();
            total = Some(match total {
                Some(total) => total + value,
                None => value,
            });
            self.optimizer.accumulate(self.model, loss.backward());
            self.audio_seconds += self.plan.batch_seconds(requests);
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
        self.last_norm = norm_value;
        self.report_step(epoch, loss, rate, norm_value);
        Ok(())
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
            audio_seconds_per_second: (self.audio_seconds - audio_then) / elapsed,
            seconds_left: left * (now - self.started) / self.steps as f64,
        });
    }

    /// `evals_per_epoch`, but at most one a step.
    fn evaluations_per_epoch(&self) -> usize {
        let wanted = self.training.tuning().evals_per_epoch.max(1) as usize;
        wanted.min(self.plan.steps_per_epoch())
    }

    /// Evaluations are spread evenly over an epoch; its last step always has one.
    fn is_evaluation_due(&self, step_in_epoch: usize) -> bool {
        let (steps, wanted) = (self.plan.steps_per_epoch(), self.evaluations_per_epoch());
        (1..=wanted).any(|k| (k * steps).div_ceil(wanted) == step_in_epoch)
    }

    /// Evaluates and says whether patience has run out.
    async fn evaluate(&mut self, epoch: f64, keep: &mut Keep<'_>) -> Result<bool, TrainError> {
        let training = self.training;
        self.evaluated_at = self.steps;
        if training.dev.is_empty() {
            return Ok(false);
        }
        let (part, utterances, seconds) = (training.dev_part, training.dev, training.dev_seconds);
        let evaluation =
            evaluate(training, self.model, part, utterances, seconds, self.world).await?;
        let chosen_by = training.tuning().measure;
        let value = metrics::measure(&evaluation.predictions, chosen_by)?;
        let best = self.is_better(chosen_by, value);
        self.world
            .emit(evaluation.event(training.run, self.steps, epoch, part, best));
        if best {
            let predictions = evaluation.predictions;
            let state = Best {
                step: self.steps,
                epoch,
                value,
                model: self.model.evaluation(),
                predictions,
            };
            keep(state.clone()).await?;
            self.best = Some(state);
            self.evaluations_since_best = 0;
        } else {
            self.evaluations_since_best += 1;
        }
        let limit = training
            .tuning()
            .patience
            .map(|epochs| epochs as usize * self.evaluations_per_epoch());
        Ok(limit.is_some_and(|limit| self.evaluations_since_best as usize >= limit))
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

    async fn finish(mut self, status: Status, keep: &mut Keep<'_>) -> Result<Trained, TrainError> {
        // What an interrupted run has learnt since the last evaluation may be the best.
        if self.evaluated_at < self.steps || self.best.is_none() {
            let epoch = self.steps as f64 / self.plan.steps_per_epoch() as f64;
            self.evaluate(epoch, keep).await?;
        }
        let best = match self.best.take() {
            Some(best) => best,
            None => {
                let best = self.last_state();
                keep(best.clone()).await?;
                best
            }
        };
        Ok(self.trained(status, best, None))
    }

    /// Ends a run that cannot go on, with the best state from before.
    fn give_up(mut self, error: TrainError) -> Result<Trained, TrainError> {
        match self.best.take() {
            Some(best) => Ok(self.trained(Status::Failed, best, Some(error))),
            None => Err(error),
        }
    }

    /// The state now, where there is nothing to choose on.
    fn last_state(&self) -> Best {
        Best {
            step: self.steps,
            epoch: self.steps as f64 / self.plan.steps_per_epoch() as f64,
            value: None,
            model: self.model.evaluation(),
            predictions: PredictionSet {
                labels: self.training.labels.to_vec(),
                predictions: Vec::new(),
            },
        }
    }

    fn trained(&self, status: Status, best: Best, failure: Option<TrainError>) -> Trained {
        let seconds = self.world.now() - self.started;
        Trained {
            status,
            failure,
            best,
            steps: self.steps,
            audio_seconds: self.audio_seconds,
            seconds,
        }
    }
}
