//! Tags that taggers put behind a stream that has none: ID3v1 and APEv2.

use super::source::bytes_at;
use crate::files::ReadSeek;
use std::io;

/// Bytes of an ID3v1 tag.
const ID3V1: u64 = 128;

/// Bytes of the header and of the footer of an APEv2 tag.
const APE: u64 = 32;

/// Where the tags at the end of a file of `size` bytes begin; `size` if there are none.
pub(super) fn begin(inner: &mut dyn ReadSeek, size: u64) -> io::Result<u64> {
    let mut end = size;
    if end >= ID3V1 && &bytes_at::<3>(inner, end - ID3V1)? == b"TAG" {
        end -= ID3V1;
    }
    if end >= APE && &bytes_at::<8>(inner, end - APE)? == b"APETAGEX" {
        let [a, b, c, d, _, _, _, _, _, _, _, flags] = bytes_at::<12>(inner, end - APE + 12)?;
        // The length counts the footer, not the header.
        let header = if flags & 0x80 == 0 { 0 } else { APE };
        end = end.saturating_sub(u64::from(u32::from_le_bytes([a, b, c, d])) + header);
    }
    Ok(end)
}
