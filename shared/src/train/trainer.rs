//! The training loop of one run.

use super::{
    AdamW, ClipError, ClipRequest, Evaluator, Frozen, Keep, Loss, LossScale, Optimizer, Plan,
    Rates, Resume, Snapshot, Standing, Store, Surroundings, class_weights, evaluate,
    evaluate::targets, frozen::Feed,
};
use crate::{
    audio::FeatureExtractor,
    config::{Balancing, Experiment, Measure, Task, Tuning},
    data::{Label, Part, TargetTransform, Utterance},
    model::{ModelError, Noise, SpeechModel, read_back},
    protocol::{Event, Status},
    report::{FrozenRecord, PredictionSet, ReportError},
};
use burn::tensor::{Device, Tensor};
use indexmap::IndexMap;
use std::collections::VecDeque;

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
    /// A state cannot be put away.
    #[error("the state of step {step} cannot be saved: {source}")]
    Keep {
        /// Optimiser steps made.
        step: usize,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
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
    /// Somebody stopped it too early for any result.
    #[error(
        "interrupted before the first step: nothing was trained, so there is nothing to evaluate"
    )]
    Untrained,
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
    /// How a regression's targets were made from the table, so that figures are in its units.
    pub transform: &'a TargetTransform,
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
    /// A text that is other once the weights are other that training begins with.
    pub origin: String,
    /// Where is kept what the frozen part of the model makes of clips; `None` computes it each time, with
    /// the padding of a batch, as in Python.
    pub store: Option<&'a Store<'a>>,
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
    /// Whether patience ran out before all epochs were trained.
    pub stopped_early: bool,
    /// Seconds of audio trained on.
    pub audio_seconds: f64,
    /// Wall time in seconds.
    pub seconds: f64,
    /// What was computed once a clip.
    pub frozen: Option<FrozenRecord>,
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
        let plan = Plan::new(
            self.train_seconds.to_vec(),
            self.tuning(),
            self.experiment.epochs,
            self.seed(),
        );
        let is_weighted = self.tuning().balancing == Balancing::Weighted
            && self.experiment.task == Task::Classification;
        if !is_weighted {
            return plan;
        }
        let classes = class_weights(self.train, self.labels.len());
        let weight = |utterance: &Utterance| match utterance.label {
            Some(Label::Class(class)) => classes[class],
            _ => 0.0,
        };
        plan.weighted(&self.train.iter().map(weight).collect::<Vec<_>>())
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

/// Trains `model`, from `resume` on where there is one, and returns the best state.
///
/// A new best is given to `keep` at once, and a state to go on from after each evaluation, when
/// `save_minutes` have passed since the last one, and when the run is interrupted.
///
/// # Errors
/// A clip cannot be had, the device failed, or loss or gradients are not finite, before there was
/// any best state; later such an error is [`Trained::failure`]. What cannot be saved is always an
/// error: results could not be written either. So is an interruption before the first step.
pub async fn train(
    model: &mut SpeechModel,
    training: &Training<'_>,
    world: &dyn Surroundings,
    keep: &mut impl Keep,
    resume: Option<Resume>,
) -> Result<Trained, TrainError> {
    if training.train.is_empty() {
        return Err(TrainError::NoClips);
    }
    let frozen = Frozen::new(training, model);
    let mut run = Run::new(model, training, world, resume, frozen.as_ref());
    run.announce();
    let ended = match run.epochs(keep).await {
        Ok(Status::Interrupted) if run.steps == 0 => Err(TrainError::Untrained),
        Ok(status) => run.finish(status, keep).await,
        Err(error) => Err(error),
    };
    match ended {
        Err(error @ (TrainError::Keep { .. } | TrainError::Untrained)) => Err(error),
        Err(error) => run.give_up(error),
        ended => ended,
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
    loss_scale: Option<LossScale>,
    started: f64,
    /// (clock, seconds of audio) after each of the last steps.
    speed: VecDeque<(f64, f64)>,
    best: Option<Best>,
    evaluations_since_best: u32,
    evaluated_at: usize,
    /// Step of the last snapshot; 0 is the start, which needs none.
    saved_at: usize,
    /// The clock at the last snapshot.
    saved: f64,
    resumed: bool,
    frozen: Option<&'a Frozen<'a>>,
}

impl<'a> Run<'a> {
    fn new(
        model: &'a mut SpeechModel,
        training: &'a Training<'a>,
        world: &'a dyn Surroundings,
        resume: Option<Resume>,
        frozen: Option<&'a Frozen<'a>>,
    ) -> Self {
        let tuning = training.tuning();
        let adam = AdamW {
            weight_decay: tuning.weight_decay,
            max_grad_norm: tuning.max_grad_norm,
            ..AdamW::default()
        };
        let resumed = resume.is_some();
        let (standing, moments, best) = match resume {
            Some(Resume {
                standing,
                moments,
                best,
            }) => (standing, moments, best),
            None => Default::default(),
        };
        let now = world.now();
        Self {
            model,
            training,
            world,
            plan: training.plan(),
            loss: training.loss(),
            optimizer: Optimizer::resumed(adam, standing.optimizer_steps, moments),
            steps: standing.step,
            micro_batches: standing.micro_batches,
            audio_seconds: standing.audio_seconds,
            last_norm: standing.last_norm,
            loss_scale: if resumed {
                standing.loss_scale
            } else {
                LossScale::start(tuning.precision)
            },
            started: now - standing.seconds,
            speed: VecDeque::from([(now, standing.audio_seconds)]),
            best,
            evaluations_since_best: standing.evaluations_since_best,
            evaluated_at: standing.evaluated_at,
            saved_at: standing.step,
            saved: now,
            resumed,
            frozen,
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
        if self.resumed {
            self.world.emit(Event::Resumed {
                run: self.training.run,
                step: self.steps,
                steps: self.plan.steps(),
                epoch: self.steps as f64 / self.plan.steps_per_epoch() as f64,
                best_step: self.best.as_ref().map(|best| best.step),
                seconds: self.world.now() - self.started,
            });
        }
    }

    /// All epochs, from the last step on, until patience runs out or somebody wants to stop.
    async fn epochs(&mut self, keep: &mut impl Keep) -> Result<Status, TrainError> {
        // What was saved as the best may be a later state than the one that is gone on from.
        if let Some(best) = &self.best {
            keep.best(best).await?;
        }
        let steps = self.plan.steps_per_epoch();
        let (done, before) = (self.steps / steps, self.steps % steps);
        for epoch in done as u32..self.training.experiment.epochs {
            if self.is_patience_out() {
                break;
            }
            let first = if epoch as usize == done { before } else { 0 };
            let batches = self
                .plan
                .epoch(epoch)
                .split_off(first * self.plan.accumulation());
            let place = (&self.training.extractor, &self.training.device);
            let mut feed = Feed::new(
                self.world,
                self.frozen,
                self.model,
                Part::Train,
                batches.clone(),
                place,
            );
            for (index, group) in batches.chunks(self.plan.accumulation()).enumerate() {
                self.world.breathe().await;
                if self.world.stopping() {
                    // Before the evaluation of the end, which the whole run does not make.
                    self.save(keep).await?;
                    return Ok(Status::Interrupted);
                }
                let step = first + index + 1;
                let epoch_done = f64::from(epoch) + step as f64 / steps as f64;
                self.step(group, &mut feed, epoch_done).await?;
                let evaluated = self.is_evaluation_due(step);
                if evaluated {
                    self.evaluate(epoch_done, keep).await?;
                }
                if evaluated || self.is_save_due() {
                    self.save(keep).await?;
                }
                if self.is_patience_out() {
                    break;
                }
            }
            if let Some(frozen) = self.frozen {
                frozen.tell(f64::from(epoch + 1), self.world);
            }
        }
        Ok(Status::Finished)
    }

    fn is_save_due(&self) -> bool {
        let minutes = self.training.tuning().save_minutes;
        minutes > 0.0 && self.world.now() - self.saved >= 60.0 * minutes
    }

    /// Puts the state away, if it has not been yet.
    async fn save(&mut self, keep: &mut impl Keep) -> Result<(), TrainError> {
        if self.saved_at == self.steps {
            return Ok(());
        }
        let standing = Standing {
            step: self.steps,
            micro_batches: self.micro_batches,
            optimizer_steps: self.optimizer.steps(),
            audio_seconds: self.audio_seconds,
            seconds: self.world.now() - self.started,
            last_norm: self.last_norm,
            loss_scale: self.loss_scale,
            evaluated_at: self.evaluated_at,
            evaluations_since_best: self.evaluations_since_best,
            best_step: self.best.as_ref().map(|best| best.step),
        };
        keep.snapshot(Snapshot {
            standing,
            model: self.model,
            optimizer: &self.optimizer,
            best: self.best.as_ref(),
        })
        .await?;
        self.saved_at = self.steps;
        self.saved = self.world.now();
        Ok(())
    }

    /// One optimiser step over the micro-batches of `group`.
    async fn step(
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

    /// Evaluates, if there is anything to choose on, and keeps the state if it is the best so far.
    async fn evaluate(&mut self, epoch: f64, keep: &mut impl Keep) -> Result<(), TrainError> {
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

    fn is_patience_out(&self) -> bool {
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

    async fn finish(
        &mut self,
        status: Status,
        keep: &mut impl Keep,
    ) -> Result<Trained, TrainError> {
        // What an interrupted run has learnt since the last evaluation may be the best.
        if self.evaluated_at < self.steps || self.best.is_none() {
            let epoch = self.steps as f64 / self.plan.steps_per_epoch() as f64;
            self.evaluate(epoch, keep).await?;
        }
        let best = match self.best.take() {
            Some(best) => best,
            None => {
                let best = self.last_state();
                keep.best(&best).await?;
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
            stopped_early: status == Status::Finished && self.steps < self.plan.steps(),
            audio_seconds: self.audio_seconds,
            seconds,
            frozen: self.frozen.map(Frozen::record),
        }
    }
}
