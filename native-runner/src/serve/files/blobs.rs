//! Contents by their SHA-256.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// A SHA-256 as 64 small hexadecimal digits. It can stand in a path: there is nothing else in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Sha(String);

impl Sha {
    /// Reads 64 hexadecimal digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let right = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        right.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The digits.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn of(hash: Sha256) -> Self {
        Self(
            hash.finalize()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
    }
}

impl fmt::Display for Sha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Sha {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("{text:?} is no SHA-256"))
    }
}

impl From<Sha> for String {
    fn from(sha: Sha) -> Self {
        sha.0
    }
}

/// A folder of contents. They are of one user: whoever knows the SHA-256 of another's recording must
/// not get it by naming it.
#[derive(Debug, Clone)]
pub(crate) struct Blobs {
    folder: PathBuf,
}

impl Blobs {
    /// The contents in `folder`, which need not be there yet.
    pub(crate) fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a content lies.
    pub(crate) fn path(&self, sha: &Sha) -> PathBuf {
        self.folder.join(&sha.0[..2]).join(&sha.0)
    }

    /// Opens a content.
    pub(crate) fn open(&self, sha: &Sha) -> io::Result<File> {
        File::open(self.path(sha))
    }

    /// A content that is not known yet.
    ///
    /// # Errors
    /// The disk's.
    pub(crate) fn create(&self) -> io::Result<NewBlob> {
        fs::create_dir_all(&self.folder)?;
        let path = tempfile::Builder::new()
            .prefix(".new-")
            .tempfile_in(&self.folder)?;
        Ok(NewBlob {
            file: path,
            hash: Sha256::new(),
            size: 0,
        })
    }

    /// Puts a written content in its place, unless it is there, and says what it is called.
    ///
    /// # Errors
    /// The disk's.
    pub(crate) fn keep(&self, blob: NewBlob) -> io::Result<(Sha, u64)> {
        let sha = Sha::of(blob.hash);
        let place = self.path(&sha);
        if !place.exists() {
            make_parent(&place)?;
            blob.file.as_file().sync_all()?;
            blob.file.persist(&place).map_err(|error| error.error)?;
        }
        Ok((sha, blob.size))
    }

    /// Puts the file `whole`, whose SHA-256 must be `sha`, in its place. If it is another, nothing
    /// happens.
    ///
    /// # Errors
    /// The disk's.
    pub(crate) fn adopt(&self, whole: &Path, sha: &Sha) -> io::Result<bool> {
        if sha_of(whole)? != *sha {
            return Ok(false);
        }
        let place = self.path(sha);
        make_parent(&place)?;
        OpenOptions::new().write(true).open(whole)?.sync_all()?;
        fs::rename(whole, &place)?;
        Ok(true)
    }

    /// Removes all contents but those that `used` knows.
    ///
    /// # Errors
    /// The disk's.
    pub(crate) fn sweep(&self, used: impl Fn(&Sha) -> bool) -> io::Result<()> {
        let folders = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            folders => folders?,
        };
        for folder in folders {
            let folder = folder?.path();
            if !folder.is_dir() {
                continue;
            }
            for file in fs::read_dir(folder)? {
                let file = file?;
                let sha = file.file_name().to_str().and_then(Sha::parse);
                if sha.is_some_and(|sha| !used(&sha)) {
                    fs::remove_file(file.path())?;
                }
            }
        }
        Ok(())
    }
}

fn make_parent(place: &Path) -> io::Result<()> {
    place.parent().map_or(Ok(()), fs::create_dir_all)
}

/// A content that is being written; gone if it is not kept.
pub(crate) struct NewBlob {
    file: tempfile::NamedTempFile,
    hash: Sha256,
    size: u64,
}

impl Write for NewBlob {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.as_file_mut().write(bytes)?;
        self.hash.update(&bytes[..count]);
        self.size += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_file_mut().flush()
    }
}

/// SHA-256 of a file.
fn sha_of(path: &Path) -> io::Result<Sha> {
    let (mut file, mut hash) = (File::open(path)?, Sha256::new());
    let mut block = vec![0; 1 << 18];
    loop {
        match file.read(&mut block)? {
            0 => return Ok(Sha::of(hash)),
            count => hash.update(&block[..count]),
        }
    }
}
