//! Files of one commit into the cache, resumed where they were cut off, and checked.
//!
//! Names, addresses and the cache's layout are `hf-hub`'s; the transfer is not: its own sends the
//! token along to whatever store the hub redirects to, and appends to a part without a look.

use super::{
    cache::Cached,
    client::{Answer, Client},
    error::HubError,
};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use shared::{config::HubModel, protocol::Event};
use std::{
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// How often a file is tried; each goes on where the one before was cut off.
const ATTEMPTS: u32 = 4;
/// Wait before the second attempt; it doubles each time.
const WAIT: Duration = Duration::from_millis(500);
/// Redirects within the hub that are followed: of a model that has another name today.
const HOPS: usize = 5;

/// Downloads files of one commit of a model.
pub(crate) struct Downloader<'a> {
    pub(crate) client: &'a Client,
    pub(crate) model: &'a HubModel,
    pub(crate) commit: &'a str,
    pub(crate) cached: &'a Cached,
    pub(crate) emit: &'a dyn Fn(&Event),
}

/// What the hub says of a file.
struct Metadata {
    /// SHA-256 of a large file, else git's hash.
    hash: String,
    /// Bytes.
    size: u64,
}

impl Downloader<'_> {
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
        let metadata = self.metadata(file)?;
        let blob = self.cached.blob(&metadata.hash);
        // Python's programs lock the same file.
        let lock = self.cached.lock(&metadata.hash)?;
        if lock.try_lock().is_err() {
            return Err(HubError::Busy {
                id: self.model.id.clone(),
                file: file.to_owned(),
            });
        }
        if length(&blob) != Some(metadata.size) {
            let part = blob.with_extension("incomplete");
            if length(&part).is_some_and(|there| there > metadata.size) {
                fs::remove_file(&part).map_err(HubError::io(&part))?;
            }
            if length(&part) != Some(metadata.size) {
                self.transfer(file, &part, metadata.size)?;
            }
            self.check(file, &part, &metadata)?;
            fs::rename(&part, &blob).map_err(HubError::io(&blob))?;
        }
        self.cached.link(self.commit, file, &metadata.hash)
    }

    /// Asks for the headers of `file`, without a look into the store that it may lie in.
    fn metadata(&self, file: &str) -> Result<Metadata, HubError> {
        let mut path = self.cached.address(self.commit, file);
        let mut answer = self.client.head(&path)?;
        for _ in 0..HOPS {
            let within = answer
                .header("location")
                .filter(|to| to.starts_with('/') && !to.starts_with("//"));
            let Some(within) = within else { break };
            path = within.to_owned();
            answer = self.client.head(&path)?;
        }
        if answer.status >= 400 {
            return Err(self.explain(&answer, file));
        }
        let odd = || {
            let reason = format!("the headers of {file} are not those of a file of this commit");
            self.client.odd(reason)
        };
        let hash = answer
            .header("x-linked-etag")
            .or_else(|| answer.header("etag"))
            .map(|mark| mark.trim_start_matches("W/").trim_matches('"').to_owned())
            .filter(|hash| is_file_name(hash))
            .ok_or_else(odd)?;
        let size = answer
            .header("x-linked-size")
            .or_else(|| answer.header("content-length"))
            .and_then(|size| size.parse().ok())
            .ok_or_else(odd)?;
        if answer.header("x-repo-commit") != Some(self.commit) {
            return Err(odd());
        }
        Ok(Metadata { hash, size })
    }

    /// Appends to `part` what is missing of the `size` bytes.
    fn transfer(&self, file: &str, part: &Path, size: u64) -> Result<(), HubError> {
        let folder = part.parent().unwrap_or(part);
        fs::create_dir_all(folder).map_err(HubError::io(folder))?;
        let mut open = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(part)
            .map_err(HubError::io(part))?;
        let mut bytes = open.metadata().map_err(HubError::io(part))?.len();
        let path = self.cached.address(self.commit, file);
        let mut response = self.client.open(&path, bytes)?;
        match response.status().as_u16() {
            206 => {}
            // The range was passed over, so this is the whole.
            200 => {
                open.set_len(0).map_err(HubError::io(part))?;
                bytes = 0;
            }
            _ => {
                let answer = self.client.answer(Ok(response))?;
                return Err(self.explain(&answer, file));
            }
        }
        let tell = |bytes: u64| {
            (self.emit)(&Event::Download {
                model: self.model.to_string(),
                file: file.to_owned(),
                bytes,
                total: size,
            });
        };
        tell(bytes);
        let mut told = Instant::now();
        let mut reader = response.body_mut().as_reader();
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) => {
                    return Err(HubError::Network {
                        endpoint: self.client.endpoint.clone(),
                        reason: error.to_string(),
                    });
                }
            };
            open.write_all(&buffer[..read])
                .map_err(HubError::io(part))?;
            bytes += read as u64;
            if told.elapsed() >= Duration::from_secs(1) {
                told = Instant::now();
                tell(bytes);
            }
        }
        open.sync_all().map_err(HubError::io(part))?;
        tell(bytes);
        Ok(())
    }

    /// Deletes a part that has another size or hash than the hub says.
    fn check(&self, file: &str, part: &Path, metadata: &Metadata) -> Result<(), HubError> {
        let Metadata { hash, size } = metadata;
        let there = length(part).unwrap_or(0);
        let hash = hash.to_ascii_lowercase();
        let hex = hash.chars().all(|c| c.is_ascii_hexdigit());
        let reason = if there == *size {
            let found = match hash.len() {
                64 if hex => Some(digest(Sha256::new(), part)),
                40 if hex => Some(digest(
                    Sha1::new_with_prefix(format!("blob {size}\0")),
                    part,
                )),
                // A hub of another kind may name files otherwise.
                _ => None,
            };
            let found = found.transpose().map_err(HubError::io(part))?;
            found
                .filter(|found| *found != hash)
                .map(|found| format!("its hash is {found} instead of {hash}"))
        } else {
            Some(format!("{there} bytes instead of {size}"))
        };
        let Some(reason) = reason else { return Ok(()) };
        fs::remove_file(part).map_err(HubError::io(part))?;
        Err(HubError::Damaged {
            id: self.model.id.clone(),
            file: file.to_owned(),
            reason,
        })
    }

    fn explain(&self, answer: &Answer, file: &str) -> HubError {
        self.client
            .trouble(answer, self.model, file)
            .unwrap_or_else(|| {
                self.client
                    .refusal(answer, &format!("the request for {file} of {}", self.model))
            })
    }
}

fn length(path: &Path) -> Option<u64> {
    fs::metadata(path).map(|meta| meta.len()).ok()
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
