//! A file's sound track and what is known of it before decoding.

use super::source::{Extras, Source};
use crate::{
    audio::{AudioError, Limits, RATE},
    files::Files,
};
use std::io;
use symphonia::core::{
    codecs::audio::{
        AudioCodecParameters, AudioDecoder, AudioDecoderOptions,
        well_known::{
            CODEC_ID_AAC, CODEC_ID_ADPCM_IMA_QT, CODEC_ID_ADPCM_IMA_WAV, CODEC_ID_ADPCM_MS,
            CODEC_ID_ALAC, CODEC_ID_MP1, CODEC_ID_MP2, CODEC_ID_MP3, CODEC_ID_PCM_ALAW,
            CODEC_ID_PCM_MULAW, CODEC_ID_VORBIS,
        },
    },
    errors::Error,
    formats::{
        FormatReader, Track, TrackType,
        probe::Hint,
        well_known::{
            FORMAT_ID_AIFF, FORMAT_ID_CAF, FORMAT_ID_FLAC, FORMAT_ID_ISOMP4, FORMAT_ID_MKV,
            FORMAT_ID_MP1, FORMAT_ID_MP2, FORMAT_ID_MP3, FORMAT_ID_OGG, FORMAT_ID_WAVE,
        },
    },
    io::{MediaSource, MediaSourceStream},
    units::TimeBase,
};

/// Most frames in a packet, for which decoders allocate; FLAC's longest has 65 535.
const LONGEST_PACKET: u64 = 1 << 17;

impl MediaSource for Source {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.len())
    }
}

/// A file with a reader of its packets and a decoder for them.
pub(super) struct Opened {
    pub(super) format: Box<dyn FormatReader>,
    pub(super) codec: Box<dyn AudioDecoder>,
    pub(super) track: Track,
    pub(super) params: AudioCodecParameters,
    extras: Extras,
}

/// Opens `file` and chooses its sound track.
pub(super) fn open(files: &dyn Files, file: &str, limits: &Limits) -> Result<Opened, AudioError> {
    let (source, extras) = Source::open(files, file)?;
    let stream = MediaSourceStream::new(Box::new(source), Default::default());
    let format = symphonia::default::get_probe()
        .probe(&Hint::new(), stream, Default::default(), Default::default())
        .map_err(|error| header_error(file, error))?;
    let unsupported = |reason: &str| AudioError::Unsupported {
        file: file.to_owned(),
        reason: reason.to_owned(),
    };
    let track = format
        .default_track(TrackType::Audio)
        .ok_or_else(|| unsupported("it has no sound track"))?
        .clone();
    let params = track
        .codec_params
        .as_ref()
        .and_then(|params| params.audio())
        .cloned();
    let mut params = params.ok_or_else(|| unsupported("its sound track has no description"))?;
    if [CODEC_ID_PCM_ALAW, CODEC_ID_PCM_MULAW].contains(&params.codec) {
        // Some containers give the width of a code, the decoder wants that of a sample.
        (params.bits_per_sample, params.bits_per_coded_sample) = (None, None);
    }
    if params.codec == CODEC_ID_ADPCM_IMA_QT {
        return Err(unsupported(
            "its coding, Apple's IMA ADPCM (ima4), is not decoded exactly",
        ));
    }
    if let Some((rate, channels)) = kind(&params) {
        // The container's rate of AAC may be anything; its own header's is checked where it is used.
        let rate = if params.codec == CODEC_ID_AAC {
            RATE
        } else {
            rate
        };
        // Decoders allocate for all the channels that a header claims.
        limits.check_header(file, rate, channels)?;
    }
    if params
        .max_frames_per_packet
        .is_some_and(|frames| frames > LONGEST_PACKET)
    {
        return Err(unsupported("its packets are too long"));
    }
    let codec = symphonia::default::get_codecs()
        .make_audio_decoder(&params, &AudioDecoderOptions::default())
        .map_err(|error| unsupported(&error.to_string()))?;
    if extras.movie.is_some_and(|movie| movie.pieces) {
        return Err(unsupported("its sound track is put together from pieces"));
    }
    Ok(Opened {
        format,
        codec,
        track,
        params,
        extras,
    })
}

/// Sampling rate and channels, if the container says them.
fn kind(params: &AudioCodecParameters) -> Option<(u32, usize)> {
    Some((params.sample_rate?, params.channels.as_ref()?.count()))
}

/// How much of a recording's length its header has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// In frames.
    Exact(u64),
    /// In frames, up to the end of the last packet, which may hold less.
    Rounded(u64),
    /// Nothing or an estimate.
    Unknown,
}

fn header_error(file: &str, error: Error) -> AudioError {
    let file = file.to_owned();
    match error {
        Error::IoError(source) if source.kind() != io::ErrorKind::UnexpectedEof => {
            AudioError::Read { file, source }
        }
        Error::IoError(_) => AudioError::Unclosed {
            file,
            reason: "it ends within its header".to_owned(),
        },
        Error::Unsupported(reason) if reason.starts_with("core") => AudioError::Format {
            file,
            reason: "nothing in it looks like sound".to_owned(),
        },
        Error::Unsupported(reason) => AudioError::Unsupported {
            file,
            reason: reason.to_owned(),
        },
        other => AudioError::Damaged {
            file,
            seconds: 0.0,
            reason: other.to_string(),
        },
    }
}

impl Opened {
    /// Sampling rate and channels, if the codec or the container says them.
    pub(super) fn kind(&self) -> Option<(u32, usize)> {
        // An MP4's description of a track has no room for rates from 65 536 Hz on.
        let own = (self.params.codec == CODEC_ID_AAC).then(|| kind(self.codec.codec_params()));
        own.flatten().or_else(|| kind(&self.params))
    }

    /// Whether an MP4's packets are not all equally long by its table, as they are when decoded.
    pub(super) fn uneven(&self) -> bool {
        self.extras.movie.is_some_and(|movie| movie.uneven)
    }

    /// Whether the container is an MP4.
    pub(super) fn is_movie(&self) -> bool {
        self.extras.movie.is_some()
    }

    /// Sampling rate and channels of the first packet that can be decoded.
    pub(super) fn decoded_kind(mut self) -> Option<(u32, usize)> {
        while let Ok(Some(packet)) = self.format.next_packet() {
            if packet.track_id != self.track.id {
                continue;
            }
            if let Ok(block) = self.codec.decode(&packet)
                && block.spec().rate() > 0
            {
                return Some((block.spec().rate(), block.spec().channels().count()));
            }
        }
        None
    }

    /// Length of a tick of the packets' time stamps.
    pub(super) fn base(&self, rate: u32) -> TimeBase {
        self.track
            .time_base
            .or_else(|| TimeBase::try_from_recip(rate))
            .unwrap_or_default()
    }

    /// Whether packets have to be counted from the beginning: the time stamps are too coarse to
    /// place a sample, or the decoding library seeks to the wrong place (ADPCM in WAV).
    pub(super) fn counted(&self) -> bool {
        let adpcm = [CODEC_ID_ADPCM_IMA_WAV, CODEC_ID_ADPCM_MS];
        self.format.format_info().format == FORMAT_ID_MKV
            || adpcm.contains(&self.params.codec)
            || self.uneven()
    }

    /// First tick of the track that belongs to the recording.
    pub(super) fn origin(&self) -> i64 {
        match self.extras.movie {
            Some(movie) => i64::try_from(movie.start).unwrap_or(i64::MAX),
            None => self.track.start_ts.get().max(0),
        }
    }

    /// Length of the recording by the header.
    pub(super) fn length(&self, rate: u32) -> Length {
        let stated = self.track.num_frames;
        let exact = match self.format.format_info().format {
            FORMAT_ID_WAVE => stated.or(self.extras.frames),
            FORMAT_ID_AIFF | FORMAT_ID_FLAC => stated,
            // Writers may count the last packet as if it were full.
            FORMAT_ID_CAF if [CODEC_ID_AAC, CODEC_ID_ALAC].contains(&self.params.codec) => {
                return stated.map_or(Length::Unknown, Length::Rounded);
            }
            FORMAT_ID_CAF => stated,
            FORMAT_ID_OGG => {
                let start = u64::try_from(self.track.start_ts.get()).unwrap_or(0);
                stated.map(|end| end.saturating_sub(start))
            }
            FORMAT_ID_MP1 | FORMAT_ID_MP2 | FORMAT_ID_MP3 if !self.estimated() => stated,
            FORMAT_ID_ISOMP4 if self.uneven() => None,
            FORMAT_ID_ISOMP4 => self.movie_frames(rate),
            _ => None,
        };
        exact.map_or(Length::Unknown, Length::Exact)
    }

    /// Whether the track's length comes from the size of the file. MPEG files have a true one only
    /// with the encoder's tag, which also has the delay.
    pub(super) fn estimated(&self) -> bool {
        let mpeg = [FORMAT_ID_MP1, FORMAT_ID_MP2, FORMAT_ID_MP3];
        mpeg.contains(&self.format.format_info().format) && self.track.delay.is_none()
    }

    fn movie_frames(&self, rate: u32) -> Option<u64> {
        let movie = self.extras.movie.filter(|movie| !movie.fragmented)?;
        let base = self.track.time_base?;
        let ticks = self.track.duration?.get().checked_sub(movie.start)?;
        let per_tick = f64::from(rate) * f64::from(base.numer.get()) / f64::from(base.denom.get());
        Some(self.edited((ticks as f64 * per_tick).round() as u64, rate))
    }

    /// Length of an MP4 track that has `frames` from its first one that is heard.
    pub(super) fn edited(&self, frames: u64, rate: u32) -> u64 {
        let Some(movie) = self.extras.movie.filter(|movie| !movie.fragmented) else {
            return frames;
        };
        // The edit's length may be counted in milliseconds; the table is finer where they agree.
        let by_edit = movie
            .length
            .map(|(length, scale)| length as f64 * f64::from(rate) / f64::from(scale));
        let slack = movie
            .length
            .map_or(0.0, |(_, scale)| f64::from(rate) / f64::from(scale));
        match by_edit {
            Some(edit) if edit + slack < frames as f64 => edit.round() as u64,
            _ => frames,
        }
    }

    /// Packets that may follow after the last one of the header's length; `None` where nothing is
    /// known of what follows. MPEG encoders fill up to the decoder's delay.
    pub(super) fn filling(&self) -> Option<usize> {
        match self.format.format_info().format {
            FORMAT_ID_FLAC => Some(0),
            FORMAT_ID_MP1 | FORMAT_ID_MP2 | FORMAT_ID_MP3 if !self.estimated() => Some(3),
            _ => None,
        }
    }

    /// Frames to decode before the wanted ones until the codec's memory no longer shows: MPEG's
    /// bit reservoir reaches back 511 bytes, which is up to 20 of its smallest packets; the
    /// transforms of AAC and Vorbis overlap by one block.
    pub(super) fn run_up(&self) -> u64 {
        match self.params.codec {
            CODEC_ID_MP1 | CODEC_ID_MP2 | CODEC_ID_MP3 => 24 * 1152,
            CODEC_ID_AAC => 4 * 1024,
            CODEC_ID_VORBIS => 2 * 8192,
            _ => 0,
        }
    }

    /// Largest sample that the coding holds, less half a step (ITU-T G.711 for the laws).
    pub(super) fn full_scale(&self) -> f32 {
        match self.params.codec {
            CODEC_ID_PCM_ALAW => 0.984,
            CODEC_ID_PCM_MULAW => 0.980,
            _ => {
                let bits = self.params.bits_per_sample.unwrap_or(16).clamp(8, 16);
                1.0 - 1.5 / (1u32 << (bits - 1)) as f32
            }
        }
    }
}
