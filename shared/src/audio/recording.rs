//! A recording at its own rate, with its own channels.

use super::{
    AudioError, Limits,
    decode::{Decoder, guarded},
};
use crate::files::Files;

/// An opened recording, to be read once.
pub struct Recording {
    file: String,
    decoder: Decoder,
}

impl Recording {
    /// Opens `file` and learns its length.
    ///
    /// # Errors
    /// No sound file, nothing in it, or beyond `limits`.
    pub fn open(files: &dyn Files, file: &str, limits: &Limits) -> Result<Self, AudioError> {
        guarded(file, || {
            Ok(Self {
                file: file.to_owned(),
                decoder: Decoder::open(files, file, limits)?,
            })
        })
    }

    /// Sampling rate in Hz.
    #[must_use]
    pub fn rate(&self) -> u32 {
        self.decoder.rate
    }

    /// Number of channels.
    #[must_use]
    pub fn channels(&self) -> u16 {
        self.decoder.channels
    }

    /// Length in frames (samples of one channel).
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.decoder.frames
    }

    /// Decodes the frames `from..to`, and hands them to `sink` in order, one slice a channel; full
    /// scale is 1. Memory does not grow with the length.
    ///
    /// # Errors
    /// Damage, an end before `to`, or an error of `sink`.
    pub fn read(
        mut self,
        from: u64,
        to: u64,
        sink: impl FnMut(&[&[f32]]) -> Result<(), AudioError>,
    ) -> Result<(), AudioError> {
        let file = std::mem::take(&mut self.file);
        guarded(&file, || self.decoder.read(from, to, sink))
    }
}
