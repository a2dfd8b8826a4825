//! Where uploads and datasets lie, and what of all that a user sees.

use super::{
    blobs::{Blobs, Sha},
    demo,
    preview::Outlines,
    sight::{DATASET, DatasetSpec, Sight, SightSpec},
    work::Work,
};
use crate::serve::{Problem, settings::Settings, store::Store};
use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};
use shared::{
    files::Place,
    protocol::{ProblemKind, Quota, Root},
};
use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, RwLock},
};

/// Uploads, datasets and data roots.
pub(crate) struct Library {
    settings: Settings,
    /// Bytes of the disk that stay free.
    pub(super) reserve: u64,
    pub(super) store: Arc<Store>,
    pub(super) work: Work,
    pub(super) outlines: Arc<Outlines>,
    /// Held to read while contents are added that nothing refers to yet; and to write while such are
    /// removed.
    pub(super) gate: RwLock<()>,
    /// Uploads of which a piece is on its way.
    pub(super) busy: Mutex<BTreeSet<String>>,
}

impl Library {
    /// The library in the runner's folder; what a crash left behind there is removed.
    ///
    /// # Errors
    /// The folder cannot be written, or a data root is not there.
    pub(crate) fn open(settings: &Settings, store: Arc<Store>) -> anyhow::Result<Self> {
        let library = Self {
            settings: settings.clone(),
            reserve: settings.free_disk,
            store,
            work: Work::default(),
            outlines: Arc::default(),
            gate: RwLock::default(),
            busy: Mutex::default(),
        };
        fs::create_dir_all(library.folder().join("uploads"))?;
        fs::create_dir_all(library.folder().join("datasets"))?;
        Sight::open(&SightSpec {
            roots: settings.data.clone(),
            datasets: Vec::new(),
        })?;
        super::tidy::tidy(&library).map_err(|problem| anyhow::anyhow!("{}", problem.0.detail))?;
        Ok(library)
    }

    /// Where what was sent of an upload lies. Ids are the runner's own.
    pub(super) fn partial(&self, id: &str) -> PathBuf {
        self.settings.folder.join("uploads").join(id)
    }

    /// Where the list of a dataset's files lies.
    pub(super) fn list(&self, id: &str) -> PathBuf {
        self.settings
            .folder
            .join("datasets")
            .join(format!("{id}.json"))
    }

    /// The contents of a user; a user's name can be anything, and stands in no path.
    pub(super) fn blobs(&self, user: &str) -> Blobs {
        Blobs::new(self.contents().join(folder_of(user)))
    }

    /// The folders with the contents of all users.
    pub(super) fn contents(&self) -> PathBuf {
        self.settings.folder.join("contents")
    }

    /// The runner's folder.
    pub(super) fn folder(&self) -> &Path {
        &self.settings.folder
    }

    /// What a user can read, for the process of a job too.
    ///
    /// # Errors
    /// The store's.
    pub(crate) fn spec(&self, user: &str) -> Result<SightSpec, Problem> {
        let ids: Vec<String> = self.store.read_now(|store| {
            let mut query = store.prepare_cached("SELECT id FROM datasets WHERE user = ?")?;
            let ids = query.query_map([user], |row| row.get(0))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })?;
        let blobs = self.contents().join(folder_of(user));
        let datasets = ids.into_iter().map(|id| DatasetSpec {
            list: self.list(&id),
            id,
            blobs: blobs.clone(),
        });
        Ok(SightSpec {
            roots: self.settings.data.clone(),
            datasets: datasets.collect(),
        })
    }

    /// What a user can read.
    ///
    /// # Errors
    /// The store's, or a data root is gone.
    pub(crate) fn sight(&self, user: &str) -> Result<Sight, Problem> {
        Ok(Sight::open(&self.spec(user)?)?)
    }

    /// The data roots of the command line.
    pub(super) fn roots(&self) -> impl Iterator<Item = Root> {
        self.settings
            .data
            .iter()
            .enumerate()
            .map(|(number, path)| Root {
                id: number.to_string(),
                name: path
                    .file_name()
                    .unwrap_or(path.as_os_str())
                    .to_string_lossy()
                    .into_owned(),
                path: path.to_string_lossy().into_owned(),
            })
    }

    /// How an INI names `path` below a root; whether something is there, or is the user's, is not
    /// looked for.
    ///
    /// # Errors
    /// It is no path below a root.
    pub(crate) fn path_in(&self, root: &str, path: &str) -> Result<String, Problem> {
        let id: String = root.chars().take(40).collect();
        let nothing = || Problem::not_found("data root", &id);
        let before = if root.bytes().all(|byte| byte.is_ascii_digit()) && !root.is_empty() {
            let folder = root
                .parse::<usize>()
                .ok()
                .and_then(|number| self.settings.data.get(number));
            folder
                .and_then(|folder| folder.to_str())
                .ok_or_else(nothing)?
                .to_owned()
        } else if is_id(root) || root == demo::ID {
            format!("{DATASET}{root}")
        } else {
            return Err(nothing());
        };
        if path.is_empty() {
            return Ok(before);
        }
        let place = Place::parse(path).map_err(|error| {
            Problem::new(
                ProblemKind::NotFound,
                format!("there is no such file: its name is none, {error}"),
            )
            .about("path")
        })?;
        Ok(format!("{}/{place}", before.trim_end_matches('/')))
    }

    /// How much room a user has.
    pub(super) fn room(&self, store: &Connection, user: &str) -> Result<Quota, Problem> {
        let sum = |query: &str| -> Result<u64, Problem> {
            let sum: i64 = store
                .prepare_cached(query)?
                .query_row([user], |row| row.get(0))?;
            Ok(crate::serve::store::number(sum))
        };
        let contents = sum("SELECT coalesce(sum(size), 0) FROM contents WHERE user = ?")?;
        let waiting =
            sum("SELECT coalesce(sum(size), 0) FROM uploads WHERE user = ? AND complete = 0")?;
        Ok(Quota {
            limit: self.settings.upload_quota,
            used: contents.saturating_add(waiting),
        })
    }

    /// A job of the user that waits or is at work, and reads a dataset.
    ///
    /// # Errors
    /// The store's.
    pub(super) fn reader(
        &self,
        store: &Connection,
        user: &str,
        dataset: &str,
    ) -> Result<Option<String>, Problem> {
        let mut query = store.prepare_cached(
            "SELECT id FROM jobs WHERE user = ? AND state IN ('queued', 'running', 'cancelling')",
        )?;
        let jobs = query.query_map([user], |row| row.get::<_, String>(0))?;
        for job in jobs {
            let job = job?;
            // A job whose text cannot be read is taken for a reader: nothing is lost by that.
            let text = fs::read_to_string(crate::serve::jobs::folder(&self.settings, &job).ini());
            if text.map_or(true, |text| text.contains(dataset)) {
                return Ok(Some(job));
            }
        }
        Ok(None)
    }

    /// Removes the contents of a user that nothing refers to any more.
    ///
    /// # Errors
    /// The store's or the disk's.
    pub(super) fn release(&self, user: &str) -> Result<(), Problem> {
        let _gate = self
            .gate
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let user_name = user.to_owned();
        let unused: Vec<String> = self.store.write_now(|store| {
            let mut query = store.prepare_cached(
                "DELETE FROM contents WHERE user = ?1 \
                 AND sha256 NOT IN (SELECT sha256 FROM holdings JOIN datasets ON id = dataset WHERE user = ?1) \
                 AND sha256 NOT IN (SELECT sha256 FROM uploads WHERE user = ?1 AND complete = 1) \
                 RETURNING sha256",
            )?;
            let unused = query.query_map([&user_name], |row| row.get(0))?;
            Ok(unused.collect::<Result<_, _>>()?)
        })?;
        let blobs = self.blobs(user);
        for sha in unused.iter().filter_map(|sha| Sha::parse(sha)) {
            match fs::remove_file(blobs.path(&sha)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }
}

/// The folder of a user's contents.
pub(super) fn folder_of(user: &str) -> String {
    let digest = Sha256::digest(user.as_bytes());
    digest
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A new id, which nobody can guess.
pub(super) fn new_id() -> Result<String, Problem> {
    let mut bytes = [0u8; 12];
    getrandom::fill(&mut bytes).map_err(Problem::internal)?;
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    // Never a number alone, which data roots have for an id.
    Ok(format!("d{digits}"))
}

/// Whether a text can be an id of the runner's.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == 25 && text.starts_with('d') && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A name for people.
///
/// # Errors
/// It is empty, too long, or has control characters.
pub(super) fn check_name(name: &str) -> Result<(), Problem> {
    if !name.trim().is_empty() && name.len() <= 1024 && !name.chars().any(char::is_control) {
        return Ok(());
    }
    let detail = "a name has 1 to 1024 bytes, and no control characters";
    Err(Problem::new(ProblemKind::Unprocessable, detail).about("name"))
}

/// Whether the user has such a content, and its length.
pub(super) fn content(store: &Connection, user: &str, sha: &Sha) -> Result<Option<u64>, Problem> {
    let mut query =
        store.prepare_cached("SELECT size FROM contents WHERE user = ? AND sha256 = ?")?;
    let size: Option<i64> = query
        .query_row([user, sha.as_str()], |row| row.get(0))
        .optional()?;
    Ok(size.map(crate::serve::store::number))
}
