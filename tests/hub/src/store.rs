//! What the hub holds, and who may see it.

use crate::{
    ORGANISATION, READ_TOKEN, Seen, USER, WRITE_TOKEN,
    http::{Request, Response},
};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, HashMap},
    fs, io,
    path::Path,
};

/// A file of a commit.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) bytes: Vec<u8>,
    /// Whether it lies in the store of large files.
    pub(crate) large: bool,
}

impl File {
    /// What the file is named by: SHA-256 for large files, else git's hash of it.
    pub(crate) fn hash(&self) -> String {
        if self.large {
            sha256(&self.bytes)
        } else {
            let mut digest = Sha1::new();
            digest.update(format!("blob {}\0", self.bytes.len()));
            digest.update(&self.bytes);
            hex(&digest.finalize())
        }
    }
}

/// A model's repository.
#[derive(Clone, Default)]
pub struct Repository {
    /// Whether only its owner sees it.
    pub private: bool,
    /// Whether its files are for those alone who were let in, which nobody was.
    pub gated: bool,
    /// Commits in order: hash and files by path.
    pub(crate) commits: Vec<(String, BTreeMap<String, File>)>,
}

impl Repository {
    /// The newest commit's hash; empty where there is none.
    #[must_use]
    pub fn head(&self) -> &str {
        self.commits.last().map_or("", |(hash, _)| hash)
    }

    /// The newest commit's files by path.
    #[must_use]
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let files = self.commits.last().map(|(_, files)| files);
        files
            .into_iter()
            .flatten()
            .map(|(path, file)| (path.clone(), file.bytes.clone()))
            .collect()
    }

    /// Whether the newest commit has `path` in the store of large files.
    #[must_use]
    pub fn is_large(&self, path: &str) -> bool {
        let files = self.commits.last().map(|(_, files)| files);
        files.is_some_and(|files| files.get(path).is_some_and(|file| file.large))
    }

    pub(crate) fn commit(&mut self, files: BTreeMap<String, File>) {
        let mut digest = Sha1::new();
        digest.update(self.head());
        for (path, file) in &files {
            digest.update(format!("{path} {}\n", file.hash()));
        }
        self.commits.push((hex(&digest.finalize()), files));
    }

    /// The commit that `revision` names.
    pub(crate) fn at(&self, revision: &str) -> Option<&(String, BTreeMap<String, File>)> {
        if revision == "main" {
            return self.commits.last();
        }
        self.commits.iter().find(|(hash, _)| hash == revision)
    }
}

/// What the hub holds, and its faults.
pub struct State {
    /// Repositories by `owner/name`.
    pub repositories: BTreeMap<String, Repository>,
    /// Former names to today's.
    pub moved: BTreeMap<String, String>,
    /// Every request in order.
    pub seen: Vec<Seen>,
    /// The next answers with a large file break after so many bytes.
    pub cuts: Vec<usize>,
    /// The next requests whose path contains the text are answered with the status.
    pub faults: Vec<(String, u16)>,
    /// Large files are uploaded in parts of so many bytes; `None` takes them whole.
    pub part_size: Option<usize>,
    /// Flips a byte of every large file that is sent.
    pub damaged: bool,
    pub(crate) endpoint: String,
    pub(crate) store: String,
    pub(crate) objects: HashMap<String, Vec<u8>>,
    pub(crate) parts: HashMap<String, BTreeMap<usize, Vec<u8>>>,
}

impl State {
    pub(crate) fn new(endpoint: &str, store: &str) -> Self {
        Self {
            repositories: BTreeMap::new(),
            moved: BTreeMap::new(),
            seen: Vec::new(),
            cuts: Vec::new(),
            faults: Vec::new(),
            part_size: None,
            damaged: false,
            endpoint: endpoint.to_owned(),
            store: store.to_owned(),
            objects: HashMap::new(),
            parts: HashMap::new(),
        }
    }

    /// Commits the files of `folder` to `id`, which is made if it isn't there.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn add(&mut self, id: &str, folder: &Path) -> io::Result<()> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if let (true, Some(name)) = (path.is_file(), path.file_name().and_then(|n| n.to_str()))
            {
                let file = File {
                    bytes: fs::read(&path)?,
                    large: is_large(name),
                };
                files.insert(name.to_owned(), file);
            }
        }
        self.repositories
            .entry(id.to_owned())
            .or_default()
            .commit(files);
        Ok(())
    }

    pub(crate) fn fault(&mut self, target: &str) -> Option<u16> {
        let index = self
            .faults
            .iter()
            .position(|(part, _)| target.contains(part.as_str()))?;
        Some(self.faults.remove(index).1)
    }

    /// The repository `id`, if the asker may know of it; else what the hub answers.
    pub(crate) fn visible(&self, request: &Request, id: &str) -> Result<&Repository, Response> {
        let role = Role::of(request)?;
        if let Some(today) = self.moved.get(id) {
            let target = request.target.replacen(id, today, 1);
            return Err(Response::new(307).with("Location", target));
        }
        match self.repositories.get(id) {
            Some(found) if !found.private || role.is_some() && is_ours(id) => Ok(found),
            // A stranger doesn't learn whether there is one.
            _ if role.is_none() => Err(Response::error(
                401,
                "RepoNotFound",
                "Invalid username or password.",
            )),
            _ => Err(Response::error(404, "RepoNotFound", "Repository not found")),
        }
    }

    /// Whether the asker may write to `id`.
    pub(crate) fn may_write(request: &Request, id: &str) -> Result<(), Response> {
        match Role::of(request)? {
            None => Err(Response::error(401, "", "Invalid username or password.")),
            Some(Role::Write) if is_ours(id) => Ok(()),
            Some(_) => Err(Response::error(
                403,
                "",
                "You don't have the rights to create or change a model under this namespace",
            )),
        }
    }
}

/// What a token may do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Read,
    Write,
}

impl Role {
    /// Of the request's token; `None` without one.
    pub(crate) fn of(request: &Request) -> Result<Option<Self>, Response> {
        let Some(header) = request.header("authorization") else {
            return Ok(None);
        };
        match header.strip_prefix("Bearer ") {
            Some(WRITE_TOKEN) => Ok(Some(Self::Write)),
            Some(READ_TOKEN) => Ok(Some(Self::Read)),
            _ => Err(Response::error(
                401,
                "",
                "Invalid credentials in Authorization header",
            )),
        }
    }
}

fn is_ours(id: &str) -> bool {
    id.split('/')
        .next()
        .is_some_and(|owner| owner == USER || owner == ORGANISATION)
}

/// Whether the hub's default `.gitattributes` puts a file into the store of large files.
pub(crate) fn is_large(name: &str) -> bool {
    [".safetensors", ".bin", ".pt"]
        .iter()
        .any(|end| name.ends_with(end))
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
