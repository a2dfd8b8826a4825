//! The experiment's folder on the disk.

use anyhow::Context;
use shared::{config::Experiment, data::Part, report::Layout, run::Output};
use std::{
    fmt::Write,
    fs,
    io::{self, BufWriter},
    path::{Path, PathBuf},
};

/// The experiment's folder on the disk.
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Makes the folder, if it is not there yet.
    pub(crate) fn create(root: &str) -> anyhow::Result<Self> {
        fs::create_dir_all(root).with_context(|| format!("cannot make the folder {root}"))?;
        Ok(Self { root: root.into() })
    }

    /// Where `path` below the folder is.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Says where to look for what.
    pub(crate) fn guide(&self, experiment: &Experiment) -> String {
        let layout = Layout::new(experiment);
        let mut text = format!("everything is in {}\n", self.root.display());
        let things = [
            ("model", layout.best_model(0)),
            ("figures", layout.table(0)),
            ("predictions", layout.predictions(0, Part::Test)),
            ("record", layout.manifest(0)),
            ("plots", layout.progression_plot(0)),
        ];
        for (what, path) in things {
            if self.root.join(&path).exists() {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "  {what:<12} {path}");
            }
        }
        text
    }
}

impl Output for Folder {
    /// Whole or not at all: a file that is cut off by a crash would look like a result.
    fn write_with(
        &self,
        path: &str,
        content: &mut dyn FnMut(&mut dyn io::Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let path = self.root.join(path);
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut part = path.clone().into_os_string();
        part.push(".part");
        let mut file = BufWriter::new(fs::File::create(&part)?);
        content(&mut file)?;
        io::Write::flush(&mut file)?;
        fs::rename(&part, &path)
    }
}
