//! Where the checkpoints of a run stand, and how they come and go.

use crate::run::{Output, RunError};

const LATEST: &str = "latest";
const PREFIX: &str = "ckpt-";
const UNFINISHED: &str = ".tmp";

/// The folder of a run's checkpoints: `ckpt-N` for step N, and `latest`, which names the newest.
pub(super) struct Shelf<'a> {
    output: &'a dyn Output,
    folder: String,
}

impl<'a> Shelf<'a> {
    pub(super) fn new(output: &'a dyn Output, folder: String) -> Self {
        Self { output, folder }
    }

    /// A file beside the checkpoints.
    pub(super) fn file(&self, name: &str) -> String {
        format!("{}/{name}", self.folder)
    }

    /// The folder of a checkpoint.
    pub(super) fn path(&self, step: usize) -> String {
        self.file(&format!("{PREFIX}{step}"))
    }

    /// Its folder while it is written.
    pub(super) fn unfinished(&self, step: usize) -> String {
        self.path(step) + UNFINISHED
    }

    /// Steps of all checkpoints, ascending.
    pub(super) fn steps(&self) -> Vec<usize> {
        let names = self.output.list(&self.folder).unwrap_or_default();
        let mut steps: Vec<usize> = names.iter().filter_map(|name| step(name)).collect();
        steps.sort_unstable();
        steps
    }

    /// Steps of all checkpoints in the order in which they are to be tried.
    pub(super) fn newest_first(&self) -> Vec<usize> {
        let latest = self
            .output
            .read(&self.file(LATEST))
            .ok()
            .and_then(|text| step(String::from_utf8_lossy(&text).trim()));
        let mut steps = self.steps();
        steps.reverse();
        // The one that `latest` names, if it is there, then the others.
        steps.sort_by_key(|step| Some(*step) != latest);
        steps
    }

    /// Makes the unfinished checkpoint of `step` the latest one.
    pub(super) fn put(&self, step: usize) -> Result<(), RunError> {
        let (from, to) = (self.unfinished(step), self.path(step));
        let latest = self.file(LATEST);
        let failed = |path: &str| {
            let path = path.to_owned();
            move |source| RunError::Write { path, source }
        };
        // An older one of the same step is torn, or it would have been gone on from.
        self.output.remove(&to).map_err(failed(&to))?;
        self.output.rename(&from, &to).map_err(failed(&to))?;
        let sync = || self.output.sync_folder(&self.folder);
        sync().map_err(failed(&self.folder))?;
        self.output
            .write(&latest, format!("{PREFIX}{step}\n").as_bytes())
            .map_err(failed(&latest))?;
        sync().map_err(failed(&self.folder))
    }

    /// Removes what is newer than `newest`, unfinished, or not `whole`.
    pub(super) fn tidy(
        &self,
        newest: usize,
        whole: impl Fn(usize) -> bool,
    ) -> Result<(), RunError> {
        for name in self.output.list(&self.folder).unwrap_or_default() {
            let useless = match step(&name) {
                Some(step) => step > newest || !(step == newest || whole(step)),
                None => name.ends_with(UNFINISHED),
            };
            if useless {
                self.remove_path(&self.file(&name))?;
            }
        }
        Ok(())
    }

    /// Removes the checkpoint of `step`.
    pub(super) fn remove(&self, step: usize) -> Result<(), RunError> {
        self.remove_path(&self.path(step))
    }

    /// Removes all checkpoints.
    pub(super) fn remove_all(&self) -> Result<(), RunError> {
        self.remove_path(&self.folder)
    }

    fn remove_path(&self, path: &str) -> Result<(), RunError> {
        self.output
            .remove(path)
            .map_err(|source| RunError::write(path, source))
    }
}

fn step(name: &str) -> Option<usize> {
    name.strip_prefix(PREFIX)?.parse().ok()
}
