//! What a look at all of a recording shows: what must be done to it, and what is wrong with it.

use super::{AudioError, Levels, Limits, RATE, outline, probe};
use crate::files::Files;
use serde::{Deserialize, Serialize};

/// Longest recording of which all is decoded to be inspected, in seconds.
const LONGEST: f64 = 3_600.0;

/// What a recording is, and how loud.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    /// Sampling rate of the file in Hz.
    pub rate: u32,
    /// Channels of the file.
    pub channels: u16,
    /// Length in seconds.
    pub seconds: f64,
    /// Short name of the container, for instance `wave`.
    pub format: String,
    /// Levels, if it is short enough to have been decoded for that.
    pub levels: Option<Loudness>,
}

/// Levels of all channels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Loudness {
    /// Largest absolute value; full scale is 1.
    pub peak: f32,
    /// Share of samples in runs at full scale, 0 to 1.
    pub clipped: f64,
}

impl From<Levels> for Loudness {
    fn from(levels: Levels) -> Self {
        Self {
            peak: levels.peak,
            clipped: levels.clipped_share(),
        }
    }
}

/// Looks at all of a recording.
///
/// # Errors
/// As [`probe`] and [`super::read_clip`]: it is no recording, damaged, or beyond `limits`.
pub fn inspect(files: &dyn Files, file: &str, limits: &Limits) -> Result<Inspection, AudioError> {
    let probed = probe(files, file, limits)?;
    let levels = if probed.seconds <= LONGEST {
        Some(outline(files, file, LONGEST, limits)?.levels.into())
    } else {
        None
    };
    Ok(Inspection {
        rate: probed.rate,
        channels: probed.channels,
        seconds: probed.seconds,
        format: probed.format.to_owned(),
        levels,
    })
}

impl Inspection {
    /// What is done to it before a model hears it: resampled, mixed.
    #[must_use]
    pub fn changes(&self) -> Vec<String> {
        let mut changes = Vec::new();
        if self.rate != RATE {
            let from = f64::from(self.rate) / 1_000.0;
            changes.push(format!("resampled from {from} kHz"));
        }
        if self.channels > 1 {
            changes.push(format!("mixed to mono from {} channels", self.channels));
        }
        changes
    }

    /// Whether there is nothing in it but zeros.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.levels.is_some_and(|levels| levels.peak == 0.0)
    }

    /// Whether it was recorded too loud.
    #[must_use]
    pub fn is_clipped(&self) -> bool {
        self.levels.is_some_and(|levels| levels.clipped > 0.0)
    }
}
