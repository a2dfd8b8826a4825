//! The list of a dataset's files, and the files by it.

use super::{
    blobs::{Blobs, Sha},
    demo,
};
use serde::{Deserialize, Serialize};
use shared::files::{Place, ReadSeek};
use std::{collections::BTreeMap, fs, io, path::Path};

/// The files of a dataset: what each is called, and what it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct List {
    /// By place.
    pub(crate) files: BTreeMap<String, Content>,
}

/// What a file of a dataset is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Content {
    /// SHA-256 of its bytes.
    pub(crate) sha256: Sha,
    /// Its bytes.
    pub(crate) size: u64,
}

impl List {
    /// Adds a file, unless its place is taken, by a file or a folder.
    pub(crate) fn add(&mut self, place: &Place, content: Content) -> bool {
        let taken = self.files.contains_key(place.as_str())
            || self.is_folder(place.as_str())
            || place
                .folders()
                .any(|folder| self.files.contains_key(folder));
        if !taken {
            self.files.insert(place.to_string(), content);
        }
        !taken
    }

    /// Bytes of all files.
    pub(crate) fn bytes(&self) -> u64 {
        self.files.values().map(|content| content.size).sum()
    }

    /// Whether files lie below `path`; empty is the dataset itself.
    pub(crate) fn is_folder(&self, path: &str) -> bool {
        path.is_empty() || self.below(path).next().is_some()
    }

    /// The names directly in a folder, each with its content if it is a file.
    pub(crate) fn entries(&self, path: &str) -> BTreeMap<&str, Option<&Content>> {
        self.below(path)
            .map(|(rest, content)| match rest.split_once('/') {
                Some((folder, _)) => (folder, None),
                None => (rest, Some(content)),
            })
            .collect()
    }

    /// The files below a folder, seen from there.
    fn below<'a>(&'a self, path: &str) -> impl Iterator<Item = (&'a str, &'a Content)> {
        let prefix = if path.is_empty() {
            String::new()
        } else {
            format!("{path}/")
        };
        let length = prefix.len();
        self.files
            .range(prefix.clone()..)
            .take_while(move |(place, _)| place.starts_with(&prefix))
            .map(move |(place, content)| (&place[length..], content))
    }

    /// The contents that it needs, with their lengths.
    pub(crate) fn contents(&self) -> BTreeMap<&Sha, u64> {
        let contents = self.files.values();
        contents
            .map(|content| (&content.sha256, content.size))
            .collect()
    }

    /// Reads a list.
    ///
    /// # Errors
    /// It is not there, or no list.
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        serde_json::from_slice(&fs::read(path)?).map_err(io::Error::other)
    }
}

/// The files of a dataset with their contents.
#[derive(Debug)]
pub(crate) struct Shelf {
    list: List,
    contents: Contents,
}

/// Where the contents of a dataset are.
#[derive(Debug)]
enum Contents {
    /// In a folder, by their SHA-256.
    Blobs(Blobs),
    /// In the program itself.
    BuiltIn,
}

impl Shelf {
    /// Reads the list.
    ///
    /// # Errors
    /// It is not there, or no list.
    pub(crate) fn open(list: &Path, blobs: &Path) -> io::Result<Self> {
        Ok(Self {
            list: List::read(list)?,
            contents: Contents::Blobs(Blobs::new(blobs)),
        })
    }

    /// The demo, which is built into the program.
    pub(super) fn built_in(list: List) -> Self {
        Self {
            list,
            contents: Contents::BuiltIn,
        }
    }

    /// What is in it.
    pub(crate) fn list(&self) -> &List {
        &self.list
    }

    /// Opens a file.
    ///
    /// # Errors
    /// There is none at that place.
    pub(crate) fn open_file(&self, place: &str) -> io::Result<Box<dyn ReadSeek>> {
        let content = self.content(place)?;
        Ok(match &self.contents {
            Contents::Blobs(blobs) => Box::new(blobs.open(&content.sha256)?),
            Contents::BuiltIn => Box::new(demo::open(place)?),
        })
    }

    /// Length of a file.
    ///
    /// # Errors
    /// There is none at that place.
    pub(crate) fn size(&self, place: &str) -> io::Result<u64> {
        self.content(place).map(|content| content.size)
    }

    /// Whether there is such a folder.
    pub(crate) fn is_folder(&self, place: &str) -> bool {
        self.list.is_folder(place)
    }

    /// Names in a folder, sorted.
    ///
    /// # Errors
    /// There is no such folder.
    pub(crate) fn names(&self, place: &str) -> io::Result<Vec<String>> {
        if !self.list.is_folder(place) {
            return Err(io::Error::new(io::ErrorKind::NotFound, "no such folder"));
        }
        let entries = self.list.entries(place);
        Ok(entries.into_keys().map(str::to_owned).collect())
    }

    /// What the file at a place is.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn content(&self, place: &str) -> io::Result<&Content> {
        let found = self.list.files.get(place);
        found.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such file in the dataset"))
    }
}
