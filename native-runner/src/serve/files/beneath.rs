//! Files beneath a folder, whatever stands in their names and whatever links lie on the way.

use cap_std::{
    ambient_authority,
    fs::{Dir, OpenOptions},
};
use std::{fs::File, io, path::Path, time::SystemTime};

/// A folder, held by a handle. Paths are followed from there by the system itself (`openat2` on
/// Linux), so that neither `..` nor a link, not even one that is put there in the same moment,
/// leads out of it.
#[derive(Debug)]
pub(crate) struct Beneath {
    folder: Dir,
}

/// What lies in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) is_folder: bool,
    pub(crate) size: u64,
    pub(crate) modified: Option<SystemTime>,
}

impl Beneath {
    /// Takes hold of `folder`.
    ///
    /// # Errors
    /// It is not there, or no folder.
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        Dir::open_ambient_dir(folder, ambient_authority()).map(|folder| Self { folder })
    }

    /// Opens a file; empty steps are the folder itself. Pipes and devices are not opened, which
    /// would wait for ever or do something.
    ///
    /// # Errors
    /// The system's, `PermissionDenied` where the path leads out.
    pub(crate) fn open(&self, path: &str) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true);
        #[cfg(unix)]
        {
            use cap_std::fs::OpenOptionsExt;
            let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
            options.custom_flags(flags.bits() as i32);
        }
        let file = self.folder.open_with(step(path), &options)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "not a regular file",
            ));
        }
        Ok(file.into_std())
    }

    /// Length of a file in bytes.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(crate) fn size(&self, path: &str) -> io::Result<u64> {
        let meta = self.folder.metadata(step(path))?;
        if meta.is_file() {
            Ok(meta.len())
        } else {
            Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "not a regular file",
            ))
        }
    }

    /// Names a file in its state: another text once it has changed.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(crate) fn mark(&self, path: &str) -> io::Result<String> {
        let file = self.open(path)?;
        let meta = file.metadata()?;
        let modified = meta.modified()?.duration_since(SystemTime::UNIX_EPOCH);
        let modified = modified.unwrap_or_default().as_nanos();
        Ok(format!("{path}\n{}\n{modified}", meta.len()))
    }

    /// Whether there is a folder.
    pub(crate) fn is_folder(&self, path: &str) -> bool {
        self.folder
            .metadata(step(path))
            .is_ok_and(|meta| meta.is_dir())
    }

    /// The first `most` files and folders of a folder whose names are UTF-8 and that do not lead
    /// out, in no order, and whether there are more.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(crate) fn list(&self, path: &str, most: usize) -> io::Result<(Vec<Entry>, bool)> {
        let mut found = Vec::new();
        let folder = self.folder.open_dir(step(path))?;
        for entry in folder.entries()? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            // Through the folder, so that links are followed, if they stay beneath the root.
            let inner = match path {
                "" => name.clone(),
                _ => format!("{path}/{name}"),
            };
            let Ok(meta) = self.folder.metadata(step(&inner)) else {
                continue;
            };
            if !meta.is_file() && !meta.is_dir() {
                continue;
            }
            if found.len() == most {
                return Ok((found, true));
            }
            found.push(Entry {
                name,
                is_folder: meta.is_dir(),
                size: meta.len(),
                modified: meta
                    .modified()
                    .ok()
                    .map(cap_std::time::SystemTime::into_std),
            });
        }
        Ok((found, false))
    }
}

/// The root itself has a name as well.
fn step(path: &str) -> &str {
    if path.is_empty() { "." } else { path }
}
