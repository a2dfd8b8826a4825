//! PyTorch's own files: `pytorch_model.bin`, as a zip archive or in the form before PyTorch 1.6.

mod archive;
mod legacy;
mod pickle;
mod regions;

use super::{super::CheckpointError, region::Region};
use crate::files::Files;
use indexmap::IndexMap;
use pickle::PickleError;
use std::io::Read;

/// The tensors of the file at `path`, in the order of its dictionary.
pub(super) fn list(
    files: &dyn Files,
    path: &str,
) -> Result<IndexMap<String, Region>, CheckpointError> {
    let size = files.size(path).map_err(CheckpointError::read(path))?;
    let mut start = Vec::new();
    files
        .open(path)
        .and_then(|file| file.take(4).read_to_end(&mut start))
        .map_err(CheckpointError::read(path))?;
    match start.as_slice() {
        b"PK\x03\x04" => archive::list(files, path, size),
        [0x80, ..] => legacy::list(files, path, size),
        _ => Err(CheckpointError::damaged(
            path,
            "it is neither a zip archive nor a pickle",
        )),
    }
}

/// The error of a pickle in the file at `path`.
fn in_file(path: &str) -> impl Fn(PickleError) -> CheckpointError {
    move |error| match error {
        PickleError::Read(source) => CheckpointError::read(path)(source),
        PickleError::Damaged(reason) => CheckpointError::damaged(path, reason),
        PickleError::Refused(reason) => CheckpointError::refused(path, reason),
    }
}

#[cfg(test)]
mod tests;
