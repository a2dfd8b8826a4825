//! CAF files (Apple Core Audio Format 1.0) with the chunks in the order that the decoding library
//! needs, and without what it stumbles over: samples of unknown length, and bytes between chunks.

use super::source::{Seen, bytes_at};
use crate::files::ReadSeek;
use std::io::{self, Read, SeekFrom};

/// Most chunks.
const MOST_CHUNKS: usize = 1024;

/// Longest chunk that is copied; packet tables of a day of sound have about 8 MB.
const LONGEST: u64 = 64 << 20;

/// Chunks that decoding needs, in the order in which they are to stand.
const KEPT: [[u8; 4]; 4] = [*b"desc", *b"chan", *b"kuki", *b"pakt"];

/// What is to be seen of a file of `size` bytes; `None` leaves it as it is.
pub(super) fn clean(inner: &mut dyn ReadSeek, size: u64) -> io::Result<Option<Seen>> {
    let (mut position, mut data) = (8u64, None);
    let mut kept: [Option<Vec<u8>>; 4] = [None, None, None, None];
    for _ in 0..MOST_CHUNKS {
        if position.saturating_add(12) > size {
            break;
        }
        let [a, b, c, d, length @ ..] = bytes_at::<12>(inner, position)?;
        let (kind, body) = ([a, b, c, d], position + 12);
        let length = match (i64::from_be_bytes(length), &kind) {
            // Until the end of the file.
            (-1, b"data") => size - body,
            (length, _) => match u64::try_from(length) {
                Ok(length) => length,
                Err(_) => break,
            },
        };
        if &kind == b"data" {
            data = data.or(Some((body, length)));
        }
        if let Some(place) = KEPT.iter().position(|kept| *kept == kind) {
            if length > LONGEST || body.saturating_add(length) > size {
                return Ok(None);
            }
            kept[place] = Some(copy(inner, position, 12 + length)?);
        }
        position = body.saturating_add(length);
    }
    let (Some((begin, length)), Some(_)) = (data, &kept[0]) else {
        return Ok(None);
    };
    let mut head = copy(inner, 0, 8)?;
    head.extend(kept.into_iter().flatten().flatten());
    head.extend(b"data");
    head.extend(length.to_be_bytes());
    Ok(Some(Seen {
        head,
        body: begin..begin.saturating_add(length).min(size),
    }))
}

fn copy(inner: &mut dyn ReadSeek, from: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    inner.seek(SeekFrom::Start(from))?;
    (&mut *inner).take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}
