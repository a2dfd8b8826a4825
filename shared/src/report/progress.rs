//! How loss and measures went over a run, collected from its events.

use crate::{data::Part, protocol::Event};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// How loss and measures went over a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// (epochs done, training loss of the step), one entry an optimiser step. A loss that is not
    /// finite stays NaN here, so that a plot shows the gap.
    #[serde(with = "nullable")]
    pub train_loss: Vec<(f64, f64)>,
    /// What else is known of each optimiser step, in the order of `train_loss`.
    #[serde(default)]
    pub steps: Vec<StepRecord>,
    /// Evaluations in order.
    pub evaluations: Vec<Evaluated>,
}

/// One optimiser step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Number of the step, from 1.
    pub step: usize,
    /// Seconds since the run began.
    pub seconds: f64,
    /// Learning rate of the encoder.
    pub learning_rate: f64,
    /// Norm of all gradients before clipping; `None` where it is not finite.
    pub grad_norm: Option<f64>,
}

/// One evaluation of a part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluated {
    /// Optimiser steps done.
    pub step: usize,
    /// Seconds since the run began.
    #[serde(default)]
    pub seconds: f64,
    /// Epochs done, with a fraction.
    pub epoch: f64,
    /// Which part.
    pub part: Part,
    /// Loss over the part as in training; `None` where it is not finite.
    pub loss: Option<f64>,
    /// Measures by name.
    pub metrics: IndexMap<String, Option<f64>>,
    /// Whether it was the best so far.
    pub best: bool,
}

impl Progress {
    /// Takes what an event says of loss and measures. The start of another run begins anew.
    /// `seconds` is the time since the run began.
    pub fn take(&mut self, event: &Event, seconds: f64) {
        match event {
            Event::Started { .. } => *self = Self::default(),
            Event::Step {
                step,
                epoch,
                loss,
                learning_rate,
                grad_norm,
                ..
            } => {
                self.train_loss.push((*epoch, *loss));
                self.steps.push(StepRecord {
                    step: *step,
                    seconds,
                    learning_rate: *learning_rate,
                    grad_norm: Some(*grad_norm).filter(|norm| norm.is_finite()),
                });
            }
            Event::Evaluation {
                step,
                epoch,
                part,
                loss,
                metrics,
                best,
                ..
            } => self.evaluations.push(Evaluated {
                step: *step,
                seconds,
                epoch: *epoch,
                part: *part,
                loss: Some(*loss).filter(|loss| loss.is_finite()),
                metrics: metrics.clone(),
                best: *best,
            }),
            Event::Warning { .. }
            | Event::Download { .. }
            | Event::Upload { .. }
            | Event::Published { .. }
            | Event::Data { .. }
            | Event::Fold { .. }
            | Event::Pooled { .. }
            | Event::Results { .. }
            | Event::Resumed { .. }
            | Event::Kept { .. }
            | Event::Frozen { .. }
            | Event::Ended { .. } => {}
        }
    }

    /// The best evaluation: the last one that was the best so far.
    #[must_use]
    pub fn best(&self) -> Option<&Evaluated> {
        self.evaluations
            .iter()
            .rev()
            .find(|evaluation| evaluation.best)
    }
}

/// Pairs of numbers, `null` for what is not finite.
mod nullable {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(pairs: &[(f64, f64)], to: S) -> Result<S::Ok, S::Error> {
        let finite = |value: f64| Some(value).filter(|value| value.is_finite());
        let pairs: Vec<_> = pairs.iter().map(|&(x, y)| (finite(x), finite(y))).collect();
        pairs.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<(f64, f64)>, D::Error> {
        let pairs = Vec::<(Option<f64>, Option<f64>)>::deserialize(from)?;
        let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
        Ok(pairs
            .into_iter()
            .map(|(x, y)| (number(x), number(y)))
            .collect())
    }
}
