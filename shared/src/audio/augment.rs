//! Random changes to a clip that is trained on: speed, noise, gain, a stretch of silence.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use std::f64::consts::{PI, TAU};

/// Zero crossings of the interpolating sinc on each side.
const LOBES: f64 = 16.0;

/// What may be changed; everything is off by default. Of each range a value is drawn evenly.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Augmentation {
    /// Probability of each change that is on, for each clip, 0 to 1.
    pub probability: f64,
    /// Range of the signal-to-noise ratio of white noise, in dB.
    pub noise: Option<(f64, f64)>,
    /// Range of the gain, in dB.
    pub gain: Option<(f64, f64)>,
    /// Range of the factor by which a clip is faster (and higher), by resampling.
    pub speed: Option<(f64, f64)>,
    /// Greatest share of a clip that is silenced in one stretch, 0 to 1.
    pub time_mask: f64,
}

impl Augmentation {
    /// Whether anything may be changed.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.probability > 0.0
            && (self.noise.is_some()
                || self.gain.is_some()
                || self.speed.is_some()
                || self.time_mask > 0.0)
    }

    /// `samples` with changes that follow from `seed` alone; never longer than `longest` samples,
    /// and never empty unless `samples` is.
    #[must_use]
    pub fn apply(&self, samples: &[f32], longest: usize, seed: u64) -> Vec<f32> {
        if samples.is_empty() {
            return Vec::new();
        }
        // Each has numbers of its own, so that one key does not change what another one draws.
        let stream = |number: u64| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(number);
            let acts = rng.random::<f64>() < self.probability;
            acts.then_some(rng)
        };
        let (speed, mask, noise, gain) = (stream(0), stream(1), stream(2), stream(3));

        let mut samples = match (self.speed, speed) {
            (Some(range), Some(mut rng)) => faster(samples, between(range, &mut rng)),
            _ => samples.to_vec(),
        };
        samples.truncate(longest.max(1));
        if let Some(mut rng) = mask.filter(|_| self.time_mask > 0.0) {
            silence(&mut samples, self.time_mask, &mut rng);
        }
        if let (Some(range), Some(mut rng)) = (self.noise, noise) {
            let ratio = between(range, &mut rng);
            add_noise(&mut samples, ratio, &mut rng);
        }
        if let (Some(range), Some(mut rng)) = (self.gain, gain) {
            let factor = 10_f64.powf(between(range, &mut rng) / 20.0) as f32;
            samples.iter_mut().for_each(|sample| *sample *= factor);
        }
        samples
    }
}

fn between((low, high): (f64, f64), rng: &mut ChaCha8Rng) -> f64 {
    low + (high - low) * rng.random::<f64>()
}

/// Sets one stretch of at most `share` of the clip to 0.
fn silence(samples: &mut [f32], share: f64, rng: &mut ChaCha8Rng) {
    let width = (rng.random::<f64>() * share * samples.len() as f64) as usize;
    let start = (rng.random::<f64>() * (samples.len() - width + 1) as f64) as usize;
    let start = start.min(samples.len() - width);
    samples[start..start + width].fill(0.0);
}

/// Adds white Gaussian noise whose power is `ratio` dB below the clip's. Silence stays silent.
fn add_noise(samples: &mut [f32], ratio: f64, rng: &mut ChaCha8Rng) {
    let power: f64 = samples.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>();
    let power = power / samples.len().max(1) as f64;
    let deviation = (power / 10_f64.powf(ratio / 10.0)).sqrt();
    for sample in samples {
        // Box and Muller.
        let (u, v) = (1.0 - rng.random::<f64>(), rng.random::<f64>());
        let gauss = (-2.0 * u.ln()).sqrt() * (TAU * v).cos();
        *sample += (deviation * gauss) as f32;
    }
}

/// The clip at `factor` times its speed: its value every `factor` samples, by a sinc that ends in a
/// Hann window and that passes no frequency which the result cannot have.
fn faster(samples: &[f32], factor: f64) -> Vec<f32> {
    let length = ((samples.len() as f64 / factor).round() as usize).max(1);
    let band = factor.recip().min(1.0);
    let reach = LOBES / band;
    let kernel = |distance: f64| {
        if distance == 0.0 {
            return band;
        }
        let x = PI * band * distance;
        let window = 0.5 * (1.0 + (PI * distance / reach).cos());
        band * x.sin() / x * window
    };
    (0..length)
        .map(|index| {
            let place = index as f64 * factor;
            let first = (place - reach).ceil().max(0.0) as usize;
            let last = ((place + reach).floor() as usize).min(samples.len().saturating_sub(1));
            let sum: f64 = (first..=last)
                .map(|at| f64::from(samples[at]) * kernel(at as f64 - place))
                .sum();
            sum as f32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::RATE;

    fn tone(hertz: f64, length: usize) -> Vec<f32> {
        let at = |i| (TAU * hertz * i as f64 / f64::from(RATE)).sin() as f32;
        (0..length).map(at).collect()
    }

    fn power(samples: &[f32]) -> f64 {
        samples.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / samples.len() as f64
    }

    fn always() -> Augmentation {
        Augmentation {
            probability: 1.0,
            ..Augmentation::default()
        }
    }

    #[test]
    fn a_faster_tone_is_a_higher_one() {
        for factor in [0.5, 0.9, 1.0, 1.1, 1.7] {
            let found = faster(&tone(440.0, 8000), factor);
            let wanted = tone(440.0 * factor, found.len());
            assert_eq!(found.len(), (8000.0 / factor).round() as usize);
            // The ends have no neighbours.
            let inner = 100..found.len() - 100;
            let off = inner.map(|i| f64::from(found[i] - wanted[i]).abs());
            let off = off.fold(0.0, f64::max);
            assert!(off < 2e-3, "{factor}: {off}");
        }
        // What would fold back is gone.
        let high = faster(&tone(7000.0, 8000), 1.5);
        assert!(power(&high[200..high.len() - 200]) < 1e-3);
    }

    #[test]
    fn noise_has_the_ratio_that_is_asked_for() {
        let clip = tone(300.0, 40_000);
        for ratio in [-10.0, 0.0, 20.0] {
            let one = Augmentation {
                noise: Some((ratio, ratio)),
                ..always()
            };
            let noisy = one.apply(&clip, 40_000, 3);
            let noise: Vec<f32> = noisy.iter().zip(&clip).map(|(a, b)| a - b).collect();
            let found = 10.0 * (power(&clip) / power(&noise)).log10();
            assert!((found - ratio).abs() < 0.2, "{ratio}: {found}");
        }
        let silence = vec![0.0; 100];
        let one = Augmentation {
            noise: Some((5.0, 5.0)),
            ..always()
        };
        assert_eq!(one.apply(&silence, 100, 1), silence);
    }

    #[test]
    fn gain_and_mask_stay_in_their_ranges() {
        let clip = vec![1.0_f32; 1000];
        let one = Augmentation {
            gain: Some((-6.0, 6.0)),
            time_mask: 0.2,
            ..always()
        };
        let (mut widest, mut gains) = (0, Vec::new());
        for seed in 0..200 {
            let found = one.apply(&clip, 1000, seed);
            let silent = found.iter().filter(|x| **x == 0.0).count();
            let loud = found.iter().copied().fold(0.0, f32::max);
            widest = widest.max(silent);
            gains.push(20.0 * f64::from(loud).log10());
        }
        assert!((150..=200).contains(&widest), "{widest}");
        let (low, high) = gains
            .iter()
            .fold((f64::MAX, f64::MIN), |(l, h), g| (l.min(*g), h.max(*g)));
        assert!((-6.01..-5.0).contains(&low) && (5.0..6.01).contains(&high));
    }

    #[test]
    fn a_seed_says_it_all_and_keys_do_not_meet() {
        let clip = tone(200.0, 3000);
        let one = Augmentation {
            probability: 0.5,
            noise: Some((0.0, 20.0)),
            gain: Some((-3.0, 3.0)),
            speed: Some((0.8, 1.2)),
            time_mask: 0.3,
        };
        let (mut same, mut lengths) = (0, Vec::new());
        for seed in 0..40 {
            let found = one.apply(&clip, 3000, seed);
            assert_eq!(found, one.apply(&clip, 3000, seed));
            assert!(!found.is_empty() && found.len() <= 3000);
            same += usize::from(found == clip);
            lengths.push(found.len());
            let speed = Augmentation {
                noise: None,
                gain: None,
                time_mask: 0.0,
                ..one.clone()
            };
            assert_eq!(speed.apply(&clip, 3000, seed).len(), found.len());
        }
        // One in sixteen keeps everything.
        assert!(same < 15 && lengths.iter().any(|n| *n < 3000));
        assert!(!Augmentation::default().is_on() && one.is_on());
        assert_eq!(one.apply(&[0.5], 1, 7).len(), 1);
        assert!(one.apply(&[], 10, 7).is_empty());
    }
}
