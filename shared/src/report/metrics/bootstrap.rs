//! Percentile bootstrap: how far a figure would move with another draw of utterances or speakers.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An interval, written as `[low, high]`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(into = "[f64; 2]", from = "[f64; 2]")]
pub struct Interval {
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

impl From<[f64; 2]> for Interval {
    fn from([low, high]: [f64; 2]) -> Self {
        Self { low, high }
    }
}

impl From<Interval> for [f64; 2] {
    fn from(interval: Interval) -> Self {
        [interval.low, interval.high]
    }
}

/// How intervals are drawn (Efron 1979): `units` are drawn with replacement as often as there are
/// units, the figure is computed for each such draw, and the interval lies between percentiles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    /// Number of draws.
    pub resamples: u32,
    /// Seed of the draws; the same seed gives the same interval on every machine.
    pub seed: u64,
    /// Share of the draws that lies inside the interval.
    pub level: f64,
}

impl Default for Bootstrap {
    /// 95 % of 1000 draws, as Nkululeko reports it.
    fn default() -> Self {
        Self {
            resamples: 1000,
            seed: 0,
            level: 0.95,
        }
    }
}

impl Bootstrap {
    /// Intervals of several figures of the same draws.
    ///
    /// `figures` gets the positions (0 to below `units`) of one draw and writes the `count` figures
    /// of it. A draw in which a figure is not defined does not count for this figure; where more
    /// than half of the draws are so, or where there are fewer than two units, there is no interval.
    pub fn intervals(
        &self,
        units: usize,
        count: usize,
        mut figures: impl FnMut(&[u32], &mut [Option<f64>]),
    ) -> Vec<Option<Interval>> {
        // Positions are 32-bit so that a draw is the same on wasm32.
        let Ok(bound) = u32::try_from(units) else {
            return vec![None; count];
        };
        if bound < 2 {
            return vec![None; count];
        }
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        let mut draw = vec![0_u32; units];
        let mut values = vec![None; count];
        let mut columns: Vec<Vec<f64>> = vec![Vec::with_capacity(self.resamples as usize); count];
        for _ in 0..self.resamples {
            draw.fill_with(|| random.random_range(0..bound));
            values.fill(None);
            figures(&draw, &mut values);
            for (column, value) in columns.iter_mut().zip(&values) {
                column.extend(value.filter(|value| value.is_finite()));
            }
        }
        columns
            .into_iter()
            .map(|column| self.between_percentiles(column))
            .collect()
    }

    fn between_percentiles(&self, mut column: Vec<f64>) -> Option<Interval> {
        if column.len() * 2 < self.resamples as usize {
            return None;
        }
        column.sort_by(f64::total_cmp);
        let tail = (1.0 - self.level) / 2.0;
        Some(Interval {
            low: percentile(&column, tail)?,
            high: percentile(&column, 1.0 - tail)?,
        })
    }
}

/// The value at `share` (0 to 1) of ascending values, linear between neighbours as numpy's
/// `percentile`; `None` of no values.
#[must_use]
pub fn percentile(sorted: &[f64], share: f64) -> Option<f64> {
    let position = share.clamp(0.0, 1.0) * (sorted.len().checked_sub(1)? as f64);
    let below = *sorted.get(position.floor() as usize)?;
    let above = *sorted.get(position.ceil() as usize)?;
    Some(below + (above - below) * position.fract())
}
