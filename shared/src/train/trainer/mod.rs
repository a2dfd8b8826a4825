//! The training loop of one run.

mod error;
mod judge;
mod step;
mod training;

pub use error::TrainError;
pub use training::{Best, Trained, Training};

use crate::{
    data::Part,
    model::SpeechModel,
    protocol::{Event, Status},
    report::PredictionSet,
    train::{
        AdamW, Frozen, Keep, Loss, LossScale, Optimizer, Plan, Resume, Snapshot, Standing,
        Surroundings, frozen::Feed,
    },
};
use indexmap::IndexMap;
use std::collections::VecDeque;

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
