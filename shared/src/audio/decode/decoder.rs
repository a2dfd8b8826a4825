//! Decoding any part of a recording, to the sample.

use super::{
    ogg_end,
    track::{self, Length, Opened},
};
use crate::{
    audio::{AudioError, Limits},
    files::Files,
};
use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
};
use symphonia::core::{
    errors::Error,
    formats::{SeekMode, SeekTo},
    packet::Packet,
    units::{Duration, TimeBase, Timestamp},
};

/// An opened recording.
pub(in crate::audio) struct Decoder {
    file: String,
    opened: Opened,
    base: TimeBase,
    /// Frame of the track with which the recording begins.
    origin: i64,
    /// Sampling rate in Hz.
    pub(in crate::audio) rate: u32,
    /// Number of channels.
    pub(in crate::audio) channels: u16,
    /// Frames (samples of one channel) of the recording.
    pub(in crate::audio) frames: u64,
}

/// Runs `work` on `file`; a panic in it becomes an error.
///
/// The decoding library is memory safe but has arithmetic that can overflow on crafted input.
/// Where panics abort (the page), they end the worker instead.
pub(in crate::audio) fn guarded<T>(
    file: &str,
    work: impl FnOnce() -> Result<T, AudioError>,
) -> Result<T, AudioError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let reason = "its structure contradicts itself".to_owned();
        Err(AudioError::Damaged {
            file: file.to_owned(),
            seconds: 0.0,
            reason,
        })
    })
}

impl Decoder {
    /// Opens `file`, finds its sound track and learns its length, by going through its packets
    /// where the header does not have it.
    pub(in crate::audio) fn open(
        files: &dyn Files,
        file: &str,
        limits: &Limits,
    ) -> Result<Self, AudioError> {
        let mut decoder = Self::open_unmeasured(files, file, limits)?;
        let other = || Self::open_unmeasured(files, file, limits);
        decoder.frames = match decoder.opened.length(decoder.rate) {
            Length::Exact(frames) => frames,
            Length::Rounded(frames) => other()?.end_of(frames)?,
            Length::Unknown if decoder.opened.uneven() => other()?.count_decoded()?,
            Length::Unknown => other()?.count()?,
        };
        if decoder.frames == 0 {
            return Err(AudioError::Empty {
                file: file.to_owned(),
            });
        }
        Ok(decoder)
    }

    fn open_unmeasured(files: &dyn Files, file: &str, limits: &Limits) -> Result<Self, AudioError> {
        let opened = track::open(files, file, limits)?;
        let kind = match opened.kind() {
            Some(kind) => Some(kind),
            None => track::open(files, file, limits)?.decoded_kind(),
        };
        let (rate, channels) = kind.ok_or_else(|| AudioError::Empty {
            file: file.to_owned(),
        })?;
        limits.check_header(file, rate, channels)?;
        let base = opened.base(rate);
        let mut decoder = Self {
            file: file.to_owned(),
            base,
            origin: 0,
            rate,
            channels: u16::try_from(channels).unwrap_or(u16::MAX),
            frames: 0,
            opened,
        };
        decoder.origin = decoder.frame_of(decoder.opened.origin());
        Ok(decoder)
    }

    /// Short name of the container, for instance `wave`.
    pub(in crate::audio) fn format_name(&self) -> &'static str {
        self.opened.format.format_info().short_name
    }

    /// Largest sample that the coding can hold.
    pub(in crate::audio) fn full_scale(&self) -> f32 {
        self.opened.full_scale()
    }

    /// Decodes the frames `from..to` of the recording and hands them to `sink` in order, one slice
    /// a channel. A decoder is read once.
    ///
    /// # Errors
    /// Damage, or an end before `to`.
    pub(in crate::audio) fn read(
        &mut self,
        from: u64,
        to: u64,
        mut sink: impl FnMut(&[&[f32]]) -> Result<(), AudioError>,
    ) -> Result<(), AudioError> {
        let first = if self.opened.is_movie() {
            -self.origin
        } else {
            0
        };
        let (mut next, mut counted, mut before) = (from, first, None);
        self.seek(from)?;
        let mut planes: Vec<Vec<f32>> = Vec::new();
        while next < to {
            let Some(packet) = self.next_packet(next)? else {
                return Err(self.cut_off(next));
            };
            let mut at =
                self.frame_of((packet.pts.saturating_add(packet.trim_start)).get()) - self.origin;
            match self.opened.codec.decode(&packet) {
                Ok(block) if block.frames() > 0 => {
                    let (rate, channels) = (block.spec().rate(), block.spec().channels().count());
                    if rate != self.rate || channels != usize::from(self.channels) {
                        let reason = format!(
                            "its sampling rate or number of channels changes from {} Hz, {} to {rate} Hz, {channels}",
                            self.rate, self.channels
                        );
                        return Err(AudioError::Unsupported {
                            file: self.file.clone(),
                            reason,
                        });
                    }
                    block.copy_to_vecs_planar(&mut planes);
                }
                Ok(_) => continue,
                // Packets of the run-up may refer to others before them.
                Err(Error::DecodeError(_)) if at < next as i64 && from > 0 => continue,
                Err(error) => return Err(self.damaged(next, error)),
            }
            let frames = planes.first().map_or(0, Vec::len) as i64;
            if self.opened.counted() {
                // The table's times are a little off; only where a packet has its place is a gap.
                if self.opened.uneven() {
                    if before.is_some_and(|before| at - before > 2 * frames) {
                        return Err(self.damaged(next, Error::DecodeError("a part is missing")));
                    }
                    before = Some(at);
                }
                at = counted;
                counted += frames;
            }
            if at > next as i64 {
                return Err(self.damaged(next, Error::DecodeError("a part is missing")));
            }
            let (start, end) = (next as i64 - at, (to as i64 - at).min(frames));
            if start < end {
                let part: Vec<&[f32]> = planes
                    .iter()
                    .map(|plane| &plane[start as usize..end as usize])
                    .collect();
                sink(&part)?;
                next = (at + end) as u64;
            }
        }
        Ok(())
    }

    /// Goes to the packet from which `from` can be decoded.
    fn seek(&mut self, from: u64) -> Result<(), AudioError> {
        let target = from as i64 - self.opened.run_up() as i64;
        // Seeking moves every track of a movie, and fails where one, of pictures, is shorter.
        let movie = self.opened.is_movie() && self.opened.format.tracks().len() > 1;
        if target <= 0 || movie || self.opened.counted() {
            return Ok(());
        }
        let ts = Timestamp::new(self.tick_of(target + self.origin));
        let to = SeekTo::Timestamp {
            ts,
            track_id: self.opened.track.id,
        };
        match self.opened.format.seek(SeekMode::Accurate, to) {
            Ok(_) => {
                self.opened.codec.reset();
                Ok(())
            }
            Err(Error::SeekError(_)) => Err(self.cut_off(from)),
            Err(Error::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(self.cut_off(from))
            }
            Err(error) => Err(self.damaged(from, error)),
        }
    }

    /// Length of the recording in frames, by decoding it.
    fn count_decoded(mut self) -> Result<u64, AudioError> {
        let mut end = -self.origin;
        while let Some(packet) = self.next_packet(end.max(0) as u64)? {
            let decoded = self.opened.codec.decode(&packet);
            end += match decoded {
                Ok(block) => block.frames() as i64,
                Err(error) => return Err(self.damaged(end.max(0) as u64, error)),
            };
        }
        Ok(self.opened.edited(end.max(0) as u64, self.rate))
    }

    /// Whether sound follows after the length that the header gives, once it was read to its end.
    ///
    /// # Errors
    /// It does.
    pub(in crate::audio) fn check_end(&mut self, files: &dyn Files) -> Result<(), AudioError> {
        let joined = match self.opened.filling() {
            // What is no packet is no sound.
            Some(filling) => {
                (0..=filling).all(|_| matches!(self.next_packet(self.frames), Ok(Some(_))))
            }
            None if self.format_name() == "ogg" => {
                let look = |size| ogg_end::joined(&mut *files.open(&self.file)?, size);
                let found = files.size(&self.file).and_then(look);
                found.map_err(|source| self.damaged(self.frames, Error::IoError(source)))?
            }
            None => false,
        };
        if !joined {
            return Ok(());
        }
        Err(AudioError::Longer {
            file: self.file.clone(),
            announced: self.frames as f64 / f64::from(self.rate),
        })
    }

    /// Length of the recording in frames, from its packets.
    fn count(mut self) -> Result<u64, AudioError> {
        let mut end = 0i64;
        while let Some(packet) = self.next_packet(end.max(0) as u64)? {
            let ticks = packet.pts.saturating_add(packet.block_dur()).get();
            end = end.max(self.frame_of(ticks) - self.origin);
        }
        Ok(end.max(0) as u64)
    }

    /// End of the last packet of a recording of at most `frames`.
    fn end_of(mut self, frames: u64) -> Result<u64, AudioError> {
        self.frames = frames;
        let last = frames.saturating_sub(1);
        self.seek(last)?;
        let mut end = None;
        while let Some(packet) = self.next_packet(last)? {
            let at = self.frame_of(packet.pts.get()) - self.origin;
            let decoded = self
                .opened
                .codec
                .decode(&packet)
                .map(|block| block.frames() as i64);
            end = Some(at + decoded.map_err(|error| self.damaged(last, error))?);
        }
        let end = end.ok_or_else(|| self.cut_off(last))?;
        Ok(frames.min(end.max(0) as u64))
    }

    /// The track's next packet; `None` at the end of the file. `next` is for messages.
    fn next_packet(&mut self, next: u64) -> Result<Option<Packet>, AudioError> {
        loop {
            match self.opened.format.next_packet() {
                Ok(Some(packet)) if packet.track_id != self.opened.track.id => {}
                Ok(Some(mut packet)) => {
                    if self.opened.estimated() {
                        packet.trim_end = Duration::ZERO;
                    }
                    return Ok(Some(packet));
                }
                Ok(None) => return Ok(None),
                Err(Error::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Ok(None);
                }
                Err(error) => return Err(self.damaged(next, error)),
            }
        }
    }

    /// Frame of the track at the time stamp `tick`.
    fn frame_of(&self, tick: i64) -> i64 {
        let (numer, denom) = (
            i128::from(self.base.numer.get()),
            i128::from(self.base.denom.get()),
        );
        divide(i128::from(tick) * numer * i128::from(self.rate), denom)
    }

    /// Time stamp of a frame of the track.
    fn tick_of(&self, frame: i64) -> i64 {
        let (numer, denom) = (
            i128::from(self.base.numer.get()),
            i128::from(self.base.denom.get()),
        );
        divide(i128::from(frame) * denom, numer * i128::from(self.rate))
    }

    fn cut_off(&self, found: u64) -> AudioError {
        let rate = f64::from(self.rate);
        let (announced, found) = (self.frames as f64 / rate, found as f64 / rate);
        AudioError::CutOff {
            file: self.file.clone(),
            announced,
            found,
        }
    }

    fn damaged(&self, at: u64, error: Error) -> AudioError {
        let file = self.file.clone();
        match error {
            Error::IoError(source) => AudioError::Read { file, source },
            Error::Unsupported(reason) => AudioError::Unsupported {
                file,
                reason: reason.to_owned(),
            },
            Error::ResetRequired => AudioError::Unsupported {
                file,
                reason: "it is several recordings behind one another".to_owned(),
            },
            error => AudioError::Damaged {
                file,
                seconds: at as f64 / f64::from(self.rate),
                reason: error.to_string(),
            },
        }
    }
}

/// `a / b` to the nearest whole number, for positive `b`, within the range of the result.
fn divide(a: i128, b: i128) -> i64 {
    let quotient = (2 * a + b).div_euclid(2 * b.max(1));
    i64::try_from(quotient).unwrap_or(if quotient < 0 {
        i64::MIN / 4
    } else {
        i64::MAX / 4
    })
}
