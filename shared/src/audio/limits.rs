//! How much of an untrusted file is decoded at most.

use super::AudioError;

/// Caps that are checked before anything is allocated or decoded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Longest stretch that is read at once, in seconds.
    pub seconds: f64,
    /// Most channels.
    pub channels: u16,
    /// Lowest sampling rate of a file, in Hz.
    pub lowest_rate: u32,
    /// Highest sampling rate of a file, in Hz.
    pub highest_rate: u32,
    /// Most decoded samples (frames times channels) of a stretch.
    pub samples: u64,
}

impl Default for Limits {
    /// Ten minutes, 32 channels, 1 to 384 kHz, 2^26 samples (more than ten minutes of stereo at
    /// 48 kHz, 256 MB).
    fn default() -> Self {
        Self {
            seconds: 600.0,
            channels: 32,
            lowest_rate: 1_000,
            highest_rate: 384_000,
            samples: 1 << 26,
        }
    }
}

impl Limits {
    /// Checks what a header says.
    pub(super) fn check_header(
        &self,
        file: &str,
        rate: u32,
        channels: usize,
    ) -> Result<(), AudioError> {
        let error = |what, found: f64, limit: f64, hint| {
            Err(AudioError::Limit {
                file: file.to_owned(),
                what,
                found,
                limit,
                hint,
            })
        };
        if channels > usize::from(self.channels) {
            return error(
                "the number of channels",
                channels as f64,
                f64::from(self.channels),
                "mix it down first",
            );
        }
        let (rate, low, high) = (
            f64::from(rate),
            f64::from(self.lowest_rate),
            f64::from(self.highest_rate),
        );
        if rate < low {
            return error("the sampling rate in Hz", rate, low, "resample it first");
        }
        if rate > high {
            return error("the sampling rate in Hz", rate, high, "resample it first");
        }
        Ok(())
    }

    /// Checks a stretch of `frames` frames before it is decoded.
    pub(super) fn check_stretch(
        &self,
        file: &str,
        frames: u64,
        rate: u32,
        channels: u16,
    ) -> Result<(), AudioError> {
        let error = |what, found, limit| {
            let hint = "cut it into segments (columns start and end)";
            Err(AudioError::Limit {
                file: file.to_owned(),
                what,
                found,
                limit,
                hint,
            })
        };
        let seconds = frames as f64 / f64::from(rate);
        if seconds > self.seconds {
            return error("the length in seconds", seconds, self.seconds);
        }
        let samples = frames.saturating_mul(u64::from(channels));
        if samples > self.samples {
            return error("the number of samples", samples as f64, self.samples as f64);
        }
        Ok(())
    }
}
