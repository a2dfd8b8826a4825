//! WAV files of all kinds (also RF64 and BW64: EBU Tech 3306, ITU-R BS.2088), as the plain ones that
//! the decoding library reads.
//!
//! Writers differ in what they put around the samples: format chunks of odd lengths, lists with
//! wrong lengths, sizes of the whole that were never filled in. For codings with a fixed number of
//! bytes a frame all that counts is the format and where the samples stand; the library gets
//! these with a header of ours.

use super::source::{Seen, bytes_at};
use crate::files::ReadSeek;
use std::io;

/// A 32-bit length that is unknown or stands in the `ds64` chunk.
const ELSEWHERE: u64 = u32::MAX as u64;

/// Format tags of integers, floats, and the two laws.
const INTEGER: u16 = 1;
const FLOAT: u16 = 3;
const A_LAW: u16 = 6;
const MU_LAW: u16 = 7;
/// The format tag stands in the first two bytes of the subformat.
const EXTENSIBLE: u16 = 0xfffe;

/// End of the subformats that begin with a format tag (RFC 2361), and of ambisonic B-format.
const SUBFORMAT: [u8; 14] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];
const AMBISONIC: [u8; 14] = [
    0, 0, 0x21, 0x07, 0xd3, 0x11, 0x86, 0x44, 0xc8, 0xc1, 0xca, 0, 0, 0,
];

/// Most channels that the decoding library can place.
const MOST_CHANNELS: u16 = 26;

/// Most chunks before the samples.
const MOST_CHUNKS: usize = 1024;

/// The samples of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Samples {
    /// What the decoding library is to see.
    pub(super) seen: Seen,
    /// The length is more than 32 bits can hold, or stands in the `ds64` chunk.
    pub(super) long: bool,
    /// How many frames they are, where the library's header cannot say it.
    pub(super) frames: Option<u64>,
}

/// Why a file is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refused {
    /// Its writer did not come to the end.
    Unfinished(String),
    /// Its format cannot be read.
    Unsupported(String),
}

/// What the `fmt ` chunk says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Format {
    tag: u16,
    channels: u16,
    rate: u32,
    /// Bytes a frame.
    block: u16,
    bits: u16,
}

/// Chunks that count.
#[derive(Debug, Default)]
struct Chunks {
    format: Option<Format>,
    /// First byte of the samples, and their length in the chunk's header.
    data: Option<(u64, u64)>,
    /// Length of the samples in the `ds64` chunk.
    long_size: Option<u64>,
}

/// Looks at a file of `size` bytes; `None` leaves it to the decoding library as it is.
pub(super) fn look(
    inner: &mut dyn ReadSeek,
    size: u64,
) -> io::Result<Result<Option<Samples>, Refused>> {
    let chunks = walk(inner, size)?;
    let (Some(format), Some((begin, stated))) = (chunks.format, chunks.data) else {
        return Ok(Ok(None));
    };
    let whole = u64::from(u32::from_le_bytes(bytes_at(inner, 4)?)) + 8;
    if stated == 0 && begin < size && whole != size && chunks.long_size.is_none() {
        return Ok(Err(Refused::Unfinished(format!(
            "by its header no sound follows, but {} bytes do: what recorded it did not close it",
            size - begin
        ))));
    }
    let long = stated == ELSEWHERE;
    let end = match chunks.long_size {
        Some(bytes) if long => begin.saturating_add(bytes),
        _ if long => size,
        _ => begin + stated,
    };
    match format.clean() {
        Err(reason) => Ok(Err(Refused::Unsupported(reason))),
        Ok(Some((clean, block))) => Ok(Ok(Some(Samples {
            seen: Seen {
                head: clean.header(end - begin),
                body: begin..end,
            },
            long,
            frames: long.then(|| (end - begin) / block),
        }))),
        // A coding in blocks. The library reads lengths that are all ones as a stream.
        Ok(None) if long => Ok(Ok(Some(Samples {
            seen: Seen {
                head: b"RIFF\xff\xff\xff\xff".to_vec(),
                body: 8..end,
            },
            long,
            frames: None,
        }))),
        Ok(None) => Ok(Ok(None)),
    }
}

fn walk(inner: &mut dyn ReadSeek, size: u64) -> io::Result<Chunks> {
    let (mut position, mut chunks) = (12u64, Chunks::default());
    for _ in 0..MOST_CHUNKS {
        if position.saturating_add(8) > size {
            break;
        }
        let [a, b, c, d, length @ ..] = bytes_at::<8>(inner, position)?;
        let length = u64::from(u32::from_le_bytes(length));
        let body = position + 8;
        match &[a, b, c, d] {
            b"ds64" if length >= 16 && body + 16 <= size => {
                chunks.long_size = Some(u64::from_le_bytes(bytes_at(inner, body + 8)?));
            }
            b"fmt " if length >= 16 && body + 16 <= size => {
                chunks.format = Some(Format::read(inner, body, length.min(size - body))?);
            }
            b"data" if chunks.data.is_none() => chunks.data = Some((body, length)),
            _ => {}
        }
        if chunks.format.is_some() && chunks.data.is_some() {
            break;
        }
        position = body + length + length % 2;
    }
    Ok(chunks)
}

impl Format {
    fn read(inner: &mut dyn ReadSeek, body: u64, length: u64) -> io::Result<Self> {
        let bytes = bytes_at::<16>(inner, body)?;
        let short = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let mut tag = short(0);
        if tag == EXTENSIBLE && length >= 40 {
            let [first, second, rest @ ..] = bytes_at::<16>(inner, body + 24)?;
            if [SUBFORMAT, AMBISONIC].contains(&rest) {
                tag = match u16::from_le_bytes([first, second]) {
                    // The decoding library takes this one for mu-law.
                    4 => MU_LAW,
                    tag => tag,
                };
            }
        }
        Ok(Self {
            tag,
            channels: short(2),
            rate: u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]),
            block: short(12),
            bits: short(14),
        })
    }

    /// The same with samples as wide as they stand in the file, and the bytes of a frame; `None` if
    /// the coding has no fixed number of bytes a frame.
    fn clean(self) -> Result<Option<(Self, u64)>, String> {
        if ![INTEGER, FLOAT, A_LAW, MU_LAW].contains(&self.tag) || self.channels == 0 {
            return Ok(None);
        }
        if self.channels > MOST_CHANNELS {
            return Err(format!(
                "it has {} channels, at most {MOST_CHANNELS} can be read",
                self.channels
            ));
        }
        let least = self.bits.div_ceil(8);
        // Samples that are narrower than their place stand in its upper bits.
        let width = match (self.block / self.channels, self.block % self.channels) {
            (0, 0) => least,
            (width, 0) if width >= least && width <= 8 => width,
            _ => {
                return Err(format!(
                    "its header contradicts itself: {} channels of {} bits in {} bytes",
                    self.channels, self.bits, self.block
                ));
            }
        };
        let fits = match self.tag {
            INTEGER => self.bits > 0 && width <= 4,
            FLOAT => width == least && [4, 8].contains(&width) && self.bits == 8 * width,
            _ => width == 1,
        };
        if !fits {
            return Err(format!(
                "samples of {} bits in {width} bytes are not known for its format ({})",
                self.bits, self.tag
            ));
        }
        let block = self.channels * width;
        let clean = Self {
            block,
            bits: 8 * width,
            ..self
        };
        Ok(Some((clean, u64::from(block))))
    }

    /// A plain header for `bytes` of samples.
    fn header(self, bytes: u64) -> Vec<u8> {
        let short = |value: u64| u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes();
        // The library wants the length of an extension of the laws' formats, and of no other.
        let extension: &[u8] = if [A_LAW, MU_LAW].contains(&self.tag) {
            &[0, 0]
        } else {
            &[]
        };
        let format_length = 16 + extension.len() as u64;
        [
            &b"RIFF"[..],
            &short(bytes.saturating_add(20 + format_length)),
            b"WAVEfmt ",
            &short(format_length),
            &self.tag.to_le_bytes(),
            &self.channels.to_le_bytes(),
            &self.rate.to_le_bytes(),
            &self.rate.wrapping_mul(u32::from(self.block)).to_le_bytes(),
            &self.block.to_le_bytes(),
            &self.bits.to_le_bytes(),
            extension,
            b"data",
            &short(bytes),
        ]
        .concat()
    }
}
