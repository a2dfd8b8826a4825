//! The list of datasets that this browser keeps, which all tabs of the page read and change.

use super::{library::stored, refused};
use crate::backend::Trouble;
use keep::{Cabinet, Folder, Lock};
use serde::{Deserialize, Serialize};
use shared::protocol::{Dataset, ProblemKind};
use std::{cell::RefCell, collections::BTreeSet};

/// The list, and the lock that is held by who changes it, from reading to writing.
const LIST: &str = "datasets.json";
const LOCK: &str = "datasets";
/// The demo: its id, and where it lies for who runs the program.
pub(super) const DEMO: &str = "demo";
pub(super) const DEMO_FOLDER: &str = "static/demo";

/// A dataset with its files.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) dataset: Dataset,
    pub(super) files: Vec<KeptFile>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptFile {
    pub(super) path: String,
    /// Its name among the blobs.
    pub(super) blob: String,
    pub(super) size: f64,
}

impl Kept {
    /// Whether `text` names it.
    pub(super) fn is_named(&self, text: &str) -> bool {
        let is_demo = self.dataset.id == DEMO;
        text.contains(&self.dataset.path) || is_demo && text.contains(DEMO_FOLDER)
    }
}

/// The list is read, and nobody else changes it meanwhile.
pub(super) struct Held(#[expect(dead_code, reason = "it is held, not asked")] Option<Lock>);

/// The list.
pub(super) struct Datasets {
    lists: Cabinet,
    /// As it was when it was read last.
    all: RefCell<Vec<Kept>>,
}

impl Datasets {
    pub(super) async fn open(root: Option<&Folder>) -> Self {
        Self {
            lists: Cabinet::open(root, "lists").await,
            all: RefCell::default(),
        }
    }

    /// Reads it anew.
    ///
    /// # Errors
    /// It is damaged.
    pub(super) async fn read(&self) -> Result<(), Trouble> {
        let text = self.lists.text(LIST).await.unwrap_or_default();
        let all = match shared::json::read(&text) {
            Ok(all) => all,
            Err(_) if text.is_empty() => Vec::new(),
            Err(error) => {
                let detail = format!("the list of what this browser keeps cannot be read: {error}");
                return Err(refused(ProblemKind::Internal, detail));
            }
        };
        self.all.replace(all);
        Ok(())
    }

    /// Reads it to change it.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(super) async fn hold(&self) -> Result<Held, Trouble> {
        let held = Held(Lock::wait(LOCK).await);
        self.read().await?;
        Ok(held)
    }

    /// All, as they were read last.
    pub(super) fn all(&self) -> Vec<Kept> {
        self.all.borrow().clone()
    }

    /// Those that `text` names.
    pub(super) fn named(&self, text: &str) -> Vec<Kept> {
        let all = self.all.borrow();
        all.iter()
            .filter(|kept| kept.is_named(text))
            .cloned()
            .collect()
    }

    /// Whether there is one of this id.
    pub(super) fn has(&self, id: &str) -> bool {
        self.all.borrow().iter().any(|kept| kept.dataset.id == id)
    }

    /// Adds one, in the place of one of the same id: two tabs may have fetched the demo.
    ///
    /// # Errors
    /// There is no room for the list.
    pub(super) async fn add(&self, held: Held, kept: Kept) -> Result<(), Trouble> {
        self.all
            .borrow_mut()
            .retain(|other| other.dataset.id != kept.dataset.id);
        self.all.borrow_mut().push(kept);
        self.write(held).await
    }

    /// Takes one out, and gives the names of its blobs that no other has.
    ///
    /// # Errors
    /// As [`Self::read`] and [`Self::add`].
    pub(super) async fn take_out(&self, id: &str) -> Result<BTreeSet<String>, Trouble> {
        let held = self.hold().await?;
        let mut free = self.blobs(&|own| own == id);
        let used = self.blobs(&|own| own != id);
        free.retain(|blob| !used.contains(blob));
        self.all.borrow_mut().retain(|kept| kept.dataset.id != id);
        self.write(held).await?;
        Ok(free)
    }

    /// The names of all blobs of those whose id `is_of` it.
    fn blobs(&self, is_of: &dyn Fn(&str) -> bool) -> BTreeSet<String> {
        let all = self.all.borrow();
        let some = all.iter().filter(|kept| is_of(&kept.dataset.id));
        let files = some.flat_map(|kept| &kept.files);
        files.map(|file| file.blob.clone()).collect()
    }

    /// Writes it, and tells other tabs.
    async fn write(&self, _: Held) -> Result<(), Trouble> {
        let text = serde_json::to_string(&*self.all.borrow()).unwrap_or_default();
        if let Err(error) = self.lists.put_text(LIST, &text).await {
            let _ = self.read().await;
            return Err(stored(error));
        }
        keep::tell();
        Ok(())
    }
}
