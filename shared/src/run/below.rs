//! A folder inside of an output, as an output of its own.

use super::{NewFile, Output};
use crate::files::{Files, ReadSeek};
use std::io;

/// What lies below a folder of another output.
pub struct Below<'a> {
    output: &'a dyn Output,
    folder: String,
}

impl<'a> Below<'a> {
    /// The folder `folder` of `output`.
    #[must_use]
    pub fn new(output: &'a dyn Output, folder: String) -> Self {
        Self { output, folder }
    }

    fn path(&self, path: &str) -> String {
        if path.is_empty() {
            self.folder.clone()
        } else {
            format!("{}/{path}", self.folder)
        }
    }
}

impl Files for Below<'_> {
    fn open(&self, path: &str) -> io::Result<Box<dyn ReadSeek>> {
        self.output.open(&self.path(path))
    }

    fn size(&self, path: &str) -> io::Result<u64> {
        self.output.size(&self.path(path))
    }

    fn is_folder(&self, path: &str) -> bool {
        self.output.is_folder(&self.path(path))
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        self.output.list(&self.path(path))
    }

    fn mark(&self, path: &str) -> io::Result<String> {
        self.output.mark(&self.path(path))
    }
}

impl Output for Below<'_> {
    fn create<'a>(&'a self, path: &str) -> io::Result<Box<dyn NewFile + 'a>> {
        self.output.create(&self.path(path))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.output.rename(&self.path(from), &self.path(to))
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.output.remove(&self.path(path))
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        self.output.sync_folder(&self.path(folder))
    }

    fn extend(&self, path: &str, keep: usize, bytes: &[u8]) -> io::Result<()> {
        self.output.extend(&self.path(path), keep, bytes)
    }
}
