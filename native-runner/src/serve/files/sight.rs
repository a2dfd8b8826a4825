//! All that a check, a preview or a job can read.

use super::{
    beneath::{Beneath, Entry},
    dataset::Shelf,
    demo,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shared::files::{Files, ReadSeek};
use std::{
    io,
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// What stands before a dataset's id in a path.
pub(crate) const DATASET: &str = "dataset:";
/// What paths into the demo begin with.
pub(crate) const DEMO: &str = "dataset:demo";

/// What can be read, as it is handed to the process of a job.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SightSpec {
    /// Data roots, absolute and without links.
    pub(crate) roots: Vec<PathBuf>,
    /// Datasets of the user.
    pub(crate) datasets: Vec<DatasetSpec>,
}

/// A dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DatasetSpec {
    /// What paths call it: `dataset:ID/...`.
    pub(crate) id: String,
    /// The list of its files.
    pub(crate) list: PathBuf,
    /// The folder with their contents.
    pub(crate) blobs: PathBuf,
}

/// Files below data roots, by absolute paths, of datasets, by `dataset:ID/...`, and of the demo, by
/// `dataset:demo/...`. Nothing else is there, and no link or name leads to anything else.
#[derive(Debug, Default)]
pub(crate) struct Sight {
    roots: Vec<(PathBuf, Beneath)>,
    shelves: Vec<(DatasetSpec, OnceLock<Shelf>)>,
}

/// Where a path leads.
enum Place<'a> {
    Root(&'a Beneath, String),
    Shelf(&'a Shelf, String),
}

impl Sight {
    /// Takes hold of the roots; lists of datasets are read when something asks for them.
    ///
    /// # Errors
    /// A root is not there.
    pub(crate) fn open(spec: &SightSpec) -> io::Result<Self> {
        let mut sight = Self::default();
        for root in &spec.roots {
            sight.roots.push((root.clone(), Beneath::new(root)?));
        }
        for dataset in &spec.datasets {
            sight.shelves.push((dataset.clone(), OnceLock::new()));
        }
        Ok(sight)
    }

    /// Takes hold of what a file with a [`SightSpec`] says.
    ///
    /// # Errors
    /// The file or a root is not there.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let spec = serde_json::from_slice(&std::fs::read(path)?)?;
        Ok(Self::open(&spec)?)
    }

    /// Whether `path` names something in sight, be it there or not.
    ///
    /// # Errors
    /// Why not, for people.
    pub(crate) fn covers(&self, path: &str) -> Result<(), String> {
        self.place(path)
            .map(|_| ())
            .map_err(|error| error.to_string())
    }

    /// The beginnings of all paths in sight: data roots, the user's datasets, the demo.
    pub(crate) fn beginnings(&self) -> Vec<String> {
        let roots = self.roots.iter().filter_map(|(root, _)| root.to_str());
        let datasets = self
            .shelves
            .iter()
            .map(|(spec, _)| format!("{DATASET}{}", spec.id));
        roots
            .map(str::to_owned)
            .chain(datasets)
            .chain([DEMO.to_owned()])
            .collect()
    }

    /// The first `most` files and folders of a folder, and whether there are more.
    ///
    /// # Errors
    /// There is no such folder.
    pub(crate) fn entries(&self, path: &str, most: usize) -> io::Result<(Vec<Entry>, bool)> {
        match self.place(path)? {
            Place::Root(root, inner) => root.list(&inner, most).map_err(explained),
            Place::Shelf(shelf, inner) => {
                if !shelf.is_folder(&inner) {
                    return Err(io::ErrorKind::NotFound.into());
                }
                let found = shelf.list().entries(&inner);
                let truncated = found.len() > most;
                let entries = found.into_iter().take(most).map(|(name, content)| Entry {
                    name: name.to_owned(),
                    is_folder: content.is_none(),
                    size: content.map_or(0, |content| content.size),
                    modified: None,
                });
                Ok((entries.collect(), truncated))
            }
        }
    }

    fn place(&self, path: &str) -> io::Result<Place<'_>> {
        let refused = |why: String| io::Error::new(io::ErrorKind::PermissionDenied, why);
        if path.contains('\0') {
            return Err(refused("its name has a NUL character".to_owned()));
        }
        if let Some(rest) = path.strip_prefix(DATASET) {
            let (id, inner) = rest.split_once('/').unwrap_or((rest, ""));
            let inside =
                || normal(inner).ok_or_else(|| refused("it leads out of its dataset".to_owned()));
            if id == demo::ID {
                return Ok(Place::Shelf(demo::shelf(), inside()?));
            }
            let known = self.shelves.iter().find(|(spec, _)| spec.id == id);
            let Some((spec, shelf)) = known else {
                let id: String = id.chars().take(40).collect();
                return Err(refused(format!("there is no dataset `{id}` of yours")));
            };
            let inner = inside()?;
            let shelf = match shelf.get() {
                Some(shelf) => shelf,
                None => {
                    let read = Shelf::open(&spec.list, &spec.blobs)?;
                    shelf.get_or_init(|| read)
                }
            };
            return Ok(Place::Shelf(shelf, inner));
        }
        if !Path::new(path).is_absolute() {
            return Err(refused(format!(
                "relative paths begin nowhere on a runner: write the path of a data root, or {DATASET}ID/...; \
                 for files that a table names from its own folder, set absolute_path = False"
            )));
        }
        // By whole steps: /data2 is not below /data.
        let mut below = self.roots.iter().filter_map(|(root, beneath)| {
            let inner = Path::new(path).strip_prefix(root).ok()?;
            Some(Place::Root(beneath, inner.to_str()?.to_owned()))
        });
        let found = below.next();
        let found = match (found, below.next()) {
            // Of roots within each other, the inner one has the shorter rest.
            (Some(Place::Root(_, a)), Some(Place::Root(beneath, b))) if b.len() < a.len() => {
                Some(Place::Root(beneath, b))
            }
            (found, _) => found,
        };
        match found {
            // The system would say so too; here it is known before anything is looked for.
            Some(Place::Root(_, inner)) if normal(&inner).is_none() => {
                Err(refused("it leads out of its data root".to_owned()))
            }
            Some(place) => Ok(place),
            None => Err(refused(
                "it lies outside of the runner's data roots".to_owned(),
            )),
        }
    }
}

/// Steps without `.`, empty ones and `..`; `None` leads out.
fn normal(path: &str) -> Option<String> {
    let mut steps: Vec<&str> = Vec::new();
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop()?;
            }
            _ => steps.push(step),
        }
    }
    Some(steps.join("/"))
}

impl Files for Sight {
    fn open(&self, path: &str) -> io::Result<Box<dyn ReadSeek>> {
        Ok(match self.place(path)? {
            Place::Root(root, inner) => Box::new(root.open(&inner).map_err(explained)?),
            Place::Shelf(shelf, inner) => shelf.open_file(&inner)?,
        })
    }

    fn size(&self, path: &str) -> io::Result<u64> {
        match self.place(path)? {
            Place::Root(root, inner) => root.size(&inner).map_err(explained),
            Place::Shelf(shelf, inner) => shelf.size(&inner),
        }
    }

    /// In 32 hexadecimal digits.
    fn mark(&self, path: &str) -> io::Result<String> {
        let text = match self.place(path)? {
            Place::Root(root, inner) => {
                format!("{path}\n{}", root.mark(&inner).map_err(explained)?)
            }
            Place::Shelf(shelf, inner) => shelf.content(&inner)?.sha256.to_string(),
        };
        let digest = Sha256::digest(text.as_bytes());
        Ok(digest
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect())
    }

    fn is_folder(&self, path: &str) -> bool {
        match self.place(path) {
            Ok(Place::Root(root, inner)) => root.is_folder(&inner),
            Ok(Place::Shelf(shelf, inner)) => shelf.is_folder(&inner),
            Err(_) => false,
        }
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        let mut names = match self.place(path)? {
            Place::Root(root, inner) => {
                let (entries, _) = root.list(&inner, usize::MAX).map_err(explained)?;
                entries.into_iter().map(|entry| entry.name).collect()
            }
            Place::Shelf(shelf, inner) => shelf.names(&inner)?,
        };
        names.sort();
        Ok(names)
    }
}

/// What the system says of a path that leads out of its root says nothing to people.
fn explained(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::PermissionDenied if error.raw_os_error().is_none() => io::Error::new(
            io::ErrorKind::PermissionDenied,
            "it leads out of its data root",
        ),
        _ => error,
    }
}
