//! Which part of a clip that is longer than the model's input is taken.

/// The part of a clip that is taken when it is longer than the longest allowed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Window {
    /// The beginning, as Nkululeko does it.
    Head,
    /// At this share, 0 to 1, of the possible starts.
    Random(f64),
    /// The `index`-th of `count` windows spread evenly from the beginning to the end; of a single
    /// one, the beginning.
    Even {
        /// 0 to `count` - 1.
        index: usize,
        /// Windows of the clip.
        count: usize,
    },
}

impl Window {
    /// First sample of the window in a clip of `length` samples of which `taken` are taken.
    pub(super) fn start(self, length: u64, taken: u64) -> u64 {
        let spare = length.saturating_sub(taken);
        let start = match self {
            Self::Head => 0.0,
            Self::Random(position) => position * (spare + 1) as f64,
            Self::Even { count: 0 | 1, .. } => 0.0,
            Self::Even { index, count } => {
                (index as f64 / (count - 1) as f64 * spare as f64).round()
            }
        };
        (start.max(0.0) as u64).min(spare)
    }
}

/// A time without what arithmetic on seconds leaves in the last binary digits.
fn nanoseconds(seconds: f64) -> f64 {
    (seconds * 1e9).round()
}

/// Windows of at most `max_seconds` that a clip of `seconds` has when `wanted` are asked for: one
/// if it fits into a window, and never fewer than one.
#[must_use]
pub fn window_count(seconds: f64, max_seconds: f64, wanted: usize) -> usize {
    if nanoseconds(seconds) > nanoseconds(max_seconds) {
        wanted.max(1)
    } else {
        1
    }
}
