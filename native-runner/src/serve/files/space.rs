//! Room on the disk.

use std::{io, path::Path};

/// Free bytes of the disk that `path` is on; `None` where that cannot be known.
#[cfg(unix)]
pub(crate) fn free(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Free bytes of the disk that `path` is on; `None` where that cannot be known.
#[cfg(not(unix))]
pub(crate) fn free(_: &Path) -> Option<u64> {
    None
}

/// Whether `wanted` bytes more leave `reserve` bytes of the disk free.
///
/// # Errors
/// They do not.
pub(crate) fn check(path: &Path, wanted: u64, reserve: u64) -> io::Result<()> {
    match free(path) {
        Some(free) if free < wanted.saturating_add(reserve) => Err(io::Error::new(
            io::ErrorKind::StorageFull,
            format!("{free} bytes are free, {reserve} of which are kept"),
        )),
        _ => Ok(()),
    }
}
