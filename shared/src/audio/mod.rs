//! Bytes to 16 kHz mono samples: decode, mix, resample, crop, normalise.
//!
//! [`read_clip`] gives the samples of a stretch of a file, [`probe`] what the file says about
//! itself, and [`FeatureExtractor`] makes model input of clips. Only [`mod@decode`] knows the
//! decoding library.

mod augment;
mod clip;
mod decode;
mod error;
mod extractor;
mod inspect;
mod levels;
mod limits;
mod probe;
mod recording;
mod resample;
mod view;
mod voice;
mod window;

#[cfg(test)]
mod tests;

pub use augment::Augmentation;
pub use clip::{Clip, Stretch, read_clip};
pub use error::AudioError;
pub use extractor::{Batch, FeatureExtractor, Padding};
pub use inspect::{Inspection, Loudness, inspect};
pub use levels::Levels;
pub use limits::Limits;
pub use probe::{Probe, probe};
pub use recording::Recording;
pub use view::{
    Extremes, Outline, Peaks, ROW_HZ, ROWS, Spectrogram, Tile, WAV_HEADER, outline, wav_header,
    wav_samples,
};
pub use voice::has_voice;
pub use window::{Window, window_count};

/// Sampling rate of everything that enters a model, in Hz.
pub const RATE: u32 = 16_000;
