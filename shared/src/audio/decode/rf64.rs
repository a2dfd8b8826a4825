//! RF64 and BW64 (EBU Tech 3306, ITU-R BS.2088): WAV files with 64-bit lengths.
//!
//! They differ from WAV in their first four bytes, in 32-bit lengths that are all ones, and in a
//! chunk with the true ones. The decoding library reads WAV with such lengths as a stream up to
//! the end of its input, so that is set to where the samples end.

use super::source::bytes_at;
use crate::files::ReadSeek;
use std::io;

/// What stands instead of the first bytes: a WAV header of unknown length.
pub(super) const HEAD: &[u8] = b"RIFF\xff\xff\xff\xff";

/// A 32-bit length whose true value stands in the `ds64` chunk.
const ELSEWHERE: u64 = u32::MAX as u64;

/// Most chunks before the samples.
const MOST_CHUNKS: usize = 1024;

/// Where the samples end, in bytes from the beginning; `size` if the file does not say it.
pub(super) fn data_end(inner: &mut dyn ReadSeek, size: u64) -> io::Result<u64> {
    let (mut position, mut data_size) = (12, None);
    for _ in 0..MOST_CHUNKS {
        if position + 8 > size {
            break;
        }
        let [a, b, c, d, length @ ..] = bytes_at::<8>(inner, position)?;
        let length = u64::from(u32::from_le_bytes(length));
        let body = position + 8;
        match &[a, b, c, d] {
            b"ds64" if length >= 16 && body + 16 <= size => {
                data_size = Some(u64::from_le_bytes(bytes_at::<8>(inner, body + 8)?));
            }
            b"data" => {
                let bytes = if length == ELSEWHERE {
                    data_size
                } else {
                    Some(length)
                };
                return Ok(bytes.map_or(size, |bytes| body.saturating_add(bytes)));
            }
            _ => {}
        }
        position = body + length + length % 2;
    }
    Ok(size)
}
