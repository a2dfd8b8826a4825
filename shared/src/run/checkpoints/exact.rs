//! Numbers that are read as they were written, to the bit.

use crate::report::{Evaluated, Progress, StepRecord};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A number as text in its shortest exact form: the JSON reader may miss a number's last bit, and
/// has no word for one that is not finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Exact(pub(super) f64);

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map(Self).map_err(D::Error::custom)
    }
}

/// [`Progress`], exactly.
#[derive(Serialize, Deserialize)]
pub(super) struct ExactProgress {
    train_loss: Vec<(Exact, Exact)>,
    steps: Vec<ExactStep>,
    evaluations: Vec<ExactEvaluated>,
}

#[derive(Serialize, Deserialize)]
struct ExactStep {
    step: usize,
    seconds: Exact,
    learning_rate: Exact,
    grad_norm: Option<Exact>,
}

#[derive(Serialize, Deserialize)]
struct ExactEvaluated {
    step: usize,
    seconds: Exact,
    epoch: Exact,
    part: crate::data::Part,
    loss: Option<Exact>,
    metrics: indexmap::IndexMap<String, Option<Exact>>,
    best: bool,
}

impl From<&Progress> for ExactProgress {
    fn from(progress: &Progress) -> Self {
        let evaluations = progress.evaluations.iter().map(|one| ExactEvaluated {
            step: one.step,
            seconds: Exact(one.seconds),
            epoch: Exact(one.epoch),
            part: one.part,
            loss: one.loss.map(Exact),
            metrics: one
                .metrics
                .iter()
                .map(|(name, value)| (name.clone(), value.map(Exact)))
                .collect(),
            best: one.best,
        });
        Self {
            train_loss: progress
                .train_loss
                .iter()
                .map(|&(epoch, loss)| (Exact(epoch), Exact(loss)))
                .collect(),
            steps: progress
                .steps
                .iter()
                .map(|one| ExactStep {
                    step: one.step,
                    seconds: Exact(one.seconds),
                    learning_rate: Exact(one.learning_rate),
                    grad_norm: one.grad_norm.map(Exact),
                })
                .collect(),
            evaluations: evaluations.collect(),
        }
    }
}

impl From<ExactProgress> for Progress {
    fn from(exact: ExactProgress) -> Self {
        let evaluations = exact.evaluations.into_iter().map(|one| Evaluated {
            step: one.step,
            seconds: one.seconds.0,
            epoch: one.epoch.0,
            part: one.part,
            loss: one.loss.map(|loss| loss.0),
            metrics: one
                .metrics
                .into_iter()
                .map(|(name, value)| (name, value.map(|value| value.0)))
                .collect(),
            best: one.best,
        });
        Self {
            train_loss: exact
                .train_loss
                .into_iter()
                .map(|(epoch, loss)| (epoch.0, loss.0))
                .collect(),
            steps: exact
                .steps
                .into_iter()
                .map(|one| StepRecord {
                    step: one.step,
                    seconds: one.seconds.0,
                    learning_rate: one.learning_rate.0,
                    grad_norm: one.grad_norm.map(|norm| norm.0),
                })
                .collect(),
            evaluations: evaluations.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_comes_back() {
        for value in [
            0.1 + 0.2,
            -1.0 / 3.0,
            f64::MIN_POSITIVE / 3.0,
            8.5e307,
            0.697_412_386_536_598_2,
            f64::INFINITY,
        ] {
            let text = serde_json::to_string(&Exact(value)).unwrap();
            let read: Exact = serde_json::from_str(&text).unwrap();
            assert_eq!(read.0.to_bits(), value.to_bits(), "{text}");
        }
        let text = serde_json::to_string(&Exact(f64::NAN)).unwrap();
        let read: Exact = serde_json::from_str(&text).unwrap();
        assert!(read.0.is_nan());
    }
}
