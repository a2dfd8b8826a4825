//! The recordings that are here, and which row of a table means which.

use shared::audio::Inspection;
use std::collections::HashMap;
use web_sys::File;

/// What was found of a recording; `None` until somebody looked.
pub(super) type Found = Option<Result<Inspection, String>>;

/// A recording.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// Its path below what was dropped.
    pub(super) path: String,
    pub(super) file: File,
    pub(super) found: Found,
}

/// All recordings that are here.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub(super) list: Vec<Known>,
    /// Places in the list by the last part of the path.
    by_name: HashMap<String, Vec<usize>>,
    /// For each row of the table, the place of its recording.
    of_row: Vec<Option<usize>>,
}

impl Files {
    /// Adds recordings; one of the same path takes the other's place.
    pub(super) fn add(&mut self, files: impl IntoIterator<Item = (String, File)>) {
        for (path, file) in files {
            let places = self.by_name.entry(name(&path).to_owned()).or_default();
            let known = Known {
                path,
                file,
                found: None,
            };
            match places.iter().find(|&&at| self.list[at].path == known.path) {
                Some(&at) => self.list[at] = known,
                None => {
                    places.push(self.list.len());
                    self.list.push(known);
                }
            }
        }
    }

    /// Finds the recordings of rows, whose paths are given in their order.
    pub(super) fn resolve<'p>(&mut self, paths: impl Iterator<Item = &'p str>) {
        self.of_row = paths.map(|path| self.place(path)).collect();
    }

    /// The place of the recording that a table calls `path`: a table names its recordings from its own
    /// folder on, or from the top of a disk, and a drop from the dropped folder on.
    fn place(&self, path: &str) -> Option<usize> {
        let path = path.trim_start_matches("./");
        let ends = |long: &str, short: &str| {
            long.strip_suffix(short)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
        };
        let same = |&&at: &&usize| {
            let known = &self.list[at].path;
            ends(known, path) || ends(path, known)
        };
        let places = self.by_name.get(name(path))?;
        let exact = places.iter().find(|&&at| self.list[at].path == path);
        exact.or_else(|| places.iter().find(same)).copied()
    }

    /// The recording of exactly this path.
    pub(super) fn at(&mut self, path: &str) -> Option<&mut Known> {
        let mut places = self.by_name.get(name(path))?.iter();
        let at = *places.find(|&&at| self.list[at].path == path)?;
        self.list.get_mut(at)
    }

    /// The recording of a row.
    pub(super) fn of_row(&self, row: usize) -> Option<&Known> {
        self.list.get((*self.of_row.get(row)?)?)
    }

    /// The places of recordings that have a row.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> {
        self.of_row.iter().filter_map(|place| *place)
    }
}

/// The last part of a path.
pub(super) fn name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// What stands behind the last dot, in small letters.
pub(super) fn ending(path: &str) -> String {
    name(path)
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_lowercase())
        .unwrap_or_default()
}

/// A path as it can stand in a dataset: below its folder.
pub(super) fn inside(path: &str) -> String {
    let steps = path.split(['/', '\\']);
    let steps = steps.filter(|step| !matches!(*step, "" | "." | "..") && !step.ends_with(':'));
    steps.collect::<Vec<_>>().join("/")
}
