//! Reading at any position of what can be read and moved in.

use crate::files::ReadSeek;
use rawzip::ReaderAt;
use std::{
    io::{self, SeekFrom},
    sync::{Mutex, PoisonError},
};

/// The bytes of an archive.
pub(super) struct Bytes(Mutex<Box<dyn ReadSeek>>);

impl Bytes {
    pub(super) fn new(file: Box<dyn ReadSeek>) -> Self {
        Self(Mutex::new(file))
    }
}

impl ReaderAt for Bytes {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(offset))?;
        file.read(buffer)
    }
}
