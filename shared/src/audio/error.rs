//! What can be wrong with a recording.

use std::io;

/// Why a recording could not be read.
#[derive(Debug, thiserror::Error)]
pub enum AudioError {
    /// The system could not open or read the file.
    #[error("cannot read {file}: {source}")]
    Read {
        /// The file.
        file: String,
        /// The system's error.
        source: io::Error,
    },
    /// The path leads to a folder.
    #[error("{file} is a folder, not a recording; name a file in it")]
    Folder {
        /// The path.
        file: String,
    },
    /// No known sound format.
    #[error(
        "{file} is not a sound file of a known format ({reason}); use WAV, FLAC, MP3, Ogg Vorbis, \
         M4A, AIFF or CAF"
    )]
    Format {
        /// The file.
        file: String,
        /// What the decoder says.
        reason: String,
    },
    /// A known format with something in it that is not supported.
    #[error("{file} cannot be decoded: {reason}; convert it to WAV or FLAC")]
    Unsupported {
        /// The file.
        file: String,
        /// What is not supported.
        reason: String,
    },
    /// The bytes contradict the format.
    #[error("{file} is damaged at {seconds:.3} s: {reason}; copy or export it again")]
    Damaged {
        /// The file.
        file: String,
        /// Where in the recording, in seconds.
        seconds: f64,
        /// What does not fit.
        reason: String,
    },
    /// The file ends before the sound that its header announces.
    #[error(
        "{file} is cut off: its header announces {announced:.3} s of sound, but it ends at \
         {found:.3} s; copy it again, or convert it once to correct the header"
    )]
    CutOff {
        /// The file.
        file: String,
        /// Length by the header, in seconds.
        announced: f64,
        /// End of what can be decoded, in seconds.
        found: f64,
    },
    /// Sound follows after the length that the header announces.
    #[error(
        "{file} is longer than its header says: after the {announced:.3} s that it announces more sound follows, as in \
         files that were joined; convert it once to correct the header, or cut it apart"
    )]
    Longer {
        /// The file.
        file: String,
        /// Length by the header, in seconds.
        announced: f64,
    },
    /// The file ends without the mark that closes its format.
    #[error("{file} is cut off: {reason}; copy it again, or convert it once to close it")]
    Unclosed {
        /// The file.
        file: String,
        /// What is missing.
        reason: String,
    },
    /// No samples.
    #[error("{file} holds no sound (0 samples); remove it from the data")]
    Empty {
        /// The file.
        file: String,
    },
    /// The wanted stretch is not a stretch.
    #[error(
        "{file}: the stretch from {start} s to {end} s is empty or not a stretch of time; correct \
         start and end in the table"
    )]
    Stretch {
        /// The file.
        file: String,
        /// Its start in seconds.
        start: f64,
        /// Its end in seconds.
        end: f64,
    },
    /// The wanted stretch lies beyond the end.
    #[error(
        "{file}: the stretch from {start} s to {end} s ends after the recording, which has \
         {seconds:.3} s; correct start and end in the table"
    )]
    Beyond {
        /// The file.
        file: String,
        /// Its start in seconds.
        start: f64,
        /// Its end in seconds.
        end: f64,
        /// Length of the recording in seconds.
        seconds: f64,
    },
    /// A sample is not a number, or infinite.
    #[error("{file} has a sample that is {value} at {seconds:.3} s; export the recording again")]
    NotFinite {
        /// The file.
        file: String,
        /// Where, in seconds.
        seconds: f64,
        /// The value.
        value: f32,
    },
    /// More than [`super::Limits`] allows.
    #[error("{file}: {what} is {found}, the limit is {limit}; {hint}")]
    Limit {
        /// The file.
        file: String,
        /// The limited quantity.
        what: &'static str,
        /// Its value.
        found: f64,
        /// The limit.
        limit: f64,
        /// What to do.
        hint: &'static str,
    },
    /// `preprocessor_config.json` asks for something else than what speech models take.
    #[error("preprocessor_config.json: {reason}")]
    Preprocessor {
        /// The key, its value and what to do.
        reason: String,
    },
}
