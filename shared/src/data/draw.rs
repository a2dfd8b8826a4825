//! Random draws that are the same on every machine.

use super::Part;
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use std::collections::HashSet;

/// What is drawn; each purpose has random numbers of its own, so that a key that needs some does
/// not change what another one draws.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// `limit_samples`.
    LimitSamples,
    /// `limit_samples_per_speaker`.
    LimitPerSpeaker,
    /// `split_strategy`.
    Split,
    /// `dev_from_train`.
    Carve,
    /// `balancing = ros`.
    Oversample,
    /// `logo`, `k_fold_cross`.
    Folds,
}

/// Where random numbers come from: the seed, and the table or part that they are for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draw {
    seed: u64,
    scope: u64,
}

impl Draw {
    /// For a database by its index.
    pub(super) fn database(seed: u64, index: usize) -> Self {
        Self {
            seed,
            scope: index as u64 + 3,
        }
    }

    /// For a part of the whole split.
    pub(super) fn part(seed: u64, part: Part) -> Self {
        Self {
            seed,
            scope: part as u64,
        }
    }

    /// Begins to draw for a purpose.
    pub(super) fn begin(self, purpose: Purpose) -> Drawing {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        // The streams from 0 on are those of training.
        rng.set_stream(1 << 63 | (purpose as u64) << 32 | self.scope);
        Drawing { rng }
    }

    /// `count` of `items`, or all of them.
    pub(super) fn sample(
        self,
        purpose: Purpose,
        items: Vec<usize>,
        count: usize,
    ) -> HashSet<usize> {
        self.begin(purpose)
            .sample(items, count)
            .into_iter()
            .collect()
    }
}

/// Random numbers for one purpose.
#[derive(Debug, Clone)]
pub(super) struct Drawing {
    rng: ChaCha8Rng,
}

impl Drawing {
    /// `items` in a random order.
    pub(super) fn shuffled<T>(&mut self, mut items: Vec<T>) -> Vec<T> {
        items.shuffle(&mut self.rng);
        items
    }

    /// `count` of `items`, or all of them.
    pub(super) fn sample<T>(&mut self, items: Vec<T>, count: usize) -> Vec<T> {
        let mut items = self.shuffled(items);
        items.truncate(count);
        items
    }
}
