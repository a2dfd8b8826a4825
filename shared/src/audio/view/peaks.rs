//! Extremes of a recording's samples at several resolutions, for a waveform of any width.

/// Samples in a bin of the finest stored resolution: 8 ms at 16 kHz.
const FINEST: usize = 128;
/// Bins of a resolution that make one of the next.
const FACTOR: usize = 8;
/// Stored resolutions; a bin of the coarsest lasts 32.8 s at 16 kHz.
const RESOLUTIONS: usize = 5;

/// Least and greatest sample of each of a row of stretches; full scale is 32767.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extremes {
    /// The least samples.
    pub min: Vec<i16>,
    /// The greatest samples.
    pub max: Vec<i16>,
}

impl Extremes {
    /// The extremes of `bins` stretches of equal length that make up `samples`; where there are
    /// fewer samples than stretches, neighbours share one.
    #[must_use]
    pub fn of(samples: &[f32], bins: usize) -> Self {
        let mut extremes = Self::default();
        for bin in 0..bins {
            let (from, to) = edges(samples.len() as u64, bin, bins);
            let stretch = samples.get(from as usize..to as usize).unwrap_or_default();
            extremes.push(least_and_greatest(stretch));
        }
        extremes
    }

    fn push(&mut self, (min, max): (i16, i16)) {
        self.min.push(min);
        self.max.push(max);
    }

    /// The extremes of the bins `from..to`, which may reach beyond the end.
    fn over(&self, from: usize, to: usize) -> (i16, i16) {
        let to = to.min(self.min.len());
        let from = from.min(to.saturating_sub(1));
        let min = self.min[from..to].iter().copied().min();
        let max = self.max[from..to].iter().copied().max();
        (min.unwrap_or(0), max.unwrap_or(0))
    }
}

/// First sample and the one after the last of stretch `bin` of `bins` over `length` samples; never
/// empty if there are samples.
fn edges(length: u64, bin: usize, bins: usize) -> (u64, u64) {
    let edge = |bin: usize| (u128::from(length) * bin as u128 / bins.max(1) as u128) as u64;
    let from = edge(bin).min(length.saturating_sub(1));
    (from, edge(bin + 1).clamp((from + 1).min(length), length))
}

fn least_and_greatest(samples: &[f32]) -> (i16, i16) {
    let Some((&first, rest)) = samples.split_first() else {
        return (0, 0);
    };
    let (min, max) = rest
        .iter()
        .fold((first, first), |(min, max), &x| (min.min(x), max.max(x)));
    (quantised(min), quantised(max))
}

/// Beyond full scale, the largest value.
fn quantised(sample: f32) -> i16 {
    (sample * 32_767.0).round() as i16
}

/// Extremes of a whole recording at several resolutions, filled block by block.
#[derive(Debug, Clone, Default)]
pub struct Peaks {
    /// From fine to coarse.
    resolutions: [Extremes; RESOLUTIONS],
    /// Samples that do not fill a bin yet.
    rest: Vec<f32>,
    samples: u64,
}

impl Peaks {
    /// Adds the samples that follow.
    pub fn add(&mut self, mut samples: &[f32]) {
        self.samples += samples.len() as u64;
        while self.rest.len() + samples.len() >= FINEST {
            let (first, after) = samples.split_at(FINEST - self.rest.len());
            self.rest.extend_from_slice(first);
            let bin = least_and_greatest(&self.rest);
            self.rest.clear();
            self.push(bin);
            samples = after;
        }
        self.rest.extend_from_slice(samples);
    }

    /// Takes the samples that fill no bin into account; nothing may be added afterwards.
    pub fn finish(&mut self) {
        if !self.rest.is_empty() {
            let bin = least_and_greatest(&std::mem::take(&mut self.rest));
            self.resolutions[0].push(bin);
        }
        for coarse in 1..RESOLUTIONS {
            let (fine, rest) = self.resolutions.split_at_mut(coarse);
            let (Some(fine), Some(coarse)) = (fine.last(), rest.first_mut()) else {
                return;
            };
            let done = coarse.min.len() * FACTOR;
            if done < fine.min.len() {
                coarse.push(fine.over(done, done + FACTOR));
            }
        }
    }

    fn push(&mut self, bin: (i16, i16)) {
        self.resolutions[0].push(bin);
        for coarse in 1..RESOLUTIONS {
            let fine = &self.resolutions[coarse - 1];
            let length = fine.min.len();
            if length % FACTOR != 0 {
                return;
            }
            let bin = fine.over(length - FACTOR, length);
            self.resolutions[coarse].push(bin);
        }
    }

    /// Number of samples.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// Bytes that it takes in memory, about.
    #[must_use]
    pub fn size(&self) -> usize {
        let bins: usize = self.resolutions.iter().map(|bins| bins.min.len()).sum();
        4 * bins + 256
    }

    /// Whether `bins` stretches of the samples `from..to` are wide enough for the stored
    /// resolutions; if not, [`Extremes::of`] those samples is what is asked for.
    #[must_use]
    pub fn suffices(from: u64, to: u64, bins: usize) -> bool {
        to.saturating_sub(from) / bins.max(1) as u64 >= 2 * FINEST as u64
    }

    /// The extremes of `bins` stretches of equal length that make up the samples `from..to`. An
    /// edge may be off by a quarter of a stretch, so that no sample is left out.
    #[must_use]
    pub fn view(&self, from: u64, to: u64, bins: usize) -> Extremes {
        let to = to.min(self.samples);
        let from = from.min(to);
        let width = (to - from) / bins.max(1) as u64;
        let mut size = FINEST as u64;
        let mut resolution = &self.resolutions[0];
        for coarser in &self.resolutions[1..] {
            if size * FACTOR as u64 * 2 > width {
                break;
            }
            size *= FACTOR as u64;
            resolution = coarser;
        }
        let mut extremes = Extremes::default();
        for bin in 0..bins {
            let (first, last) = edges(to - from, bin, bins);
            let (first, last) = ((from + first) / size, (from + last).div_ceil(size));
            extremes.push(resolution.over(first as usize, last as usize));
        }
        extremes
    }
}
