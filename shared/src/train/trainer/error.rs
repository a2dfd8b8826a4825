//! What ends a training.

use crate::{model::ModelError, report::ReportError, train::ClipError};

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
