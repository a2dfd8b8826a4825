//! Which clips stand in which micro-batch of which step.

use super::{ClipRequest, Schedule};
use crate::{
    audio::Window,
    config::{Crop, Tuning},
};
use rand::{Rng, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

/// Batches that are sorted by length together.
const BUCKET: usize = 16;

/// The order of a run, known before it starts: every epoch follows from the seed and its number.
#[derive(Debug, Clone)]
pub struct Plan {
    seconds: Vec<f64>,
    batch_size: usize,
    accumulation: usize,
    shuffle: bool,
    crop: Crop,
    augments: bool,
    seed: u64,
    epochs: u32,
}

impl Plan {
    /// A plan for clips of the given `seconds` each.
    #[must_use]
    pub fn new(seconds: Vec<f64>, tuning: &Tuning, epochs: u32, seed: u64) -> Self {
        let seconds = seconds
            .into_iter()
            .map(|s| s.min(tuning.max_duration))
            .collect();
        Self {
            seconds,
            batch_size: tuning.batch_size.max(1),
            accumulation: tuning.gradient_accumulation.max(1),
            shuffle: tuning.shuffle,
            crop: tuning.crop,
            augments: tuning.augmentation.is_on(),
            seed,
            epochs,
        }
    }

    /// Optimiser steps in an epoch; the last one may have fewer micro-batches.
    #[must_use]
    pub fn steps_per_epoch(&self) -> usize {
        self.seconds
            .len()
            .div_ceil(self.batch_size)
            .div_ceil(self.accumulation)
    }

    /// Optimiser steps in all.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps_per_epoch() * self.epochs as usize
    }

    /// Clips in a full optimiser step; not more than there are.
    #[must_use]
    pub fn effective_batch(&self) -> usize {
        let asked = self.batch_size.saturating_mul(self.accumulation);
        asked.min(self.seconds.len())
    }

    /// The learning rate's schedule over this plan.
    #[must_use]
    pub fn schedule(&self, tuning: &Tuning) -> Schedule {
        Schedule::new(tuning.lr_scheduler, tuning.warmup_ratio, self.steps())
    }

    /// Seconds of audio in one epoch.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.seconds.iter().sum()
    }

    /// Seconds of audio in a batch, without padding.
    #[must_use]
    pub fn batch_seconds(&self, batch: &[ClipRequest]) -> f64 {
        batch.iter().map(|clip| self.seconds[clip.utterance]).sum()
    }

    /// Micro-batches of epoch `epoch` (from 0), each of clips of similar length, in a new order
    /// each epoch; without `shuffle` neighbours of the table stay together and in order.
    #[must_use]
    pub fn epoch(&self, epoch: u32) -> Vec<Vec<ClipRequest>> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        // Stream 0 draws the model's start.
        rng.set_stream(u64::from(epoch) + 1);
        let mut order: Vec<usize> = (0..self.seconds.len()).collect();
        if self.shuffle {
            order.shuffle(&mut rng);
            for bucket in order.chunks_mut(self.batch_size.saturating_mul(BUCKET)) {
                bucket.sort_by(|a, b| self.seconds[*b].total_cmp(&self.seconds[*a]));
            }
        }
        let mut batches: Vec<Vec<usize>> = order
            .chunks(self.batch_size)
            .map(<[usize]>::to_vec)
            .collect();
        if self.shuffle {
            batches.shuffle(&mut rng);
        }
        let mut windows: Vec<Window> = Vec::with_capacity(self.seconds.len());
        for _ in &self.seconds {
            windows.push(match self.crop {
                Crop::Head => Window::Head,
                Crop::Random => Window::Random(rng.random()),
            });
        }
        // A stream of its own: with changes or without, order and windows are the same.
        let mut draws = ChaCha8Rng::seed_from_u64(self.seed ^ u64::from_le_bytes(*b"augments"));
        draws.set_stream(u64::from(epoch));
        let draws: Vec<u64> = self.seconds.iter().map(|_| draws.random()).collect();
        let request = |utterance: usize| ClipRequest {
            utterance,
            window: windows[utterance],
            draw: self.augments.then(|| draws[utterance]),
        };
        batches
            .into_iter()
            .map(|batch| batch.into_iter().map(request).collect())
            .collect()
    }

    /// Micro-batches in an optimiser step, but for an epoch's last.
    #[must_use]
    pub fn accumulation(&self) -> usize {
        self.accumulation
    }
}
