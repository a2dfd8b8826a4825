//! PyTorch's zip archives (since 1.6): `NAME/data.pkl`, and each storage stored as `NAME/data/KEY`.

use super::{
    super::region::Region,
    CheckpointError, in_file,
    pickle::{self, Source},
    regions,
};
use crate::files::Files;
use indexmap::IndexMap;
use rawzip::{
    CompressionMethod, Error, RECOMMENDED_BUFFER_SIZE, ReaderAt, ZipArchive,
    ZipArchiveEntryWayfinder,
};
use std::{
    collections::{HashMap, hash_map::Entry},
    io::Read,
};

/// Most files of an archive; a model has one for each tensor.
const MEMBERS: usize = 1 << 18;
/// Longest name of a file that is looked at.
const NAME: usize = 256;
/// Most bytes of a file that is read as a whole.
const WHOLE: u64 = 32 << 20;

/// The tensors of the archive at `path`.
pub(super) fn list(
    files: &dyn Files,
    path: &str,
    size: u64,
) -> Result<IndexMap<String, Region>, CheckpointError> {
    let damaged =
        |error: Error| CheckpointError::damaged(path, format!("as a zip archive: {error}"));
    let file = files.open(path).map_err(CheckpointError::read(path))?;
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let archive = ZipArchive::from_seekable(file, &mut buffer).map_err(damaged)?;
    let members = Members::new(path, size, &archive, &mut buffer)?;
    if members
        .read("byteorder")?
        .is_some_and(|order| order != b"little")
    {
        return Err(CheckpointError::refused(
            path,
            "its numbers are in the byte order of another kind of machine (big-endian)",
        ));
    }
    let program = members.read("data.pkl")?.ok_or_else(|| {
        CheckpointError::damaged(path, "it is a zip archive without the data.pkl of PyTorch")
    })?;
    let mut program = program.as_slice();
    let (heap, root) = pickle::load(&mut Source::new(&mut program)).map_err(in_file(path))?;
    let tensors = regions::dictionary(path, &heap, root)?;
    regions::regions(path, tensors, |name, storage| {
        let (start, end) = members
            .place(&format!("data/{}", storage.key))?
            .ok_or_else(|| {
                let reason = format!("its storage {} is not in the archive", storage.key);
                CheckpointError::tensor(path, name, reason)
            })?;
        let bytes = storage.count.checked_mul(storage.dtype.size() as u64);
        if bytes.is_none_or(|bytes| bytes > end - start) {
            let reason = format!(
                "its storage should have {} values, but the archive has {} bytes of it",
                storage.count,
                end - start
            );
            return Err(CheckpointError::tensor(path, name, reason));
        }
        Ok(start)
    })
}

/// The files of an archive by their names without the folder that stands before all of them.
struct Members<'a, R> {
    path: &'a str,
    size: u64,
    archive: &'a ZipArchive<R>,
    by_name: HashMap<String, ZipArchiveEntryWayfinder>,
}

impl<'a, R: ReaderAt> Members<'a, R> {
    fn new(
        path: &'a str,
        size: u64,
        archive: &'a ZipArchive<R>,
        buffer: &mut [u8],
    ) -> Result<Self, CheckpointError> {
        let mut members = Self {
            path,
            size,
            archive,
            by_name: HashMap::new(),
        };
        let mut entries = archive.entries(buffer);
        while let Some(entry) = entries
            .next_entry()
            .map_err(|error| members.damaged(&error))?
        {
            let name = entry.file_path();
            let name = match std::str::from_utf8(name.as_bytes()) {
                Ok(name) if name.len() <= NAME => name,
                _ => continue,
            };
            let Some((_, name)) = name.split_once('/') else {
                continue;
            };
            if !(name == "data.pkl" || name == "byteorder" || name.starts_with("data/")) {
                continue;
            }
            let plain = entry.compression_method() == CompressionMethod::STORE
                && !entry.flags().is_encrypted()
                && entry.compressed_size_hint() == entry.uncompressed_size_hint();
            if !plain {
                return Err(CheckpointError::damaged(
                    path,
                    format!(
                        "{name:?} in the archive is compressed or encrypted, which PyTorch never does"
                    ),
                ));
            }
            if members.by_name.len() >= MEMBERS {
                return Err(CheckpointError::damaged(
                    path,
                    format!("the archive has more than {MEMBERS} files"),
                ));
            }
            match members.by_name.entry(name.to_owned()) {
                Entry::Vacant(place) => place.insert(entry.wayfinder()),
                Entry::Occupied(_) => {
                    return Err(CheckpointError::damaged(
                        path,
                        format!("the archive has two files {name:?}"),
                    ));
                }
            };
        }
        Ok(members)
    }

    fn damaged(&self, error: &Error) -> CheckpointError {
        CheckpointError::damaged(self.path, format!("as a zip archive: {error}"))
    }

    /// First byte and end of a file's content.
    fn place(&self, name: &str) -> Result<Option<(u64, u64)>, CheckpointError> {
        let Some(&member) = self.by_name.get(name) else {
            return Ok(None);
        };
        let entry = self
            .archive
            .get_entry(member)
            .map_err(|error| self.damaged(&error))?;
        let (start, end) = entry.compressed_data_range();
        if end > self.size {
            return Err(CheckpointError::damaged(
                self.path,
                format!("{name:?} in the archive ends beyond the file"),
            ));
        }
        Ok(Some((start, end)))
    }

    /// The content of a small file; its checksum is verified.
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, CheckpointError> {
        let Some((start, end)) = self.place(name)? else {
            return Ok(None);
        };
        if end - start > WHOLE {
            return Err(CheckpointError::damaged(
                self.path,
                format!("{name:?} in the archive has more than {WHOLE} bytes"),
            ));
        }
        let entry = self
            .archive
            .get_entry(self.by_name[name])
            .map_err(|error| self.damaged(&error))?;
        let mut bytes = Vec::new();
        entry
            .verifying_reader(entry.reader())
            .read_to_end(&mut bytes)
            .map_err(|error| {
                CheckpointError::damaged(self.path, format!("{name:?} in the archive: {error}"))
            })?;
        Ok(Some(bytes))
    }
}
