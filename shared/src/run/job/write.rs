//! What a job writes: what is known before it trains, and results behind it.

use super::{Common, Job};
use crate::{
    data::{Part, split_csv},
    protocol::Status,
    report::{Layout, Manifest, RunOutcome, distribution_files, experiment_files, run_files},
    run::{Identity, RunError, live},
};

impl Job<'_> {
    /// Writes the files of all runs together.
    pub(super) fn write_joint(&self, manifests: &[Manifest]) -> Result<(), RunError> {
        for (path, bytes) in experiment_files(self.experiment, manifests)? {
            self.write(&path, &bytes)?;
        }
        Ok(())
    }

    /// Writes what is known before anything is trained.
    pub(super) fn begin(&self, common: &Common, identity: &Identity) -> Result<(), RunError> {
        let layout = &common.layout;
        for part in Part::ALL {
            let utterances = self.dataset.part(part);
            if !utterances.is_empty() {
                let table =
                    split_csv(utterances, self.dataset.seconds.get(part)).map_err(|source| {
                        RunError::Table {
                            part: part.word(),
                            source,
                        }
                    })?;
                self.write(&layout.split(part), table.as_bytes())?;
            }
        }
        self.write(
            &layout.log(&format!("{}.ini", self.experiment.name)),
            self.text.as_bytes(),
        )?;
        let identity = serde_json::to_vec_pretty(identity).unwrap_or_default();
        self.write(&layout.identity(), &identity)?;
        for (path, bytes) in distribution_files(self.experiment, self.dataset)? {
            self.write(&path, &bytes)?;
        }
        for message in &self.start.warnings {
            self.warn(message.clone());
        }
        Ok(())
    }

    pub(super) fn write(&self, path: &str, bytes: &[u8]) -> Result<(), RunError> {
        self.output
            .write(path, bytes)
            .map_err(|source| RunError::write(path, source))
    }

    /// Writes the results of a run, the manifest last: a run that has one has everything. If
    /// something cannot be written, the manifest says so, as far as there is room for it.
    pub(super) fn write_run(
        &self,
        run: u32,
        layout: &Layout,
        outcome: &RunOutcome,
    ) -> Result<(), RunError> {
        if self.fold.is_some() {
            let test = outcome.parts.iter().find(|part| part.part == Part::Test);
            if let Some(test) = test {
                let scores = serde_json::to_vec(&test.predictions).unwrap_or_default();
                self.write(&layout.scores(run), &scores)?;
            }
        }
        let manifest = layout.manifest(run);
        let (last, mut others): (Vec<_>, Vec<_>) = run_files(self.experiment, run, outcome)?
            .into_iter()
            .partition(|(path, _)| *path == manifest);
        // Figures before pictures, should there be room for a part of it only.
        others.sort_by_key(|(path, _)| path.ends_with(".png") || path.ends_with(".svg"));
        let events = live::path(self.experiment, &outcome.manifest);
        for (path, bytes) in others.into_iter().chain(last) {
            let written = if path == events {
                // Who looks at the curves has this file open.
                live::put(self.output, &path, &bytes)
                    .map_err(|source| RunError::write(&path, source))
            } else {
                self.write(&path, &bytes)
            };
            if let Err(error) = written {
                let mut record = outcome.manifest();
                record.status = Status::Failed;
                record.error.get_or_insert(error.to_string());
                // The error that is returned says more than a second one.
                let _ = self.write(&manifest, record.to_json()?.as_bytes());
                return Err(error);
            }
        }
        let folder = manifest.rsplit_once('/').map_or("", |(folder, _)| folder);
        self.output
            .sync_folder(folder)
            .map_err(|source| RunError::write(folder, source))
    }
}
