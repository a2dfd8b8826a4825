//! Whether an Ogg file has its last page (RFC 3533, section 6).

use crate::files::ReadSeek;
use std::io::{self, Read, SeekFrom};

/// More than the longest page, 65 307 bytes.
const TAIL: u64 = 1 << 16;

/// Bit of the header's type byte that marks the last page of a stream.
const LAST_PAGE: u8 = 4;

/// Reads the end of a file of `size` bytes; the inner error says what is missing.
pub(super) fn check(inner: &mut dyn ReadSeek, size: u64) -> io::Result<Result<(), &'static str>> {
    let mut tail = Vec::new();
    inner.seek(SeekFrom::Start(size.saturating_sub(TAIL)))?;
    (&mut *inner).take(TAIL).read_to_end(&mut tail)?;
    let header_length = 27;
    let Some(start) = tail.windows(5).rposition(|bytes| bytes == b"OggS\0") else {
        return Ok(Err("no Ogg page stands at its end"));
    };
    let page = &tail[start..];
    let complete = page.get(header_length - 1).and_then(|&segments| {
        let table = page.get(header_length..header_length + usize::from(segments))?;
        let body: usize = table.iter().map(|&length| usize::from(length)).sum();
        page.get(header_length + table.len()..header_length + table.len() + body)
    });
    Ok(match complete {
        None => Err("its last Ogg page is incomplete"),
        Some(_) if page[5] & LAST_PAGE == 0 => Err("the last page of the Ogg stream is missing"),
        Some(_) => Ok(()),
    })
}
