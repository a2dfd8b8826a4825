//! Learning rate over the steps, as Hugging Face's schedules.

use crate::config::LrScheduler;
use std::f64::consts::PI;

/// A schedule over a known number of optimiser steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    kind: LrScheduler,
    warmup: usize,
    total: usize,
}

impl Schedule {
    /// `warmup_ratio` of `total` steps, rounded up, rise linearly from 0.
    #[must_use]
    pub fn new(kind: LrScheduler, warmup_ratio: f64, total: usize) -> Self {
        Self {
            kind,
            warmup: (total as f64 * warmup_ratio).ceil() as usize,
            total,
        }
    }

    /// What the peak rate is multiplied with in step `step`, counted from 0.
    #[must_use]
    pub fn factor(&self, step: usize) -> f64 {
        if step < self.warmup {
            return step as f64 / self.warmup.max(1) as f64;
        }
        let decay = self.total.saturating_sub(self.warmup).max(1) as f64;
        let progress = (step - self.warmup) as f64 / decay;
        match self.kind {
            LrScheduler::Linear => (1.0 - progress).max(0.0),
            LrScheduler::Cosine => (0.5 * (1.0 + (PI * progress).cos())).max(0.0),
            LrScheduler::Constant => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_as_the_reference_prints_it() {
        let schedule = Schedule::new(LrScheduler::Linear, 0.0, 4);
        let rates: Vec<f64> = (0..4).map(|step| schedule.factor(step)).collect();
        assert_eq!(rates, [1.0, 0.75, 0.5, 0.25]);
    }

    #[test]
    fn warm_up_is_rounded_up() {
        let schedule = Schedule::new(LrScheduler::Linear, 0.1, 11);
        assert_eq!(
            [schedule.factor(0), schedule.factor(1), schedule.factor(2)],
            [0.0, 0.5, 1.0]
        );
        assert!((schedule.factor(10) - 1.0 / 9.0).abs() < 1e-12);
    }

    #[test]
    fn cosine_halves_in_the_middle() {
        let schedule = Schedule::new(LrScheduler::Cosine, 0.0, 10);
        assert!((schedule.factor(5) - 0.5).abs() < 1e-12);
        assert!((schedule.factor(0) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn constant_stays() {
        let schedule = Schedule::new(LrScheduler::Constant, 0.5, 4);
        assert_eq!(
            [0, 1, 2, 3].map(|step| schedule.factor(step)),
            [0.0, 0.5, 1.0, 1.0]
        );
    }
}
