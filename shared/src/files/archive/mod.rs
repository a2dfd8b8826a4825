//! Zip archives from outside.
//!
//! The directory of an archive is judged as a whole before a byte is unpacked; and while unpacking
//! nothing is believed that the directory says: a file that turns out longer, or another, ends it.

mod bytes;
mod directory;
mod limits;
mod pack;
mod unpack;

#[cfg(test)]
mod tests;

pub use directory::{Archive, Member};
pub use limits::ArchiveLimits;
pub use pack::{Crc32, Pack, PackFull};

use super::PlaceError;
use std::io;

/// What is wrong with an archive.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The bytes are no zip, or are damaged.
    #[error("it is no zip archive, or damaged: {0}; make it again")]
    Damaged(String),
    /// The system could not read it.
    #[error("it cannot be read: {0}")]
    Read(#[from] io::Error),
    /// A name that is no place below a folder.
    #[error("the name {name:?} cannot be used: {reason}; make the archive with another program")]
    Name {
        /// The name.
        name: String,
        /// Why.
        reason: PlaceError,
    },
    /// A name that is not UTF-8.
    #[error(
        "the name {0:?} is not in UTF-8; make the archive with another program, or rename the file"
    )]
    Encoding(String),
    /// A link, device or pipe.
    #[error("{0:?} is a link or a device; put the file itself into the archive")]
    Link(String),
    /// Two files of one name, or a file that is a folder as well.
    #[error("{0:?} is in it twice, or is a file and a folder; make the archive again")]
    Twice(String),
    /// Encrypted.
    #[error("{0:?} is encrypted; make the archive without a password")]
    Encrypted(String),
    /// Compressed in an uncommon way.
    #[error(
        "{name:?} is compressed by method {method}; make the archive with the usual one (deflate)"
    )]
    Method {
        /// The file.
        name: String,
        /// The method's number.
        method: u16,
    },
    /// Files that share their bytes, as bombs do.
    #[error("{0:?} shares its bytes with another file: such archives are not unpacked")]
    Overlap(String),
    /// More than [`ArchiveLimits`] allows.
    #[error("{what} is {found}, the limit is {limit}; {hint}")]
    Limit {
        /// The limited quantity.
        what: &'static str,
        /// Its value; while unpacking, the least that it is.
        found: u64,
        /// The limit.
        limit: u64,
        /// What to do.
        hint: &'static str,
    },
    /// A file is not what the directory says.
    #[error("{name:?} does not unpack: {reason}; make the archive again")]
    Content {
        /// The file.
        name: String,
        /// What does not fit.
        reason: String,
    },
}
