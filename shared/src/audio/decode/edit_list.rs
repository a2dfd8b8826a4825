//! The edit list of an MP4 sound track (ISO/IEC 14496-12, 8.6.6): what of the decoded samples is
//! the recording, and what the encoder's delay and filling.

use super::source::bytes_at;
use crate::files::ReadSeek;
use std::{io, ops::Range};

/// Most atoms in one level that are looked at.
const MOST_ATOMS: usize = 4096;

/// What an MP4 file says about its sound track.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Movie {
    /// The samples stand in fragments, so that the track's own length is not the whole.
    pub(super) fragmented: bool,
    /// First tick of the track that is heard.
    pub(super) start: u64,
    /// Length that is heard, with the ticks in a second that it is counted in.
    pub(super) length: Option<(u64, u32)>,
    /// The track is cut together from several pieces.
    pub(super) pieces: bool,
    /// The table of times (`stts`) does not give all packets but the last the same length.
    pub(super) uneven: bool,
}

struct Atom {
    kind: [u8; 4],
    body: Range<u64>,
}

/// Reads the edit list of the first sound track; `None` if the file has no table of contents.
pub(super) fn read(inner: &mut dyn ReadSeek, size: u64) -> io::Result<Option<Movie>> {
    let Some(moov) = find(inner, 0..size, b"moov")? else {
        return Ok(None);
    };
    let mut movie = Movie {
        fragmented: find(inner, moov.clone(), b"mvex")?.is_some(),
        ..Movie::default()
    };
    let movie_scale = match find(inner, moov.clone(), b"mvhd")? {
        Some(body) => time_scale(inner, &body)?,
        None => 0,
    };
    for atom in atoms(inner, moov)?
        .iter()
        .filter(|atom| &atom.kind == b"trak")
    {
        let Some(mdia) = find(inner, atom.body.clone(), b"mdia")? else {
            continue;
        };
        let Some(hdlr) = find(inner, mdia.clone(), b"hdlr")? else {
            continue;
        };
        if hdlr.end - hdlr.start < 12 || &bytes_at::<4>(inner, hdlr.start + 8)? != b"soun" {
            continue;
        }
        if let Some(edts) = find(inner, atom.body.clone(), b"edts")?
            && let Some(elst) = find(inner, edts, b"elst")?
        {
            read_entries(inner, &elst, movie_scale, &mut movie)?;
        }
        movie.uneven = uneven(inner, mdia)?;
        break;
    }
    Ok(Some(movie))
}

fn read_entries(
    inner: &mut dyn ReadSeek,
    elst: &Range<u64>,
    scale: u32,
    movie: &mut Movie,
) -> io::Result<()> {
    if elst.end - elst.start < 8 {
        return Ok(());
    }
    let [version, _, _, _, count @ ..] = bytes_at::<8>(inner, elst.start)?;
    let width = if version == 1 { 20 } else { 12 };
    let there = (elst.end - elst.start - 8) / width;
    let mut heard = 0;
    for index in 0..there
        .min(u64::from(u32::from_be_bytes(count)))
        .min(MOST_ATOMS as u64)
    {
        let at = elst.start + 8 + index * width;
        let (length, start) = if version == 1 {
            (
                u64::from_be_bytes(bytes_at(inner, at)?),
                i64::from_be_bytes(bytes_at(inner, at + 8)?),
            )
        } else {
            let (length, start): ([u8; 4], [u8; 4]) =
                (bytes_at(inner, at)?, bytes_at(inner, at + 4)?);
            (
                u64::from(u32::from_be_bytes(length)),
                i64::from(i32::from_be_bytes(start)),
            )
        };
        // A negative start is a pause before the track, which has no samples.
        if let Ok(start) = u64::try_from(start) {
            heard += 1;
            if heard == 1 {
                movie.start = start;
                movie.length = (length > 0 && scale > 0).then_some((length, scale));
            }
        }
    }
    movie.pieces = heard > 1;
    Ok(())
}

/// Whether packets other than the last differ in length, by the table in `mdia`.
fn uneven(inner: &mut dyn ReadSeek, mdia: Range<u64>) -> io::Result<bool> {
    let mut table = Some(mdia);
    for kind in [b"minf", b"stbl", b"stts"] {
        table = match table {
            Some(outer) => find(inner, outer, kind)?,
            None => None,
        };
    }
    let Some(stts) = table.filter(|stts| stts.end - stts.start >= 8) else {
        return Ok(false);
    };
    let [_, _, _, _, count @ ..] = bytes_at::<8>(inner, stts.start)?;
    let there = ((stts.end - stts.start - 8) / 8).min(u64::from(u32::from_be_bytes(count)));
    // An even table has at most two entries: all, and the last.
    if there > 2 {
        return Ok(true);
    }
    if there < 2 {
        return Ok(false);
    }
    let [a, b, c, d, first @ ..] = bytes_at::<8>(inner, stts.start + 16)?;
    let last = u32::from_be_bytes(first);
    let [_, _, _, _, first @ ..] = bytes_at::<8>(inner, stts.start + 8)?;
    let first = u32::from_be_bytes(first);
    Ok(u32::from_be_bytes([a, b, c, d]) > 1 && last != first || last > first)
}

/// Ticks in a second, of `mvhd` and `mdhd`.
fn time_scale(inner: &mut dyn ReadSeek, body: &Range<u64>) -> io::Result<u32> {
    if body.end - body.start < 24 {
        return Ok(0);
    }
    let [version] = bytes_at::<1>(inner, body.start)?;
    let offset = if version == 1 { 20 } else { 12 };
    Ok(u32::from_be_bytes(bytes_at(inner, body.start + offset)?))
}

fn find(
    inner: &mut dyn ReadSeek,
    within: Range<u64>,
    kind: &[u8; 4],
) -> io::Result<Option<Range<u64>>> {
    Ok(atoms(inner, within)?
        .into_iter()
        .find(|atom| &atom.kind == kind)
        .map(|atom| atom.body))
}

/// The atoms that stand directly in `within`; ends quietly where they stop making sense.
fn atoms(inner: &mut dyn ReadSeek, within: Range<u64>) -> io::Result<Vec<Atom>> {
    let (mut found, mut position) = (Vec::new(), within.start);
    while within.end.saturating_sub(position) >= 8 && found.len() < MOST_ATOMS {
        let [a, b, c, d, kind @ ..] = bytes_at::<8>(inner, position)?;
        let (header, length) = match u32::from_be_bytes([a, b, c, d]) {
            0 => (8, within.end - position),
            1 if within.end - position >= 16 => {
                (16, u64::from_be_bytes(bytes_at(inner, position + 8)?))
            }
            length => (8, u64::from(length)),
        };
        if length < header || length > within.end - position {
            break;
        }
        found.push(Atom {
            kind,
            body: position + header..position + length,
        });
        position += length;
    }
    Ok(found)
}
