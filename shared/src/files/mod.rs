//! How files reach the crate: one small trait, so that no other module names a file system.

mod archive;
mod memory;
mod name;
mod output;
mod register;

#[cfg(not(target_arch = "wasm32"))]
mod disk;

pub use archive::{Archive, ArchiveError, ArchiveLimits, Crc32, Member, Pack, PackFull};
#[cfg(not(target_arch = "wasm32"))]
pub use disk::Disk;
pub use memory::Memory;
pub use name::{Place, PlaceError};
pub use output::{NewFile, Output};
pub use register::{Entry, Register, Slot};

use sha2::{Digest, Sha256};
use std::io::{self, Read, Seek, SeekFrom};

/// A file's content that can be read from any position.
pub trait ReadSeek: Read + Seek + Send + Sync {}
impl<T: Read + Seek + Send + Sync> ReadSeek for T {}

/// The place that a reader goes to, from a `position` in a content of `size` bytes; it may lie beyond the end.
///
/// # Errors
/// `InvalidInput` for a place before the beginning.
pub fn seek(to: SeekFrom, position: u64, size: u64) -> io::Result<u64> {
    let place = match to {
        SeekFrom::Start(place) => Some(place),
        SeekFrom::End(offset) => size.checked_add_signed(offset),
        SeekFrom::Current(offset) => position.checked_add_signed(offset),
    };
    place.ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

/// Where files come from: the disk, or what a page was given.
///
/// Calls are synchronous: natively they run on loader threads, in the browser in a worker.
pub trait Files: Send + Sync {
    /// Opens `path` for reading.
    ///
    /// # Errors
    /// The system's error, for instance `NotFound`.
    fn open(&self, path: &str) -> io::Result<Box<dyn ReadSeek>>;

    /// Size of `path` in bytes.
    ///
    /// # Errors
    /// The system's error, for instance `NotFound`.
    fn size(&self, path: &str) -> io::Result<u64>;

    /// Whether `path` is a folder.
    fn is_folder(&self, path: &str) -> bool;

    /// Names (not paths) of what stands directly in the folder `path`, sorted.
    ///
    /// # Errors
    /// The system's error, for instance `NotFound`.
    fn list(&self, path: &str) -> io::Result<Vec<String>>;

    /// Whether `path` is a file or a folder.
    fn exists(&self, path: &str) -> bool {
        self.is_folder(path) || self.size(path).is_ok()
    }

    /// A text that is other once the file's content is other: of its size and the time of its last change
    /// where these are known, else of its content.
    ///
    /// # Errors
    /// The system's error, for instance `NotFound`.
    fn mark(&self, path: &str) -> io::Result<String> {
        let mut file = self.open(path)?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                read => hash.update(&buffer[..read]),
            }
        }
        let digest = hash.finalize();
        Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The whole of `path`.
    ///
    /// # Errors
    /// The system's error, for instance `NotFound`.
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(path)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}
