//! Any sampling rate to [`RATE`].
//!
//! A linear-phase low-pass (windowed sinc, Blackman-Harris squared) as long as an FFT block of
//! `rubato`; the output has no delay. Output sample `j` of a recording lies at `j / 16000` s, and
//! a recording of `n` samples gives `ceil(n * 16000 / rate)`.

use super::RATE;
use rubato::{
    Fft, FixedSync, Resampler, WindowFunction, audioadapter_buffers::direct::InterleavedSlice,
};
use std::cell::RefCell;

/// Shortest filter, in samples of the file and of the result: 32 ms at 16 kHz, so that the
/// transition to the stop band takes about 2 % of the band.
const SHORTEST_FILTER: u64 = 512;

thread_local! {
    /// The resampler used last on this thread: planning its FFT costs more than a clip.
    static LAST: RefCell<Option<(u32, Fft<f32>)>> = const { RefCell::new(None) };
}

/// What has to be decoded for a stretch of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    /// Sampling rate of the file.
    rate: u32,
    /// First frame of the file to decode.
    pub(super) from: u64,
    /// One after the last frame of the file to decode.
    pub(super) to: u64,
    /// Samples of the result before the stretch.
    skip: u64,
    /// Samples of the stretch.
    take: u64,
}

/// Length at [`RATE`] of `frames` frames at `rate`.
pub(super) fn resampled_length(frames: u64, rate: u32) -> u64 {
    (u128::from(frames) * u128::from(RATE)).div_ceil(u128::from(rate)) as u64
}

/// Smallest blocks of input and output that last equally long.
fn unit(rate: u32) -> (u64, u64) {
    let (mut a, mut b) = (rate, RATE);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    (u64::from(rate / a), u64::from(RATE / a))
}

/// Filter length in frames of the file: an even number of units, so that its middle is a sample.
fn filter_length(rate: u32) -> u64 {
    let (input, output) = unit(rate);
    2 * input * SHORTEST_FILTER.div_ceil(2 * input.min(output))
}

impl Plan {
    /// Plans samples `start..end` at [`RATE`] of a recording of `frames` frames at `rate`.
    pub(super) fn new(rate: u32, frames: u64, start: u64, end: u64) -> Self {
        let take = end - start;
        if rate == RATE {
            return Self {
                rate,
                from: start,
                to: end.min(frames),
                skip: 0,
                take,
            };
        }
        let (input, output) = unit(rate);
        let context = filter_length(rate);
        // Input and output meet at whole units only.
        let first = (start / output).saturating_sub(context / 2 / input + 1);
        let last = end.div_ceil(output) * input + context / 2 + 1;
        Self {
            rate,
            from: first * input,
            to: last.min(frames),
            skip: start - first * output,
            take,
        }
    }

    /// The stretch, of the mono samples `from..to` of the file.
    pub(super) fn run(&self, mono: Vec<f32>) -> Vec<f32> {
        if self.rate == RATE {
            return mono;
        }
        let mut samples = LAST.with_borrow_mut(|last| match last {
            Some((rate, resampler)) if *rate == self.rate => convert(resampler, &mono),
            _ => {
                let length = filter_length(self.rate) as usize;
                let window = WindowFunction::BlackmanHarris2;
                let (from, to) = (self.rate as usize, RATE as usize);
                // Neither rate nor length is 0, the only reasons to fail.
                let Ok(resampler) =
                    Fft::new_custom(from, to, length, 1, 1, window, FixedSync::Both)
                else {
                    return Vec::new();
                };
                convert(&mut last.insert((self.rate, resampler)).1, &mono)
            }
        });
        samples.truncate((self.skip + self.take) as usize);
        samples.split_off((self.skip as usize).min(samples.len()))
    }
}

fn convert(resampler: &mut Fft<f32>, mono: &[f32]) -> Vec<f32> {
    let Ok(input) = InterleavedSlice::new(mono, 1, mono.len()) else {
        return Vec::new();
    };
    resampler
        .process_all(&input, mono.len(), None)
        .map(|output| output.take_data())
        .unwrap_or_default()
}
