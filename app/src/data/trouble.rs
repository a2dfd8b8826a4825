//! What is wrong with a recording, or must be done to it before a model hears it.

use super::{files::Known, sheet::Sheet};

/// Shortest stretch that makes a frame of a model, in seconds: 400 samples at 16 kHz.
const SHORTEST: f64 = 0.025;

/// One thing that is wrong or must be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    Missing,
    Unreadable,
    Silent,
    Clipped,
    Short,
    Resampled,
    Mixed,
}

impl Trouble {
    pub(super) const ALL: [Self; 7] = [
        Self::Missing,
        Self::Unreadable,
        Self::Silent,
        Self::Clipped,
        Self::Short,
        Self::Resampled,
        Self::Mixed,
    ];

    /// In a word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Missing => "not here",
            Self::Unreadable => "unreadable",
            Self::Silent => "silent",
            Self::Clipped => "clipped",
            Self::Short => "too short",
            Self::Resampled => "resampled",
            Self::Mixed => "mixed to mono",
        }
    }

    /// Whether something is wrong, and not only to be done.
    pub(super) fn is_wrong(self) -> bool {
        !matches!(self, Self::Resampled | Self::Mixed | Self::Missing)
    }

    /// All that hold for a row.
    pub(super) fn of(sheet: &Sheet, row: usize, known: Option<&Known>) -> Vec<Self> {
        let Some(known) = known else {
            return vec![Self::Missing];
        };
        let found = match &known.found {
            None => return Vec::new(),
            Some(Err(_)) => return vec![Self::Unreadable],
            Some(Ok(found)) => found,
        };
        let start = sheet.seconds(row, "start").unwrap_or(0.0);
        let end = sheet.seconds(row, "end").unwrap_or(found.seconds);
        let mut all = Vec::new();
        let mut add = |holds: bool, trouble| {
            if holds {
                all.push(trouble);
            }
        };
        add(found.is_silent(), Self::Silent);
        add(found.is_clipped(), Self::Clipped);
        add(end.min(found.seconds) - start < SHORTEST, Self::Short);
        add(found.rate != shared::audio::RATE, Self::Resampled);
        add(found.channels > 1, Self::Mixed);
        all
    }
}
