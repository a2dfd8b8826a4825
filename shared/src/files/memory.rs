//! Files that are held in memory: tests, and what a page was given.

use super::{Files, ReadSeek};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Cursor},
    sync::Arc,
};

/// Files by path; folders are whatever stands before a `/` in one of the paths.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    files: BTreeMap<String, Arc<[u8]>>,
}

impl Memory {
    /// Adds or replaces a file.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl Into<Arc<[u8]>>) {
        self.files.insert(path.into(), bytes.into());
    }

    fn get(&self, path: &str) -> io::Result<&Arc<[u8]>> {
        self.files
            .get(path)
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such file"))
    }
}

impl Files for Memory {
    fn open(&self, path: &str) -> io::Result<Box<dyn ReadSeek>> {
        Ok(Box::new(Cursor::new(Arc::clone(self.get(path)?))))
    }

    fn size(&self, path: &str) -> io::Result<u64> {
        Ok(self.get(path)?.len() as u64)
    }

    fn is_folder(&self, path: &str) -> bool {
        self.list(path).is_ok()
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        let prefix = format!("{}/", path.trim_end_matches('/'));
        let names: BTreeSet<String> = self
            .files
            .keys()
            .filter_map(|file| file.strip_prefix(&prefix))
            .map(|rest| rest.split('/').next().unwrap_or(rest).to_owned())
            .collect();
        if names.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "no such folder"));
        }
        Ok(names.into_iter().collect())
    }
}
