//! Pages of a column to values.

use super::{
    footer::{Chunk, Codec, Leaf, Physical},
    hybrid,
    thrift::{self, Thrift},
};

/// A value of a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Raw {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
}

/// The least of what snappy makes of a byte is a 64th: more is a lie about the length.
const RATIO: usize = 64;

/// Reads all values of a column of a group of rows; `None` is missing.
///
/// # Errors
/// In words, for what cannot be read.
pub(super) fn read(file: &[u8], leaf: &Leaf, chunk: &Chunk) -> Result<Vec<Option<Raw>>, String> {
    let damaged = || "it is damaged".to_owned();
    let mut dictionary: Option<Vec<Raw>> = None;
    let mut values: Vec<Option<Raw>> = Vec::new();
    let mut at = chunk.start;
    while values.len() < chunk.values {
        let rest = file.get(at..).ok_or_else(damaged)?;
        let (header, length) = thrift::read(rest).ok_or_else(damaged)?;
        let size = |number| {
            header
                .int(number)
                .and_then(|size| usize::try_from(size).ok())
        };
        let body = size(3).and_then(|size| rest.get(length..length.checked_add(size)?));
        let body = body.ok_or_else(damaged)?;
        at += length + body.len();
        let left = chunk.values - values.len();
        match (
            header.int(1),
            header.field(5),
            header.field(7),
            header.field(8),
        ) {
            (Some(2), _, Some(info), _) => {
                let body = unpack(chunk.codec, body)?;
                let count = count(info)?;
                dictionary = Some(plain(leaf, &body, count).ok_or_else(damaged)?);
            }
            (Some(0), Some(info), _, _) => {
                let body = unpack(chunk.codec, body)?;
                let count = count(info)?.min(left);
                let (levels, rest) = if leaf.optional {
                    let (levels, rest) = prefixed(&body).ok_or_else(damaged)?;
                    (hybrid::decode(levels, 1, count).ok_or_else(damaged)?, rest)
                } else {
                    (vec![1; count], &body[..])
                };
                push(
                    leaf,
                    &levels,
                    rest,
                    info.int(2),
                    dictionary.as_deref(),
                    &mut values,
                )?;
            }
            (Some(3), _, _, Some(info)) => {
                let count = count(info)?.min(left);
                let byte_length =
                    |number| info.int(number).and_then(|size| usize::try_from(size).ok());
                let (definition, repetition) =
                    (byte_length(5).unwrap_or(0), byte_length(6).unwrap_or(0));
                if repetition > 0 {
                    return Err("it has lists".into());
                }
                let (levels, packed) = body.split_at_checked(definition).ok_or_else(damaged)?;
                let levels = if leaf.optional {
                    hybrid::decode(levels, 1, count).ok_or_else(damaged)?
                } else {
                    vec![1; count]
                };
                let codec = match info.bool(7) {
                    Some(false) => Codec::None,
                    _ => chunk.codec,
                };
                let body = unpack(codec, packed)?;
                push(
                    leaf,
                    &levels,
                    &body,
                    info.int(4),
                    dictionary.as_deref(),
                    &mut values,
                )?;
            }
            // Indices of pages are passed over.
            (Some(1), ..) => {}
            _ => return Err(damaged()),
        }
    }
    Ok(values)
}

/// The number of values that a page's own header has.
fn count(info: &Thrift<'_>) -> Result<usize, String> {
    info.int(1)
        .and_then(|count| usize::try_from(count).ok())
        .ok_or_else(|| "it is damaged".to_owned())
}

/// Bytes after their length in four bytes, and what follows them.
fn prefixed(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}

fn unpack(codec: Codec, bytes: &[u8]) -> Result<std::borrow::Cow<'_, [u8]>, String> {
    match codec {
        Codec::None => Ok(bytes.into()),
        Codec::Snappy => {
            let length = snap::raw::decompress_len(bytes).map_err(|error| error.to_string())?;
            if length > bytes.len().saturating_mul(RATIO) {
                return Err("it is damaged: it claims to unfold to more than it can".into());
            }
            let unpacked = snap::raw::Decoder::new().decompress_vec(bytes);
            Ok(unpacked.map_err(|error| error.to_string())?.into())
        }
    }
}

/// Adds the values of a page, of which those with level 0 are missing.
fn push(
    leaf: &Leaf,
    levels: &[u32],
    body: &[u8],
    encoding: Option<i64>,
    dictionary: Option<&[Raw]>,
    values: &mut Vec<Option<Raw>>,
) -> Result<(), String> {
    let damaged = || "it is damaged".to_owned();
    let count = levels.iter().filter(|level| **level > 0).count();
    let found: Vec<Raw> = match encoding {
        Some(0) => plain(leaf, body, count).ok_or_else(damaged)?,
        // Indices into the dictionary, with their width before them.
        Some(2 | 8) => {
            let dictionary = dictionary.ok_or_else(damaged)?;
            let indices = match body.split_first() {
                Some((width, packed)) => hybrid::decode(packed, usize::from(*width), count),
                None => (count == 0).then(Vec::new),
            };
            let indices = indices.ok_or_else(damaged)?;
            let value = |index: u32| dictionary.get(index as usize).cloned();
            indices
                .into_iter()
                .map(value)
                .collect::<Option<_>>()
                .ok_or_else(damaged)?
        }
        Some(3) if leaf.physical == Physical::Bool => {
            let (packed, _) = prefixed(body).ok_or_else(damaged)?;
            let bits = hybrid::decode(packed, 1, count).ok_or_else(damaged)?;
            bits.into_iter().map(|bit| Raw::Bool(bit == 1)).collect()
        }
        Some(other) => {
            return Err(format!(
                "its encoding number {other} is not known here (pyarrow's defaults are)"
            ));
        }
        None => return Err(damaged()),
    };
    let mut found = found.into_iter();
    values.extend(
        levels
            .iter()
            .map(|level| if *level > 0 { found.next() } else { None }),
    );
    Ok(())
}

/// `count` values one after the other.
fn plain(leaf: &Leaf, mut body: &[u8], count: usize) -> Option<Vec<Raw>> {
    let mut values = Vec::new();
    for index in 0..count {
        let value = match leaf.physical {
            Physical::Bool => Raw::Bool((body.get(index / 8)? >> (index % 8)) & 1 == 1),
            Physical::Int32 => Raw::Int(i32::from_le_bytes(chunk(&mut body)?).into()),
            Physical::Int64 => Raw::Int(i64::from_le_bytes(chunk(&mut body)?)),
            Physical::Float => Raw::Float(f32::from_le_bytes(chunk(&mut body)?).into()),
            Physical::Double => Raw::Float(f64::from_le_bytes(chunk(&mut body)?)),
            Physical::Bytes => {
                let (text, rest) = prefixed(body)?;
                body = rest;
                Raw::Text(std::str::from_utf8(text).ok()?.to_owned())
            }
        };
        values.push(value);
    }
    Some(values)
}

/// Takes `N` bytes.
fn chunk<const N: usize>(body: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = body.split_first_chunk::<N>()?;
    *body = rest;
    Some(*taken)
}
