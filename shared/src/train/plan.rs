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
    /// Sums of the weights up to each clip, by which an epoch's clips are drawn.
    sums: Option<Vec<f64>>,
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
            sums: None,
            batch_size: tuning.batch_size.max(1),
            accumulation: tuning.gradient_accumulation.max(1),
            shuffle: tuning.shuffle,
            crop: tuning.crop,
            augments: tuning.augmentation.is_on(),
            seed,
            epochs,
        }
    }

    /// Draws the clips of each epoch with replacement, as many as there are, each in proportion to its
    /// weight. Weights are 0 or more, one a clip, and not all 0.
    #[must_use]
    pub fn weighted(self, weights: &[f64]) -> Self {
        let sums = weights.iter().scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        });
        Self {
            sums: Some(sums.collect()),
            ..self
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
        let mut order: Vec<usize> = match &self.sums {
            None => (0..self.seconds.len()).collect(),
            Some(sums) => {
                let all = sums.last().copied().unwrap_or_default();
                let mut draw = || {
                    let place = rng.random::<f64>() * all;
                    sums.partition_point(|sum| *sum <= place)
                        .min(sums.len() - 1)
                };
                (0..sums.len()).map(|_| draw()).collect()
            }
        };
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
        let mut window = || match self.crop {
            Crop::Head => Window::Head,
            Crop::Random => Window::Random(rng.random()),
        };
        // One a clip; of a clip that was drawn twice, one each time.
        let windows: Vec<Window> = self.seconds.iter().map(|_| window()).collect();
        // A stream of its own: with changes or without, order and windows are the same.
        let mut draws = ChaCha8Rng::seed_from_u64(self.seed ^ u64::from_le_bytes(*b"augments"));
        draws.set_stream(u64::from(epoch));
        let draws: Vec<u64> = self.seconds.iter().map(|_| draws.random()).collect();
        let mut next = 0;
        let mut request = |utterance: usize| {
            next += 1;
            let place = if self.sums.is_some() {
                next - 1
            } else {
                utterance
            };
            ClipRequest {
                utterance,
                window: windows[place],
                draw: self.augments.then(|| draws[place]),
            }
        };
        batches
            .into_iter()
            .map(|batch| batch.into_iter().map(&mut request).collect())
            .collect()
    }

    /// Micro-batches in an optimiser step, but for an epoch's last.
    #[must_use]
    pub fn accumulation(&self) -> usize {
        self.accumulation
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, Mode};
    use crate::files::Memory;

    fn tuning(keys: &str) -> Tuning {
        let text = format!(
            "[EXP]\nroot = .\nname = plan\n[DATA]\ndatabases = ['d']\nd = d.csv\nd.type = csv\ntarget = emotion\n\
             [FEATS]\ntype = []\n[MODEL]\ntype = finetune\n[FINETUNE]\nbatch_size = 4\n{keys}"
        );
        let checked = config::check(&text, &Memory::default(), Mode::Text);
        checked.experiment.expect("a valid experiment").tuning
    }

    #[test]
    fn weighted_epochs_have_each_class_equally_often() {
        // 90 clips of one class and 10 of the other.
        let weights: Vec<f64> = (0..100)
            .map(|clip| if clip < 90 { 1.0 / 90.0 } else { 0.1 })
            .collect();
        let tuning = tuning("crop = random\nmax_duration = 1\n");
        let plan = Plan::new(vec![2.0; 100], &tuning, 50, 3).weighted(&weights);
        let mut rare = 0;
        let mut different = std::collections::BTreeSet::new();
        for epoch in 0..50 {
            let batches = plan.epoch(epoch);
            assert_eq!(
                batches,
                plan.epoch(epoch),
                "an epoch follows from seed and number"
            );
            assert_eq!(
                batches.len(),
                plan.steps_per_epoch() * plan.accumulation() - 3
            );
            let clips: Vec<ClipRequest> = batches.into_iter().flatten().collect();
            assert_eq!(clips.len(), 100);
            rare += clips.iter().filter(|clip| clip.utterance >= 90).count();
            different.extend(clips.iter().map(|clip| clip.utterance));
            // A clip that is drawn twice is cropped anew.
            let mut seen: Vec<Window> = Vec::new();
            for clip in clips.iter().filter(|clip| clip.utterance == 99) {
                assert!(!seen.contains(&clip.window));
                seen.push(clip.window);
            }
        }
        // 2500 of 5000 with a standard deviation of 35.
        assert!((2350..2650).contains(&rare), "{rare}");
        assert_eq!(different.len(), 100, "every clip has its turn");
    }

    #[test]
    fn epochs_without_weights_have_each_clip_once() {
        let tuning = tuning("crop = random\n");
        let plan = Plan::new((0..23).map(f64::from).collect(), &tuning, 2, 3);
        let mut clips: Vec<usize> = plan
            .epoch(1)
            .into_iter()
            .flatten()
            .map(|clip| clip.utterance)
            .collect();
        clips.sort_unstable();
        assert_eq!(clips, (0..23).collect::<Vec<_>>());
        assert_ne!(plan.epoch(0), plan.epoch(1));
    }
}
