//! Spectrograms as phoneticians know them from Praat.
//!
//! Of samples at [`RATE`]: pre-emphasis from 50 Hz (y[n] = x[n] - exp(-2 pi 50 / rate) x[n-1], 6
//! dB an octave), then Fourier transforms under a Gaussian window of 5 ms effective length, which
//! physically is twice as long: w = (exp(-48 u^2) - exp(-12)) / (1 - exp(-12)) with u from -0.5 to
//! 0.5 over the window, and the power in each line up to 5 kHz as a one-sided density. Length of the
//! window and highest frequency can be chosen, as in Praat's spectrogram settings.

use super::super::RATE;
use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};
use std::{f64::consts::TAU, sync::Arc};

/// Effective length of Praat's usual window, in seconds.
const WINDOW: f64 = 0.005;
/// Highest frequency that Praat usually shows, in Hz.
const HIGHEST: f64 = 5_000.0;
/// Points of a transform.
const POINTS: usize = 1024;
/// Lines of the usual spectrogram, from 0 Hz up to 5 kHz.
pub const ROWS: usize = 320;
/// Distance of two lines in Hz.
pub const ROW_HZ: f64 = RATE as f64 / POINTS as f64;
/// From where on pre-emphasis raises, in Hz.
const EMPHASIS: f64 = 50.0;
/// Most transforms that are averaged for a column.
const MOST_FRAMES: f64 = 8.0;
/// Distance of transforms, in seconds, below which more of them show nothing more: Praat's.
const FRAME_STEP: f64 = 0.002;
/// Square of the threshold of hearing, in Pa^2: 0 dB, if full scale is 1 Pa.
const REFERENCE: f64 = 4.0e-10;

/// A stretch of a spectrogram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Number of columns; each has as many values as [`Spectrogram::rows`] says.
    pub columns: usize,
    /// Levels, column after column, each from 0 Hz upwards: (dB + 40) * 2, from 0 to 255. dB are
    /// those of Praat, re 2e-5 Pa a root Hz with full scale being 1 Pa; only differences matter.
    pub levels: Vec<u8>,
}

impl Tile {
    /// Level in dB of a byte.
    #[must_use]
    pub fn decibels(level: u8) -> f64 {
        f64::from(level) / 2.0 - 40.0
    }

    fn level(power: f64) -> u8 {
        let decibels = 10.0 * (power / REFERENCE + 1e-30).log10();
        ((decibels + 40.0) * 2.0).round() as u8
    }
}

/// Computes tiles; holds the tables of the transform.
pub struct Spectrogram {
    transform: Arc<dyn RealToComplex<f64>>,
    window: Vec<f64>,
    /// Density of a line whose squared magnitude is 1, in 1/Hz.
    density: f64,
    /// Half of the window in samples: its effective length is half of its physical one, of which
    /// two samples at the edges are nothing.
    half: usize,
    rows: usize,
}

impl Default for Spectrogram {
    /// Praat's: a window of 5 ms, up to 5 kHz.
    fn default() -> Self {
        Self::new(WINDOW, HIGHEST)
    }
}

impl Spectrogram {
    /// With a window of this effective length in seconds (3 to 30 ms; a longer one shows harmonics,
    /// a shorter one glottal pulses), up to this frequency in Hz (at most half of [`RATE`]).
    #[must_use]
    pub fn new(window: f64, highest: f64) -> Self {
        let half = ((window * f64::from(RATE)).floor() as usize).clamp(3, POINTS / 2) - 1;
        let length = 2 * half;
        let edge = (-12.0f64).exp();
        let window: Vec<f64> = (0..length)
            .map(|n| (n as f64 - (length - 1) as f64 / 2.0) / length as f64)
            .map(|u| ((-48.0 * u * u).exp() - edge) / (1.0 - edge))
            .collect();
        let energy: f64 = window.iter().map(|w| w * w).sum();
        Self {
            transform: RealFftPlanner::new().plan_fft_forward(POINTS),
            window,
            density: 2.0 / (f64::from(RATE) * energy),
            half,
            rows: ((highest / ROW_HZ) as usize).clamp(1, POINTS / 2),
        }
    }

    /// Lines of a column, [`ROW_HZ`] apart, from 0 Hz on.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The samples, from the one to the other without it, that a tile of `columns` from `start` on
    /// with `step` seconds a column needs; those outside of the recording are silence.
    #[must_use]
    pub fn needed(&self, start: f64, step: f64, columns: usize) -> (u64, u64) {
        let end = start + step * columns as f64;
        let first = (start * f64::from(RATE)).floor() - self.half as f64 - 1.0;
        let last = (end * f64::from(RATE)).ceil() + self.half as f64 + 1.0;
        (first.max(0.0) as u64, last.max(0.0) as u64)
    }

    /// A tile; `samples` begin with sample `first` of the recording, at [`RATE`].
    ///
    /// A column is the mean power of the transforms in its middle; of up to eight spread evenly
    /// over it, where it lasts longer than the 2 ms that Praat has between two.
    #[must_use]
    pub fn tile(&self, samples: &[f32], first: u64, start: f64, step: f64, columns: usize) -> Tile {
        let frames = (step / FRAME_STEP).round().clamp(1.0, MOST_FRAMES);
        let mut levels = Vec::with_capacity(columns * self.rows);
        let mut buffer = self.transform.make_input_vec();
        let mut lines = self.transform.make_output_vec();
        let mut scratch = self.transform.make_scratch_vec();
        let mut power = vec![0.0f64; self.rows];
        for column in 0..columns {
            power.fill(0.0);
            for frame in 0..frames as usize {
                let at = start + step * (column as f64 + (frame as f64 + 0.5) / frames);
                self.window(samples, first, at, &mut buffer);
                // The buffers have the lengths that the plan made them with.
                let _ = self
                    .transform
                    .process_with_scratch(&mut buffer, &mut lines, &mut scratch);
                for (sum, line) in power.iter_mut().zip(&lines) {
                    *sum += Complex::norm_sqr(line);
                }
            }
            levels.extend(
                power
                    .iter()
                    .map(|sum| Tile::level(sum * self.density / frames)),
            );
        }
        Tile { columns, levels }
    }

    /// The samples around `at` seconds with pre-emphasis under the window, then zeros.
    fn window(&self, samples: &[f32], first: u64, at: f64, buffer: &mut [f64]) {
        let emphasis = (-TAU * EMPHASIS / f64::from(RATE)).exp();
        // Arithmetic on times leaves a sample's own time a little before or after it.
        let left = (at * f64::from(RATE) + 1e-6).floor() as i64;
        let begin = left + 1 - self.half as i64 - first as i64;
        let sample = |index: i64| {
            let found = usize::try_from(index).ok().and_then(|at| samples.get(at));
            found.map(|&sample| f64::from(sample))
        };
        buffer.fill(0.0);
        let mut before = sample(begin - 1).unwrap_or(0.0);
        for (index, (value, weight)) in buffer.iter_mut().zip(&self.window).enumerate() {
            // The filter's answer to the last sample would lie beyond the recording.
            let Some(x) = sample(begin + index as i64) else {
                continue;
            };
            *value = (x - emphasis * before) * weight;
            before = x;
        }
    }
}
