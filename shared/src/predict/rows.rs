//! What the table of predictions will have a line for.

use crate::{audio::window_count, data::Utterance};
use std::ops::Range;

/// Audio of a chunk, in seconds: 64 MB of samples.
const CHUNK_SECONDS: f64 = 1000.0;

/// Batches of a chunk; clips of similar length are put together within it.
const CHUNK_BATCHES: usize = 16;

/// Stretches of recordings, one a line of the table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// The stretches.
    pub utterances: Vec<Utterance>,
    /// Their lengths in seconds.
    pub seconds: Vec<f64>,
    /// Class index in the model's order, or value in the table's unit, where it is known.
    pub truths: Vec<Option<f64>>,
}

impl Rows {
    /// Rows without known truth.
    #[must_use]
    pub fn new(utterances: Vec<Utterance>, seconds: Vec<f64>) -> Self {
        let truths = vec![None; utterances.len()];
        Self {
            utterances,
            seconds,
            truths,
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.utterances.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.utterances.is_empty()
    }

    /// Start and end of a row in its file, in seconds.
    #[must_use]
    pub fn times(&self, row: usize) -> (f64, f64) {
        let utterance = &self.utterances[row];
        let end = utterance.end.unwrap_or(utterance.start + self.seconds[row]);
        (utterance.start, end)
    }

    /// One row for each of the [`windows`] of each row. A window has the truth of its recording.
    #[must_use]
    pub fn timeline(&self, window: f64, hop: f64) -> Self {
        let mut rows = Self::default();
        for ((utterance, seconds), truth) in
            self.utterances.iter().zip(&self.seconds).zip(&self.truths)
        {
            for (from, to) in windows(*seconds, window, hop) {
                rows.utterances.push(Utterance {
                    start: nanoseconds(utterance.start + from),
                    end: Some(nanoseconds(utterance.start + to)),
                    ..utterance.clone()
                });
                rows.seconds.push(to - from);
                rows.truths.push(*truth);
            }
        }
        rows
    }

    /// The rows that `keep` says, by their numbers.
    pub fn retain(&mut self, mut keep: impl FnMut(usize) -> bool) {
        let flags: Vec<bool> = (0..self.len()).map(&mut keep).collect();
        let mut at = flags.iter();
        self.utterances.retain(|_| at.next() == Some(&true));
        let mut at = flags.iter();
        self.seconds.retain(|_| at.next() == Some(&true));
        let mut at = flags.iter();
        self.truths.retain(|_| at.next() == Some(&true));
    }
}

/// Windows of `window` seconds, `hop` seconds apart, over `seconds` of sound: (start, end) each.
///
/// Every one is whole and none of the sound is left out (but between windows, where `hop` is longer
/// than `window`): the last one ends with the sound, so it may begin less than a hop after the one
/// before. Sound that is not longer than a window is one window.
#[must_use]
pub fn windows(seconds: f64, window: f64, hop: f64) -> Vec<(f64, f64)> {
    let whole = |seconds: f64| (seconds * 1e9).round().max(0.0) as u64;
    let back = |time: u64| time as f64 / 1e9;
    let (all, window, hop) = (whole(seconds), whole(window).max(1), whole(hop).max(1));
    if all <= window {
        return vec![(0.0, seconds)];
    }
    let last = all - window;
    let starts = (0..=last / hop).map(|index| index * hop);
    let rest = (last % hop != 0).then_some(last);
    starts
        .chain(rest)
        .map(|start| (back(start), back(start + window)))
        .collect()
}

/// A time without what arithmetic leaves in the last binary digits.
fn nanoseconds(seconds: f64) -> f64 {
    (seconds * 1e9).round() / 1e9
}

/// Rows that are decoded and predicted together: as many as fill some batches of `batch_size` clips,
/// fewer where they are long. The model sees at most `windows` clips of `max_duration` seconds of one.
#[must_use]
pub fn chunks(
    seconds: &[f64],
    batch_size: usize,
    max_duration: f64,
    windows: usize,
) -> Vec<Range<usize>> {
    let most = batch_size.max(1).saturating_mul(CHUNK_BATCHES);
    let mut chunks = Vec::new();
    let (mut first, mut sum) = (0, 0.0);
    for (row, length) in seconds.iter().enumerate() {
        let clips = window_count(*length, max_duration, windows) as f64;
        let read = length.min(max_duration) * clips;
        if row > first && (row - first >= most || sum + read > CHUNK_SECONDS) {
            chunks.push(first..row);
            (first, sum) = (row, 0.0);
        }
        sum += read;
    }
    if first < seconds.len() {
        chunks.push(first..seconds.len());
    }
    chunks
}
