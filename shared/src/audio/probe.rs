//! What a recording is, without decoding all of it.

use super::{
    AudioError, Limits,
    decode::{Decoder, guarded},
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

/// Reads the header of `file` and the end of its sound, so that a length is reported only if the
/// file has it.
///
/// # Errors
/// No sound file, nothing in it, damaged or cut off, or beyond `limits`.
pub fn probe(files: &dyn Files, file: &str, limits: &Limits) -> Result<Probe, AudioError> {
    guarded(file, || {
        let mut decoder = Decoder::open(files, file, limits)?;
        let frames = decoder.frames;
        decoder.read(frames - 1, frames, |_| Ok(()))?;
        Ok(Probe {
            rate: decoder.rate,
            channels: decoder.channels,
            seconds: frames as f64 / f64::from(decoder.rate),
            format: decoder.format_name(),
        })
    })
}
