//! The native file system.

use super::{Files, ReadSeek};
use std::{fs, io, time::SystemTime};

/// Files of the machine's disk; relative paths start at the current directory.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Files for Disk {
    fn open(&self, path: &str) -> io::Result<Box<dyn ReadSeek>> {
        Ok(Box::new(fs::File::open(path)?))
    }

    fn size(&self, path: &str) -> io::Result<u64> {
        let meta = fs::metadata(path)?;
        if meta.is_file() {
            Ok(meta.len())
        } else {
            Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "not a regular file",
            ))
        }
    }

    fn mark(&self, path: &str) -> io::Result<String> {
        let meta = fs::metadata(path)?;
        let changed = match meta.modified()?.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => since.as_nanos().to_string(),
            Err(before) => format!("-{}", before.duration().as_nanos()),
        };
        Ok(format!("{} bytes, {changed}", meta.len()))
    }

    fn is_folder(&self, path: &str) -> bool {
        fs::metadata(path).is_ok_and(|meta| meta.is_dir())
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(path)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }
}
