//! A run's curves while it goes on.

use super::Output;
use crate::{
    config::Experiment,
    report::{
        Layout, Manifest, Progress,
        tensorboard::{live_events, start_time},
    },
};
use std::{cell::Cell, io};

/// Seconds between two looks at the steps; evaluations are written at once.
const EVERY: f64 = 5.0;

/// The event file of a run that goes on, appended to as events come.
///
/// After a crash the file may hold more than the checkpoint that the run goes on from: then it is cut
/// where it differs from what is known, and the same steps come again, of the same length, so that
/// a TensorBoard that has read further finds its place.
pub(super) struct Live<'a> {
    experiment: &'a Experiment,
    /// As it was when the run began.
    manifest: Manifest,
    output: &'a dyn Output,
    path: String,
    /// Bytes that stand in the file; `None` before the first time.
    written: Cell<Option<usize>>,
    last: Cell<f64>,
}

impl<'a> Live<'a> {
    /// The file of the run that `manifest` describes.
    pub(super) fn new(
        experiment: &'a Experiment,
        manifest: &Manifest,
        output: &'a dyn Output,
    ) -> Self {
        Self {
            experiment,
            manifest: manifest.clone(),
            output,
            path: path(experiment, manifest),
            written: Cell::new(None),
            last: Cell::new(0.0),
        }
    }

    /// Whether steps are to be written, `now` being seconds on the clock.
    pub(super) fn is_due(&self, now: f64) -> bool {
        now - self.last.get() >= EVERY
    }

    /// Appends what is new.
    pub(super) fn write(&self, progress: &Progress, now: f64) -> io::Result<()> {
        self.last.set(now);
        let bytes = live_events(self.experiment, &self.manifest, progress);
        let written = match self.written.get() {
            Some(written) => {
                let new = bytes.get(written..).unwrap_or_default();
                self.output.extend(&self.path, written, new)
            }
            None => put(self.output, &self.path, &bytes),
        };
        // What a failed call left is found out the next time.
        self.written.set(written.is_ok().then_some(bytes.len()));
        written
    }
}

/// Where the event file of a run is.
pub(super) fn path(experiment: &Experiment, manifest: &Manifest) -> String {
    let begun = start_time(manifest) as u64;
    Layout::new(experiment).events(manifest.run, begun)
}

/// Makes the file `path` hold `bytes`, keeping as much of it as is the same already.
pub(super) fn put(output: &dyn Output, path: &str, bytes: &[u8]) -> io::Result<()> {
    let old = match output.read(path) {
        Ok(old) => old,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    let same = old.iter().zip(bytes).take_while(|(a, b)| a == b).count();
    output.extend(path, same, &bytes[same..])
}

/// Removes event files of the run that it does not go on with: of a call that had no checkpoint yet.
pub(super) fn remove_others(
    experiment: &Experiment,
    manifest: &Manifest,
    output: &dyn Output,
) -> io::Result<()> {
    let own = path(experiment, manifest);
    let folder = own.rsplit_once('/').map_or("", |(folder, _)| folder);
    for name in output.list(folder).unwrap_or_default() {
        let path = format!("{folder}/{name}");
        if name.starts_with("events.out.tfevents.") && path != own {
            output.remove(&path)?;
        }
    }
    Ok(())
}
