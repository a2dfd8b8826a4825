//! A whole recording, however long, decoded once to be drawn.

use super::Peaks;
use crate::{
    audio::{AudioError, Levels, Limits, RATE, Stretch, Window, probe, read_clip},
    files::Files,
};

/// Longest piece that is decoded at once, in seconds.
const PIECE: f64 = 300.0;

/// What is drawn of a whole recording.
#[derive(Debug, Clone, Default)]
pub struct Outline {
    /// Extremes of its mono samples at [`RATE`].
    pub peaks: Peaks,
    /// Levels of what was decoded.
    pub levels: Levels,
}

/// Decodes `file` piece by piece; memory does not grow with its length.
///
/// # Errors
/// As [`read_clip`]; `longest` is the longest recording in seconds.
pub fn outline(
    files: &dyn Files,
    file: &str,
    longest: f64,
    limits: &Limits,
) -> Result<Outline, AudioError> {
    let seconds = probe(files, file, limits)?.seconds;
    if seconds > longest {
        return Err(AudioError::Limit {
            file: file.to_owned(),
            what: "the length in seconds",
            found: seconds,
            limit: longest,
            hint: "cut it into several files",
        });
    }
    let mut outline = Outline::default();
    let pieces = (seconds / PIECE).ceil().max(1.0) as usize;
    for piece in 0..pieces {
        let start = piece as f64 * PIECE;
        // A rest of less than a sample is none.
        if piece > 0 && (seconds - start) * f64::from(RATE) < 1.0 {
            break;
        }
        let end = (piece + 1 < pieces).then_some(start + PIECE);
        let stretch = Stretch { file, start, end };
        let clip = read_clip(files, stretch, None, Window::Head, limits)?;
        outline.peaks.add(&clip.samples);
        outline.levels.peak = outline.levels.peak.max(clip.levels.peak);
        outline.levels.clipped += clip.levels.clipped;
        outline.levels.samples += clip.levels.samples;
    }
    outline.peaks.finish();
    Ok(outline)
}
