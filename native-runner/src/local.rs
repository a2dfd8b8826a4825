//! What the command line reads: the disk, and the demo, which is built in, by the paths that it has on a runner.
//! So an experiment that was written in the page runs here as it is.

use crate::serve::{DEMO, Sight};
use shared::files::{Disk, Files, ReadSeek};
use std::{io, sync::LazyLock};

/// The disk, and the demo below `dataset:demo/`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Local;

/// Sees the demo and nothing else.
static SIGHT: LazyLock<Sight> = LazyLock::new(Sight::default);

fn of(path: &str) -> &'static dyn Files {
    match path.strip_prefix(DEMO) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => &*SIGHT,
        _ => &Disk,
    }
}

impl Files for Local {
    fn open(&self, path: &str) -> io::Result<Box<dyn ReadSeek>> {
        of(path).open(path)
    }

    fn size(&self, path: &str) -> io::Result<u64> {
        of(path).size(path)
    }

    fn mark(&self, path: &str) -> io::Result<String> {
        of(path).mark(path)
    }

    fn is_folder(&self, path: &str) -> bool {
        of(path).is_folder(path)
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        of(path).list(path)
    }
}
