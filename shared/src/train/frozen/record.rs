//! A clip's kept numbers as bytes: a head with key, sizes and checksum, then the numbers.

use super::store::{Key, Numbers};
use crate::files::Crc32;
use half::f16;
use std::{io, sync::Arc};

/// Bytes of a head.
pub(super) const HEAD: usize = 52;
const MARK: [u8; 4] = *b"VXF1";
const SINGLE: u32 = 0;
const HALF: u32 = 1;

/// What stands before a clip's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) key: Key,
    pub(super) frames: u32,
    width: u32,
    half: bool,
    sum: u32,
}

impl Head {
    /// Reads a head; `None` if it is none.
    pub(super) fn read(bytes: &[u8; HEAD]) -> Option<Self> {
        let number = |at: usize| -> Option<u32> {
            let bytes = bytes.get(at..at + 4)?;
            Some(u32::from_le_bytes(bytes.try_into().ok()?))
        };
        if bytes[..4] != MARK {
            return None;
        }
        let format = number(44)?;
        (format <= HALF).then_some(())?;
        let (frames, width) = (number(36)?, number(40)?);
        // Else a broken head could ask for more bytes than there are numbers for.
        frames.checked_mul(width).filter(|count| *count > 0)?;
        Some(Self {
            key: bytes[4..36].try_into().ok()?,
            frames,
            width,
            half: format == HALF,
            sum: number(48)?,
        })
    }

    /// Bytes of the numbers behind it.
    pub(super) fn length(&self) -> u64 {
        let size = if self.half { 2 } else { 4 };
        u64::from(self.frames) * u64::from(self.width) * size
    }

    /// The numbers, of exactly [`Self::length`] bytes.
    ///
    /// # Errors
    /// They are not those that were written.
    pub(super) fn numbers(&self, bytes: &[u8]) -> io::Result<Numbers> {
        let mut sum = Crc32::new();
        sum.update(bytes);
        if bytes.len() as u64 != self.length() || sum.checksum() != self.sum {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(if self.half {
            let pair = |pair: &[u8]| f16::from_le_bytes([pair[0], pair[1]]);
            Numbers::Half(bytes.chunks_exact(2).map(pair).collect())
        } else {
            let four = |four: &[u8]| f32::from_le_bytes([four[0], four[1], four[2], four[3]]);
            Numbers::Single(bytes.chunks_exact(4).map(four).collect())
        })
    }
}

/// Head and numbers of a clip with `frames` frames.
pub(super) fn bytes(key: &Key, frames: usize, numbers: &Numbers) -> Vec<u8> {
    let (payload, count): (Vec<u8>, usize) = match numbers {
        Numbers::Single(values) => {
            let bytes = values.iter().flat_map(|value| value.to_le_bytes());
            (bytes.collect(), values.len())
        }
        Numbers::Half(values) => {
            let bytes = values.iter().flat_map(|value| value.to_le_bytes());
            (bytes.collect(), values.len())
        }
    };
    let mut sum = Crc32::new();
    sum.update(&payload);
    let format = match numbers {
        Numbers::Single(_) => SINGLE,
        Numbers::Half(_) => HALF,
    };
    let width = count / frames.max(1);
    let mut bytes = Vec::with_capacity(HEAD + payload.len());
    bytes.extend(MARK);
    bytes.extend(key);
    for number in [frames as u32, width as u32, format, sum.checksum()] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend(payload);
    bytes
}

impl Numbers {
    /// In half precision if `half`, unless a number is too large for it.
    pub(super) fn of(values: Vec<f32>, half: bool) -> Self {
        if half {
            let halves: Arc<[f16]> = values.iter().map(|value| f16::from_f32(*value)).collect();
            if halves.iter().all(|value| value.is_finite()) {
                return Self::Half(halves);
            }
        }
        Self::Single(values.into())
    }

    /// Bytes in memory.
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::Single(values) => values.len() as u64 * 4,
            Self::Half(values) => values.len() as u64 * 2,
        }
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Single(values) => values.len(),
            Self::Half(values) => values.len(),
        }
    }

    /// Writes them to the beginning of `to`.
    pub(super) fn copy_to(&self, to: &mut [f32]) {
        match self {
            Self::Single(values) => to[..values.len()].copy_from_slice(values),
            Self::Half(values) => {
                for (to, value) in to.iter_mut().zip(values.iter()) {
                    *to = value.to_f32();
                }
            }
        }
    }
}
