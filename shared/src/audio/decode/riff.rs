//! WAV files whose header does not have a 32-bit length: streams, and RF64 or BW64 (EBU Tech 3306,
//! ITU-R BS.2088).
//!
//! RF64 differs from WAV in its first four bytes, in 32-bit lengths that are all ones, and in a
//! chunk with the true ones. The decoding library reads WAV with such lengths as a stream up to
//! the end of its input.

use super::source::bytes_at;
use crate::files::ReadSeek;
use std::{io, ops::Range};

/// What stands instead of the first bytes of RF64: a WAV header of unknown length.
pub(super) const HEAD: &[u8] = b"RIFF\xff\xff\xff\xff";

/// A 32-bit length that is unknown or stands in the `ds64` chunk.
const ELSEWHERE: u64 = u32::MAX as u64;

/// Format tags of codings with a fixed number of bytes a frame: integers, floats, the two laws,
/// and the extended header, whose subformats are these.
const FIXED: [u16; 5] = [1, 3, 6, 7, 0xfffe];

/// Most chunks before the samples.
const MOST_CHUNKS: usize = 1024;

/// Where the samples of a file without a 32-bit length stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Samples {
    /// Their bytes, counted from the beginning of the file; may end after it.
    pub(super) bytes: Range<u64>,
    /// How many frames they are, if their coding has a fixed number of bytes a frame.
    pub(super) frames: Option<u64>,
}

/// Looks for samples of unknown length in a file of `size` bytes.
pub(super) fn unmeasured(inner: &mut dyn ReadSeek, size: u64) -> io::Result<Option<Samples>> {
    let (mut position, mut long_size, mut frame_size) = (12, None, None);
    for _ in 0..MOST_CHUNKS {
        if position + 8 > size {
            break;
        }
        let [a, b, c, d, length @ ..] = bytes_at::<8>(inner, position)?;
        let length = u64::from(u32::from_le_bytes(length));
        let body = position + 8;
        match &[a, b, c, d] {
            b"ds64" if length >= 16 && body + 16 <= size => {
                long_size = Some(u64::from_le_bytes(bytes_at(inner, body + 8)?));
            }
            b"fmt " if length >= 16 && body + 16 <= size => {
                let tag = u16::from_le_bytes(bytes_at(inner, body)?);
                let channels = u16::from_le_bytes(bytes_at(inner, body + 2)?);
                let bits = u16::from_le_bytes(bytes_at(inner, body + 14)?);
                let bytes = u64::from(channels) * u64::from(bits / 8);
                frame_size = (FIXED.contains(&tag) && bytes > 0).then_some(bytes);
            }
            b"data" if length == ELSEWHERE => {
                let end = long_size.map_or(size, |bytes| body.saturating_add(bytes));
                return Ok(Some(Samples {
                    bytes: body..end,
                    frames: frame_size.map(|bytes| (end - body) / bytes),
                }));
            }
            b"data" => break,
            _ => {}
        }
        position = body + length + length % 2;
    }
    Ok(None)
}
