//! Whether an Ogg file has its last page, and is one stream, not several behind one another (RFC
//! 3533, sections 4 and 6).

use super::source::bytes_at;
use crate::files::ReadSeek;
use std::io::{self, Read, SeekFrom};

/// More than the longest page, 65 307 bytes.
const TAIL: u64 = 1 << 16;

/// Bytes of a page's header before its table of segments.
const HEADER: usize = 27;

/// Bit of the header's type byte that marks the first page of a stream.
const FIRST_PAGE: u8 = 2;

/// Bit of the header's type byte that marks the last page of a stream.
const LAST_PAGE: u8 = 4;

/// Reads the end of a file of `size` bytes; the inner error says what is missing.
pub(super) fn check(inner: &mut dyn ReadSeek, size: u64) -> io::Result<Result<(), &'static str>> {
    let mut tail = Vec::new();
    inner.seek(SeekFrom::Start(size.saturating_sub(TAIL)))?;
    (&mut *inner).take(TAIL).read_to_end(&mut tail)?;
    let Some(start) = tail.windows(5).rposition(|bytes| bytes == b"OggS\0") else {
        return Ok(Err("no Ogg page stands at its end"));
    };
    let page = &tail[start..];
    let complete = page.get(HEADER - 1).and_then(|&segments| {
        let table = page.get(HEADER..HEADER + usize::from(segments))?;
        let body: usize = table.iter().map(|&length| usize::from(length)).sum();
        page.get(HEADER + table.len()..HEADER + table.len() + body)
    });
    Ok(match complete {
        None => Err("its last Ogg page is incomplete"),
        Some(_) if page[5] & LAST_PAGE == 0 => Err("the last page of the Ogg stream is missing"),
        Some(_) => Ok(()),
    })
}

/// Whether another stream begins after the first pages of those that begin with the file.
pub(super) fn joined(inner: &mut dyn ReadSeek, size: u64) -> io::Result<bool> {
    let (mut position, mut beginning) = (0, true);
    while position + HEADER as u64 <= size {
        let page = bytes_at::<HEADER>(inner, position)?;
        if &page[..4] != b"OggS" {
            break;
        }
        let first = page[5] & FIRST_PAGE != 0;
        if first && !beginning {
            return Ok(true);
        }
        beginning = first;
        let mut table = vec![0; usize::from(page[HEADER - 1])];
        if inner.read_exact(&mut table).is_err() {
            break;
        }
        let body: u64 = table.iter().map(|&length| u64::from(length)).sum();
        position += HEADER as u64 + table.len() as u64 + body;
    }
    Ok(false)
}
