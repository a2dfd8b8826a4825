//! Whether anybody speaks: a look for voiced sounds.

/// Samples of which one is made: voices are looked for at 4 kHz.
const STEP: usize = 4;
/// A frame, in samples at 4 kHz: 40 ms, two periods of the deepest voice.
const FRAME: usize = 160;
/// From frame to frame: 10 ms.
const HOP: usize = 40;
/// Periods of voices, in samples at 4 kHz: 400 to 60 Hz.
const PERIODS: std::ops::RangeInclusive<usize> = 10..=66;
/// Normalised autocorrelation at the period from which a frame is voiced. In white noise the largest value of a
/// frame of that length stays below 0.5 nearly always.
const PERIODIC: f64 = 0.6;
/// Frames that are softer than this are not looked at: -60 dB of full scale.
const SOFTEST: f64 = 1e-3;
/// Voiced frames in a row that make a voice: 60 ms, about the shortest vowel.
const FEWEST: usize = 6;

/// Whether `samples` (mono, [`super::RATE`]) hold a voiced sound of 60 ms or more: frames of 40 ms, louder than -60 dB of
/// full scale, that repeat themselves with a period of 60 to 400 Hz, by the normalised autocorrelation at 4 kHz.
///
/// It finds what is spoken or sung aloud, and takes any other tone of such a pitch for it; whispering, noise, clicks
/// and silence have no such period.
#[must_use]
pub fn has_voice(samples: &[f32]) -> bool {
    let slow: Vec<f64> = samples
        .chunks_exact(STEP)
        .map(|chunk| chunk.iter().map(|&x| f64::from(x)).sum::<f64>() / STEP as f64)
        .collect();
    let mut row = 0;
    let mut start = 0;
    let last = *PERIODS.end();
    while start + FRAME + last <= slow.len() {
        let window = &slow[start..start + FRAME + last];
        row = if is_voiced(window) { row + 1 } else { 0 };
        if row >= FEWEST {
            return true;
        }
        start += HOP;
    }
    false
}

/// Whether the frame at the start of `window` comes again after a period.
fn is_voiced(window: &[f64]) -> bool {
    let mean = window.iter().sum::<f64>() / window.len() as f64;
    let window: Vec<f64> = window.iter().map(|x| x - mean).collect();
    let frame = &window[..FRAME];
    let energy: f64 = frame.iter().map(|x| x * x).sum();
    if (energy / FRAME as f64).sqrt() < SOFTEST {
        return false;
    }
    let correlation = |lag: usize| {
        let later = &window[lag..lag + FRAME];
        let other: f64 = later.iter().map(|x| x * x).sum();
        let product: f64 = frame.iter().zip(later).map(|(a, b)| a * b).sum();
        product / (energy * other).sqrt().max(f64::MIN_POSITIVE)
    };
    // A slow drift is like itself at every lag; what repeats itself is unlike itself in between.
    let mut lowest = 1.0_f64;
    for lag in 1..=*PERIODS.end() {
        let value = correlation(lag);
        if PERIODS.contains(&lag) && value >= PERIODIC && lowest < value - 0.3 {
            return true;
        }
        lowest = lowest.min(value);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::RATE;
    use rand::{Rng, SeedableRng};
    use std::f64::consts::TAU;

    fn signal(seconds: f64, value: impl FnMut(f64) -> f64) -> Vec<f32> {
        let count = (seconds * f64::from(RATE)) as usize;
        let times = (0..count).map(|i| i as f64 / f64::from(RATE));
        times.map(value).map(|x| x as f32).collect()
    }

    /// Pulses through two resonances, roughly a vowel.
    fn vowel(pitch: f64, seconds: f64) -> Vec<f32> {
        signal(seconds, |t| {
            let harmonics = (1..=20).map(|n| {
                let f = pitch * f64::from(n);
                let formant = |at: f64| 1.0 / (1.0 + ((f - at) / 120.0).powi(2));
                (formant(500.0) + 0.5 * formant(1500.0)) * (TAU * f * t).sin()
            });
            0.05 * harmonics.sum::<f64>()
        })
    }

    #[test]
    fn vowels_are_voice() {
        for pitch in [70.0, 110.0, 200.0, 350.0] {
            assert!(has_voice(&vowel(pitch, 0.3)), "{pitch} Hz");
            let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
            let mut noisy = signal(0.5, |_| random.random_range(-0.01..0.01));
            for (x, y) in noisy[3000..].iter_mut().zip(vowel(pitch, 0.15)) {
                *x += y;
            }
            assert!(has_voice(&noisy), "{pitch} Hz in noise");
        }
    }

    #[test]
    fn silence_noise_clicks_and_drift_are_none() {
        assert!(!has_voice(&[]));
        assert!(!has_voice(&vec![0.0; 16_000]));
        assert!(!has_voice(&vec![0.3; 16_000]));
        assert!(
            !has_voice(&signal(1.0, |t| 0.5 * (TAU * 20.0 * t).sin())),
            "below every voice"
        );
        assert!(!has_voice(&signal(1.0, |t| t)));
        for seed in 0..20 {
            let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
            assert!(
                !has_voice(&signal(3.0, |_| random.random_range(-0.5..0.5))),
                "noise {seed}"
            );
        }
        let mut clicks = vec![0.0_f32; 16_000];
        clicks[4000] = 1.0;
        clicks[9000] = -1.0;
        assert!(!has_voice(&clicks));
        let soft: Vec<f32> = vowel(120.0, 0.5).iter().map(|x| x * 1e-4).collect();
        assert!(!has_voice(&soft));
    }
}
