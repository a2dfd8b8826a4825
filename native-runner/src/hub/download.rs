//! Files of one commit into the cache, by `hf-hub`, resumed and checked.

use super::{Settings, cache::Cached, client::Client, error::HubError};
use hf_hub::{
    Cache, Repo, RepoType,
    api::{
        Progress,
        sync::{Api, ApiBuilder, ApiError, ApiRepo, Metadata},
    },
};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use shared::{config::HubModel, protocol::Event};
use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// How often a file is tried; each goes on where the one before was cut off.
const ATTEMPTS: u32 = 4;
/// Wait before the second attempt; it doubles each time.
const WAIT: Duration = Duration::from_millis(500);

/// Downloads files of one commit of a model.
pub(crate) struct Downloader<'a> {
    /// For questions about what went wrong.
    pub(crate) client: &'a Client,
    pub(crate) model: &'a HubModel,
    pub(crate) commit: &'a str,
    pub(crate) cached: &'a Cached,
    pub(crate) emit: &'a dyn Fn(&Event),
    api: Api,
    repo: ApiRepo,
}

impl<'a> Downloader<'a> {
    pub(crate) fn new(
        settings: &Settings,
        client: &'a Client,
        model: &'a HubModel,
        commit: &'a str,
        cached: &'a Cached,
        emit: &'a dyn Fn(&Event),
    ) -> Result<Self, HubError> {
        let token = client.token.as_ref().map(super::Token::reveal);
        let api = ApiBuilder::from_cache(Cache::new(settings.cache.clone()))
            .with_endpoint(settings.endpoint.clone())
            .with_token(token)
            .with_progress(false)
            // Its own second attempt would append to what the first one left.
            .with_retries(0)
            .with_user_agent("voxtune", env!("CARGO_PKG_VERSION"))
            .build()
            .map_err(|error| client.odd(error.to_string()))?;
        let repo = api.repo(Repo::with_revision(
            model.id.clone(),
            RepoType::Model,
            commit.to_owned(),
        ));
        Ok(Self {
            client,
            model,
            commit,
            cached,
            emit,
            api,
            repo,
        })
    }

    /// Puts `file` into the cache, if it isn't there, and gives its path.
    pub(crate) fn fetch(&self, file: &str) -> Result<PathBuf, HubError> {
        let path = self.cached.snapshot(self.commit).join(file);
        let mut wait = WAIT;
        for _ in 1..ATTEMPTS {
            if path.exists() {
                return Ok(path);
            }
            match self.once(file) {
                Err(error) if error.is_transient() => {}
                other => return other.map(|()| path),
            }
            thread::sleep(wait);
            wait *= 2;
        }
        self.once(file).map(|()| path)
    }

    fn once(&self, file: &str) -> Result<(), HubError> {
        let metadata = self
            .api
            .metadata(&self.repo.url(file))
            .map_err(|error| self.explain(error, file))?;
        let hash = metadata.etag();
        if metadata.commit_hash() != self.commit || !is_file_name(hash) {
            return Err(self.client.odd(format!(
                "the headers of {file} belong to no file of this commit"
            )));
        }
        let blob = self.cached.blob(hash);
        let size = metadata.size() as u64;
        let there = |path: &Path| fs::metadata(path).map(|meta| meta.len()).ok();
        if there(&blob) == Some(size) {
            return self.cached.link(self.commit, file, hash);
        }
        // A part that is whole, or longer than that, has nothing left to ask for.
        let part = blob.with_extension("part");
        if there(&part).is_some_and(|part| part >= size) {
            fs::remove_file(&part).map_err(HubError::io(&part))?;
        }
        let progress = Bar::new(self, file);
        self.repo
            .download_with_progress(file, progress)
            .map_err(|error| self.explain(error, file))?;
        self.check(file, &blob, &metadata)
    }

    /// Deletes what has another size or hash than the hub says.
    fn check(&self, file: &str, blob: &Path, metadata: &Metadata) -> Result<(), HubError> {
        let size = fs::metadata(blob).map_err(HubError::io(blob))?.len();
        let wanted = metadata.size() as u64;
        let hash = metadata.etag().to_ascii_lowercase();
        let hex = hash.chars().all(|c| c.is_ascii_hexdigit());
        let reason = if size != wanted {
            Some(format!("{size} bytes instead of {wanted}"))
        } else {
            // Large files are named by SHA-256, others by git.
            let found = match hash.len() {
                64 if hex => Some(digest(Sha256::new(), blob)),
                40 if hex => {
                    let head = format!("blob {size}\0");
                    Some(digest(Sha1::new_with_prefix(head), blob))
                }
                _ => None,
            };
            let found = found.transpose().map_err(HubError::io(blob))?;
            found
                .filter(|found| *found != hash)
                .map(|found| format!("its hash is {found} instead of {hash}"))
        };
        let Some(reason) = reason else { return Ok(()) };
        let _ = fs::remove_file(self.cached.snapshot(self.commit).join(file));
        fs::remove_file(blob).map_err(HubError::io(blob))?;
        Err(HubError::Damaged {
            id: self.model.id.clone(),
            file: file.to_owned(),
            reason,
        })
    }

    /// What an error of `hf-hub` means.
    fn explain(&self, error: ApiError, file: &str) -> HubError {
        match error {
            ApiError::RequestError(error) => match *error {
                // The status alone does not tell what is wrong; the headers do.
                ureq::Error::StatusCode(status) => match self.client.probe(&self.repo.url(file)) {
                    Ok(answer) => self
                        .client
                        .trouble(&answer, self.model, file)
                        .unwrap_or_else(|| HubError::Status {
                            endpoint: self.client.endpoint.clone(),
                            what: format!("the request for {file} of {}", self.model),
                            status,
                            message: String::new(),
                        }),
                    Err(error) => error,
                },
                ureq::Error::Io(source) if is_local(&source) => HubError::Io {
                    path: self.cached.blob(""),
                    source,
                },
                error => self.client.network(&error),
            },
            ApiError::IoError(source) if is_local(&source) => HubError::Io {
                path: self.cached.blob(""),
                source,
            },
            // The body was cut off.
            ApiError::IoError(source) => HubError::Network {
                endpoint: self.client.endpoint.clone(),
                reason: source.to_string(),
            },
            ApiError::LockAcquisition(_) => HubError::Busy {
                id: self.model.id.clone(),
                file: file.to_owned(),
            },
            other => self.client.odd(other.to_string()),
        }
    }
}

/// Whether the disk is to blame, and not the network.
fn is_local(error: &io::Error) -> bool {
    use io::ErrorKind::{
        NotADirectory, NotFound, PermissionDenied, ReadOnlyFilesystem, StorageFull,
    };
    matches!(
        error.kind(),
        StorageFull | PermissionDenied | NotFound | NotADirectory | ReadOnlyFilesystem
    ) || error.kind() == io::ErrorKind::QuotaExceeded
}

/// A hash becomes the name of a file: it must not lead elsewhere.
fn is_file_name(hash: &str) -> bool {
    (1..=128).contains(&hash.len())
        && hash
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

fn digest<D: Digest>(mut digest: D, path: &Path) -> io::Result<String> {
    let mut file = fs::File::open(path)?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read => digest.update(&buffer[..read]),
        }
    }
    let bytes = digest.finalize();
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Tells how far a file is, about once a second.
struct Bar<'a> {
    downloader: &'a Downloader<'a>,
    file: String,
    total: u64,
    bytes: u64,
    told: Option<(Instant, u64)>,
}

impl<'a> Bar<'a> {
    fn new(downloader: &'a Downloader<'a>, file: &str) -> Self {
        Self {
            downloader,
            file: file.to_owned(),
            total: 0,
            bytes: 0,
            told: None,
        }
    }

    fn tell(&mut self) {
        self.told = Some((Instant::now(), self.bytes));
        (self.downloader.emit)(&Event::Download {
            model: self.downloader.model.to_string(),
            file: self.file.clone(),
            bytes: self.bytes,
            total: self.total,
        });
    }
}

impl Progress for Bar<'_> {
    fn init(&mut self, size: usize, _file: &str) {
        self.total = size as u64;
        self.bytes = 0;
    }

    fn update(&mut self, size: usize) {
        self.bytes += size as u64;
        if self
            .told
            .is_none_or(|(when, _)| when.elapsed() >= Duration::from_secs(1))
        {
            self.tell();
        }
    }

    fn finish(&mut self) {
        if self.told.is_none_or(|(_, bytes)| bytes != self.bytes) {
            self.tell();
        }
    }
}
