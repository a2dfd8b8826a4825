//! The bytes of a pickle, with a budget.

use super::PickleError;
use std::io::Read;

/// Most bytes of pickles that are read from one file. Tensors' values are not among them: a model
/// with ten thousand tensors needs about two megabytes.
const BUDGET: usize = 32 << 20;
/// Longest line of text (the names of a global stand in lines).
const LINE: usize = 256;

/// A reader that counts, and that stops before a pickle gets out of hand.
pub(in crate::checkpoint::weights::torch) struct Source<'r> {
    reader: &'r mut dyn Read,
    position: usize,
}

impl<'r> Source<'r> {
    pub(in crate::checkpoint::weights::torch) fn new(reader: &'r mut dyn Read) -> Self {
        Self {
            reader,
            position: 0,
        }
    }

    /// Bytes read so far.
    pub(in crate::checkpoint::weights::torch) fn position(&self) -> u64 {
        self.position as u64
    }

    pub(super) fn byte(&mut self) -> Result<u8, PickleError> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], PickleError> {
        self.spend(N)?;
        let mut bytes = [0; N];
        self.reader
            .read_exact(&mut bytes)
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::UnexpectedEof => PickleError::damaged("its pickle is cut off"),
                _ => PickleError::Read(error),
            })?;
        Ok(bytes)
    }

    /// The next `length` bytes; the memory grows with what is really there.
    pub(super) fn bytes(&mut self, length: u64) -> Result<Vec<u8>, PickleError> {
        self.spend(usize::try_from(length).unwrap_or(usize::MAX))?;
        let mut bytes = Vec::new();
        let mut part = (&mut *self.reader).take(length);
        part.read_to_end(&mut bytes)?;
        if bytes.len() as u64 == length {
            Ok(bytes)
        } else {
            Err(PickleError::damaged("its pickle is cut off"))
        }
    }

    pub(super) fn text(&mut self, length: u64) -> Result<String, PickleError> {
        let bytes = self.bytes(length)?;
        String::from_utf8(bytes)
            .map_err(|_| PickleError::damaged("a text of its pickle is not UTF-8"))
    }

    /// The text up to the next line feed, without it.
    pub(super) fn line(&mut self) -> Result<String, PickleError> {
        let mut bytes = Vec::new();
        loop {
            match self.byte()? {
                b'\n' => break,
                _ if bytes.len() == LINE => {
                    return Err(PickleError::damaged("a name of its pickle is too long"));
                }
                byte => bytes.push(byte),
            }
        }
        String::from_utf8(bytes)
            .map_err(|_| PickleError::damaged("a name of its pickle is not UTF-8"))
    }

    fn spend(&mut self, count: usize) -> Result<(), PickleError> {
        self.position = self
            .position
            .checked_add(count)
            .filter(|&position| position <= BUDGET)
            .ok_or_else(|| {
                PickleError::damaged(format!("its pickles are longer than {BUDGET} bytes"))
            })?;
        Ok(())
    }
}
