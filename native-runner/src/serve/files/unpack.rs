//! An uploaded archive to a list of files with their contents.

use super::{
    blobs::Blobs,
    dataset::{Content, List},
    space,
};
use crate::serve::Problem;
use shared::{
    files::{Archive, ArchiveError, ArchiveLimits},
    protocol::ProblemKind,
};
use std::{fs::File, io::Write, path::Path};

/// Bytes between two looks at the room on the disk.
const LOOK: u64 = 256 << 20;

/// Unpacks `archive` into `blobs`: at most `room` bytes, with `reserve` bytes of the disk left free.
///
/// # Errors
/// It is not unpacked: what for, and what to do. What was written by then nothing refers to.
pub(super) fn unpack(
    archive: File,
    blobs: &Blobs,
    folder: &Path,
    room: u64,
    reserve: u64,
) -> Result<List, Problem> {
    let archive = Archive::open(Box::new(archive), &ArchiveLimits::default()).map_err(refused)?;
    if archive.bytes() > room {
        return Err(Problem::new(
            ProblemKind::OutOfSpace,
            format!(
                "unpacked, the archive has {} bytes, and {room} are left of your quota: delete datasets that are no longer needed",
                archive.bytes()
            ),
        ));
    }
    space::check(folder, archive.bytes(), reserve)?;
    let (mut list, mut written) = (List::default(), 0);
    for member in archive.members() {
        let mut blob = blobs.create()?;
        archive
            .unpack(member, |block| {
                written += block.len() as u64;
                if written >= LOOK {
                    written = 0;
                    space::check(folder, 0, reserve)?;
                }
                blob.write_all(block)
            })
            .map_err(refused)?;
        let (sha256, size) = blobs.keep(blob)?;
        // The archive's directory was checked: every place is free.
        list.add(&member.place, Content { sha256, size });
    }
    Ok(list)
}

/// Why an archive is not unpacked.
pub(super) fn refused(error: ArchiveError) -> Problem {
    match error {
        ArchiveError::Read(error) => error.into(),
        error => Problem::new(
            ProblemKind::Unprocessable,
            format!("the archive is not unpacked: {error}"),
        ),
    }
}
