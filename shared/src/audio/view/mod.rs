//! What is drawn and played of a recording: extremes of its samples, spectrograms, 16-bit WAV.
//!
//! A page computes them of samples that it has, a runner of files; both get the same numbers.

mod outline;
mod peaks;
mod spectrogram;
mod wav;

pub use outline::{Outline, outline};
pub use peaks::{Extremes, Peaks};
pub use spectrogram::{ROW_HZ, ROWS, Spectrogram, Tile};
pub use wav::{WAV_HEADER, wav_header, wav_samples};
