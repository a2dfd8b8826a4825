//! The target: texts to classes, numbers to scaled numbers.

mod bins;
mod encode;
mod mapping;
mod oversample;
mod scaling;

#[cfg(test)]
mod tests;

pub use bins::Bins;
pub(super) use bins::quantile;
pub use scaling::{DatabaseTransform, TargetTransform, ZScore};

pub(super) use encode::{classes, drop_unseen};
pub(super) use mapping::prepare;
pub(super) use oversample::oversample;

use crate::config::{Experiment, Task};

/// What the target is, and what is made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// There is none.
    Unlabelled,
    /// Texts, each a class.
    Texts,
    /// Numbers that are binned to classes.
    Binned,
    /// Numbers.
    Numbers,
}

impl Kind {
    /// As the experiment says. `bins` alone means a continuous target, too.
    pub(super) fn of(experiment: &Experiment) -> Self {
        let data = &experiment.data;
        match experiment.task {
            _ if data.target.is_none() => Self::Unlabelled,
            Task::Regression => Self::Numbers,
            Task::Classification if data.continuous || data.bins.is_some() => Self::Binned,
            Task::Classification => Self::Texts,
        }
    }
}
