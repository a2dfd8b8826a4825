//! What of a model is in the cache already.
//!
//! The layout is that of `huggingface_hub`: `models--owner--name` with `blobs` by hash, `snapshots`
//! by commit that link to them, and `refs` from branches to commits.

use super::{Need, error::HubError};
use hf_hub::{Cache, CacheRepo, Repo, RepoType};
use shared::{
    checkpoint::repository::{description, shards, weights},
    config::HubModel,
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The folders of one model in the cache.
pub(crate) struct Cached {
    root: PathBuf,
    locks: PathBuf,
    repo: Repo,
    cache: CacheRepo,
}

impl Cached {
    pub(crate) fn new(cache: &Path, model: &HubModel) -> Self {
        let repo = Repo::new(model.id.clone(), RepoType::Model);
        let name = repo.folder_name();
        Self {
            root: cache.join(&name),
            locks: cache.join(".locks").join(name),
            cache: Cache::new(cache.to_owned()).repo(repo.clone()),
            repo,
        }
    }

    /// The folder of a commit, whether it is there or not.
    pub(crate) fn snapshot(&self, commit: &str) -> PathBuf {
        self.cache.pointer_path(commit)
    }

    /// The blob of a hash, whether it is there or not.
    pub(crate) fn blob(&self, hash: &str) -> PathBuf {
        self.cache.blob_path(hash)
    }

    /// The file by which programs agree on who fetches the blob of a hash.
    pub(crate) fn lock(&self, hash: &str) -> Result<fs::File, HubError> {
        let path = self.locks.join(format!("{hash}.lock"));
        fs::create_dir_all(&self.locks).map_err(HubError::io(&self.locks))?;
        let options = fs::OpenOptions::new().create(true).append(true).open(&path);
        options.map_err(HubError::io(path))
    }

    /// Where the hub has `file` of `commit`, below its endpoint.
    pub(crate) fn address(&self, commit: &str, file: &str) -> String {
        format!("/{}/resolve/{commit}/{file}", self.repo.url())
    }

    /// The commit that `revision` stood for when the cache was last written.
    pub(crate) fn commit(&self, revision: &str) -> Option<String> {
        if is_commit(revision) {
            return Some(revision.to_owned());
        }
        let text = fs::read_to_string(self.root.join("refs").join(revision)).ok()?;
        Some(text.trim().to_owned()).filter(|commit| is_commit(commit))
    }

    /// Notes which commit `revision` stands for.
    pub(crate) fn note(&self, revision: &str, commit: &str) -> Result<(), HubError> {
        if revision == commit {
            return Ok(());
        }
        let path = self.root.join("refs").join(revision);
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder).map_err(HubError::io(folder))?;
        fs::write(&path, commit).map_err(HubError::io(&path))
    }

    /// Links `file` of `commit` to the blob of `hash`.
    pub(crate) fn link(&self, commit: &str, file: &str, hash: &str) -> Result<(), HubError> {
        let path = self.snapshot(commit).join(file);
        if path.exists() {
            return Ok(());
        }
        fs::create_dir_all(self.snapshot(commit)).map_err(HubError::io(&path))?;
        // A link that leads nowhere is in the way of a right one.
        let _ = fs::remove_file(&path);
        link(Path::new("../../blobs").join(hash), &self.blob(hash), &path)
            .map_err(HubError::io(&path))
    }

    /// The folder of `commit`, if everything that is needed is in it.
    pub(crate) fn complete(&self, commit: &str, need: Need) -> Option<PathBuf> {
        let folder = self.snapshot(commit);
        let names: BTreeSet<String> = fs::read_dir(&folder)
            .ok()?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            // A link may lead to a blob that was deleted.
            .filter(|name| folder.join(name).exists())
            .collect();
        description(&names).ok()?;
        if need == Need::Weights {
            let weights = weights(&names).ok()?;
            if weights.ends_with(".index.json") {
                let index = fs::read_to_string(folder.join(weights)).ok()?;
                if !shards(&index).ok()?.is_subset(&names) {
                    return None;
                }
            }
        }
        Some(folder)
    }
}

#[cfg(unix)]
fn link(target: PathBuf, _blob: &Path, path: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(not(unix))]
fn link(_target: PathBuf, blob: &Path, path: &Path) -> std::io::Result<()> {
    fs::copy(blob, path).map(|_| ())
}

/// Whether a text is a whole commit hash.
pub(crate) fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.chars().all(|c| c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn a_snapshot_is_complete_with_configuration_and_all_weights() {
        let folder = tempfile::tempdir().unwrap();
        let model = HubModel::parse("a/b").unwrap();
        let cached = Cached::new(folder.path(), &model);
        let complete = |need| cached.complete(COMMIT, need).is_some();
        let put = |file: &str, hash: &str, text: &str| {
            fs::create_dir_all(cached.blob("x").parent().unwrap()).unwrap();
            fs::write(cached.blob(hash), text).unwrap();
            cached.link(COMMIT, file, hash).unwrap();
        };
        assert!(!complete(Need::Description));
        put("config.json", "1", "{}");
        assert!(complete(Need::Description) && !complete(Need::Weights));
        put(
            "pytorch_model.bin.index.json",
            "2",
            r#"{"weight_map": {"a": "pytorch_model-1.bin", "b": "pytorch_model-2.bin"}}"#,
        );
        put("pytorch_model-1.bin", "3", "");
        assert!(!complete(Need::Weights));
        put("pytorch_model-2.bin", "4", "");
        assert!(complete(Need::Weights));
        fs::remove_file(cached.blob("3")).unwrap();
        assert!(!complete(Need::Weights), "a link that leads nowhere");
        let link = folder
            .path()
            .join(format!("models--a--b/snapshots/{COMMIT}/config.json"));
        assert_eq!(fs::read_to_string(link).unwrap(), "{}");
    }

    #[test]
    fn refs_lead_to_commits() {
        let folder = tempfile::tempdir().unwrap();
        let cached = Cached::new(folder.path(), &HubModel::parse("a/b").unwrap());
        assert_eq!(cached.commit("main"), None);
        cached.note("main", COMMIT).unwrap();
        cached.note("refs/pr/1", COMMIT).unwrap();
        cached.note(COMMIT, COMMIT).unwrap();
        assert_eq!(cached.commit("main").as_deref(), Some(COMMIT));
        assert_eq!(cached.commit("refs/pr/1").as_deref(), Some(COMMIT));
        assert_eq!(cached.commit(COMMIT).as_deref(), Some(COMMIT));
        assert!(
            !folder
                .path()
                .join("models--a--b/refs")
                .join(COMMIT)
                .exists()
        );
        fs::write(folder.path().join("models--a--b/refs/main"), "../../etc").unwrap();
        assert_eq!(cached.commit("main"), None);
    }
}
