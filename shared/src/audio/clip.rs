//! Reading a stretch of a recording.

use super::{
    AudioError, Levels, Limits, RATE, Window,
    decode::{Decoder, guarded},
    levels::Meter,
    resample::{Plan, resampled_length},
};
use crate::files::Files;

/// How far, in seconds, a stretch may end after its recording, for tables with rounded times.
const SLACK: f64 = 0.05;

/// A stretch of a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch<'a> {
    /// The file.
    pub file: &'a str,
    /// Start in the file, in seconds.
    pub start: f64,
    /// End in the file, in seconds; `None` is the file's end.
    pub end: Option<f64>,
}

/// The samples of a stretch.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    /// Mono samples at [`RATE`]; full scale is 1.
    pub samples: Vec<f32>,
    /// Sampling rate of the file in Hz.
    pub rate: u32,
    /// Channels of the file.
    pub channels: u16,
    /// Levels of what was decoded.
    pub levels: Levels,
}

/// Reads a stretch: decodes it, mixes its channels to their mean and resamples it to [`RATE`].
///
/// A stretch begins with the sample nearest to its start and ends before the one nearest to its
/// end, so that it equals that part of the whole recording read at once, however it is cut. If it
/// is longer than `max_seconds`, the part that `window` says is taken; only that is decoded.
///
/// # Errors
/// Everything that keeps the stretch from being read completely; see [`AudioError`].
pub fn read_clip(
    files: &dyn Files,
    stretch: Stretch<'_>,
    max_seconds: Option<f64>,
    window: Window,
    limits: &Limits,
) -> Result<Clip, AudioError> {
    guarded(stretch.file, || {
        let mut decoder = Decoder::open(files, stretch.file, limits)?;
        let (start, end) = samples_of(&stretch, decoder.frames, decoder.rate)?;
        let longest = max_seconds.map_or(u64::MAX, |seconds| samples(seconds).max(1));
        let taken = longest.min(end - start);
        let start = start + window.start(end - start, taken);
        let plan = Plan::new(decoder.rate, decoder.frames, start, start + taken);
        limits.check_stretch(
            stretch.file,
            plan.to - plan.from,
            decoder.rate,
            decoder.channels,
        )?;
        let (mono, levels) = decode_mono(&mut decoder, stretch.file, plan.from, plan.to)?;
        Ok(Clip {
            samples: plan.run(mono),
            rate: decoder.rate,
            channels: decoder.channels,
            levels,
        })
    })
}

/// Whether a stretch of a recording of `frames` at `rate` holds a sample at [`RATE`], by the rule by
/// which [`read_clip`] reads it.
///
/// # Errors
/// It does not, or lies outside of the recording.
pub(super) fn check_stretch(
    stretch: &Stretch<'_>,
    frames: u64,
    rate: u32,
) -> Result<(), AudioError> {
    samples_of(stretch, frames, rate).map(|_| ())
}

/// Nearest sample at [`RATE`].
fn samples(seconds: f64) -> u64 {
    (seconds * f64::from(RATE)).round() as u64
}

/// First sample and the one after the last at [`RATE`] of a stretch of a recording of `frames`.
fn samples_of(stretch: &Stretch<'_>, frames: u64, rate: u32) -> Result<(u64, u64), AudioError> {
    let seconds = frames as f64 / f64::from(rate);
    let (start, end) = (stretch.start, stretch.end.unwrap_or(seconds));
    let file = stretch.file.to_owned();
    let whole = resampled_length(frames, rate);
    let last = if stretch.end.is_some() {
        samples(end).min(whole)
    } else {
        whole
    };
    if !(start >= 0.0 && end.is_finite()) || stretch.end.is_some_and(|end| end <= start) {
        Err(AudioError::Stretch { file, start, end })
    } else if end > seconds + SLACK || samples(start) >= whole {
        Err(AudioError::Beyond {
            file,
            start,
            end,
            seconds,
        })
    } else if samples(start) >= last {
        Err(AudioError::Stretch { file, start, end })
    } else {
        Ok((samples(start), last))
    }
}

/// Decodes frames `from..to` to the mean of the channels.
fn decode_mono(
    decoder: &mut Decoder,
    file: &str,
    from: u64,
    to: u64,
) -> Result<(Vec<f32>, Levels), AudioError> {
    let rate = f64::from(decoder.rate);
    let mut meter = Meter::new(usize::from(decoder.channels), decoder.full_scale());
    let mut mono: Vec<f32> = Vec::new();
    decoder.read(from, to, |planes| {
        let begin = mono.len();
        for (channel, plane) in planes.iter().enumerate() {
            if let Some((index, &value)) = plane.iter().enumerate().find(|(_, x)| !x.is_finite()) {
                let seconds = (from + (begin + index) as u64) as f64 / rate;
                return Err(AudioError::NotFinite {
                    file: file.to_owned(),
                    seconds,
                    value,
                });
            }
            meter.add(channel, plane);
            match channel {
                0 => mono.extend_from_slice(plane),
                _ => mono[begin..]
                    .iter_mut()
                    .zip(*plane)
                    .for_each(|(sum, x)| *sum += x),
            }
        }
        if planes.len() > 1 {
            let share = 1.0 / planes.len() as f32;
            mono[begin..].iter_mut().for_each(|sum| *sum *= share);
        }
        Ok(())
    })?;
    Ok((mono, meter.levels()))
}
