//! How loud a recording is, and whether it is clipped.

/// Fewest samples in a row at full scale that count as clipped: a sine at full scale touches it
/// for one or two.
const SHORTEST_RUN: u64 = 3;

/// Levels of what was decoded, all channels together, before mixing and resampling.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Levels {
    /// Largest absolute value; full scale is 1.
    pub peak: f32,
    /// Samples in runs of at least three at full scale.
    pub clipped: u64,
    /// All samples.
    pub samples: u64,
}

impl Levels {
    /// Share of clipped samples, 0 to 1.
    #[must_use]
    pub fn clipped_share(&self) -> f64 {
        if self.samples == 0 {
            0.0
        } else {
            self.clipped as f64 / self.samples as f64
        }
    }
}

/// Measures [`Levels`] block by block.
#[derive(Debug)]
pub(super) struct Meter {
    full_scale: f32,
    levels: Levels,
    /// Length of the run at full scale that each channel is in, and its sign.
    runs: Vec<(u64, bool)>,
}

impl Meter {
    /// A meter for samples whose largest value is `full_scale`.
    pub(super) fn new(channels: usize, full_scale: f32) -> Self {
        Self {
            full_scale,
            levels: Levels::default(),
            runs: vec![(0, false); channels],
        }
    }

    /// Adds a block of one channel.
    pub(super) fn add(&mut self, channel: usize, samples: &[f32]) {
        let levels = &mut self.levels;
        levels.samples += samples.len() as u64;
        let peak = samples.iter().fold(0.0f32, |peak, x| peak.max(x.abs()));
        levels.peak = levels.peak.max(peak);
        let Some((run, sign)) = self.runs.get_mut(channel) else {
            return;
        };
        if peak < self.full_scale {
            *run = 0;
            return;
        }
        for &x in samples {
            if x.abs() < self.full_scale {
                *run = 0;
                continue;
            }
            *run = if *run > 0 && *sign == (x < 0.0) {
                *run + 1
            } else {
                1
            };
            *sign = x < 0.0;
            levels.clipped += match *run {
                SHORTEST_RUN => SHORTEST_RUN,
                longer if longer > SHORTEST_RUN => 1,
                _ => 0,
            };
        }
    }

    pub(super) fn levels(&self) -> Levels {
        self.levels
    }
}
