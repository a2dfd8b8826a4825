//! What a recording is, without decoding all of it.

use super::{
    AudioError, Limits, Stretch,
    clip::check_stretch,
    decode::{Decoder, guarded},
    resample::resampled_length,
};
use crate::files::Files;

/// What a file says about itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probe {
    /// Sampling rate in Hz.
    pub rate: u32,
    /// Number of channels.
    pub channels: u16,
    /// Length in seconds.
    pub seconds: f64,
    /// Short name of the container, for instance `wave`.
    pub format: &'static str,
}

impl Probe {
    /// Samples at [`super::RATE`] that [`super::read_clip`] makes of the whole file.
    #[must_use]
    pub fn samples(&self) -> u64 {
        let frames = (self.seconds * f64::from(self.rate)).round() as u64;
        resampled_length(frames, self.rate)
    }

    /// Whether a stretch of the file can be read by [`super::read_clip`], as far as times go.
    ///
    /// # Errors
    /// It has no samples, or lies outside of the recording.
    pub fn check(&self, stretch: &Stretch<'_>) -> Result<(), AudioError> {
        let frames = (self.seconds * f64::from(self.rate)).round() as u64;
        check_stretch(stretch, frames, self.rate)
    }
}

/// Reads the header of `file` and the end of its sound, so that a length is reported only if the
/// file has it.
///
/// # Errors
/// No sound file, nothing in it, damaged or cut off, or beyond `limits`.
pub fn probe(files: &dyn Files, file: &str, limits: &Limits) -> Result<Probe, AudioError> {
    guarded(file, || {
        let mut decoder = Decoder::open(files, file, limits)?;
        let frames = decoder.frames;
        match decoder.read(frames - 1, frames, |_| Ok(())) {
            Ok(()) => decoder.check_end(files)?,
            // The last frame was asked for; what is there ends earlier.
            Err(AudioError::CutOff { .. }) => {
                Decoder::open(files, file, limits)?.read(0, frames, |_| Ok(()))?;
            }
            Err(error) => return Err(error),
        }
        Ok(Probe {
            rate: decoder.rate,
            channels: decoder.channels,
            seconds: frames as f64 / f64::from(decoder.rate),
            format: decoder.format_name(),
        })
    })
}
