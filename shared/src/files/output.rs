//! Where files go, and come back from.

use super::Files;
use std::io::{self, Write};

/// A file in the making. It stands at its path once [`Self::finish`] has come back; dropped before
/// that it leaves nothing.
pub trait NewFile: Write {
    /// Puts the file, whole and on the medium, in the place of whatever stood there.
    ///
    /// # Errors
    /// The system's error.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// Where files go, and, through [`Files`], come back from. Paths are below the experiment's
/// folder, with `/` between names.
///
/// Calls are synchronous, and a name may be given before all bytes are there: a browser keeps a
/// pool of open handles and names of its own.
pub trait Output: Files {
    /// Begins the file `path`, and its folder where that is missing.
    ///
    /// # Errors
    /// The system's error.
    fn create<'a>(&'a self, path: &str) -> io::Result<Box<dyn NewFile + 'a>>;

    /// Gives the file or folder `from` the name `to`, which is free.
    ///
    /// # Errors
    /// The system's error.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file, or a folder with everything in it; what is not there is no error.
    ///
    /// # Errors
    /// The system's error.
    fn remove(&self, path: &str) -> io::Result<()>;

    /// Comes back once the names in `folder` are on the medium.
    ///
    /// # Errors
    /// The system's error.
    fn sync_folder(&self, folder: &str) -> io::Result<()>;

    /// Writes a file, whole or not at all, with what `content` writes.
    ///
    /// # Errors
    /// The system's error.
    fn write_with(
        &self,
        path: &str,
        content: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut file = self.create(path)?;
        content(&mut file)?;
        file.finish()
    }

    /// Writes `bytes` as [`Self::write_with`].
    ///
    /// # Errors
    /// The system's error.
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.write_with(path, &mut |out| out.write_all(bytes))
    }

    /// Cuts the file `path` to its first `keep` bytes (0 makes a new one) and appends `bytes`, in place
    /// where that can be, so that who has the file open sees it grow. A crash may leave a part of it.
    ///
    /// # Errors
    /// The system's error.
    fn extend(&self, path: &str, keep: usize, bytes: &[u8]) -> io::Result<()> {
        let mut all = match keep {
            0 => Vec::new(),
            _ => self.read(path)?,
        };
        all.truncate(keep);
        all.extend(bytes);
        self.write(path, &all)
    }
}
