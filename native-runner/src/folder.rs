//! The experiment's folder on the disk.

use crate::lock::Lock;
use anyhow::Context;
use shared::{
    config::Experiment,
    data::Part,
    files::{Disk, Files, ReadSeek},
    report::Layout,
    run::{NewFile, Output},
};
use std::{
    fmt::Write,
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Seek, SeekFrom},
    path::{Path, PathBuf},
};

/// The experiment's folder on the disk.
pub(crate) struct Folder {
    root: PathBuf,
    /// Held as long as anything may be written.
    _lock: Option<Lock>,
}

impl Folder {
    /// Makes the folder, if it is not there yet, and keeps other processes out of it.
    pub(crate) fn create(root: &str) -> anyhow::Result<Self> {
        fs::create_dir_all(root).with_context(|| format!("cannot make the folder {root}"))?;
        Ok(Self {
            root: root.into(),
            _lock: Lock::take(Path::new(root))?,
        })
    }

    /// Where `path` below the folder is.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Says where to look for what.
    pub(crate) fn guide(&self, experiment: &Experiment) -> String {
        let layout = Layout::new(experiment);
        let mut text = format!("everything is in {}\n", self.root.display());
        let mut things = Vec::new();
        if experiment.folds.is_some() {
            things.push(("all folds", layout.folds("txt")));
            things.push(("each fold", layout.folds_folder()));
        }
        if experiment.runs > 1 {
            things.push(("all runs", layout.summary_text()));
        }
        for run in 0..experiment.runs {
            let plot = layout.progression_plot(run);
            let plots = plot.rsplit_once('/').map_or("", |(folder, _)| folder);
            things.extend([
                ("model", layout.best_model(run)),
                ("figures", layout.table(run)),
                ("predictions", layout.predictions(run, Part::Test)),
                ("record", layout.manifest(run)),
                ("plots", format!("{plots}/")),
            ]);
        }
        things.push(("log", "log/".to_owned()));
        for (what, path) in things {
            if self.root.join(&path).exists() {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "  {what:<12} {path}");
            }
        }
        text
    }
}

impl Files for Folder {
    fn open(&self, path: &str) -> io::Result<Box<dyn ReadSeek>> {
        Disk.open(&self.path(path).to_string_lossy())
    }

    fn size(&self, path: &str) -> io::Result<u64> {
        Disk.size(&self.path(path).to_string_lossy())
    }

    fn is_folder(&self, path: &str) -> bool {
        Disk.is_folder(&self.path(path).to_string_lossy())
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        Disk.list(&self.path(path).to_string_lossy())
    }
}

impl Output for Folder {
    fn create<'a>(&'a self, path: &str) -> io::Result<Box<dyn NewFile + 'a>> {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        let mut part = path.clone().into_os_string();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = BufWriter::with_capacity(1 << 18, File::create(&part)?);
        Ok(Box::new(Unfinished { file, part, path }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let to = self.root.join(to);
        fs::create_dir_all(to.parent().unwrap_or(Path::new(".")))?;
        fs::rename(self.root.join(from), to)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let path = self.root.join(path);
        let removed = match fs::symlink_metadata(&path) {
            Ok(meta) if meta.is_dir() => fs::remove_dir_all(&path),
            Ok(_) => fs::remove_file(&path),
            Err(error) => Err(error),
        };
        match removed {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    fn extend(&self, path: &str, keep: usize, bytes: &[u8]) -> io::Result<()> {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        file.set_len(keep as u64)?;
        file.seek(SeekFrom::End(0))?;
        io::Write::write_all(&mut file, bytes)
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        // Elsewhere folders cannot be opened, and names are written through.
        if !cfg!(unix) {
            return Ok(());
        }
        match File::open(self.root.join(folder))?.sync_all() {
            // Some network file systems have no such call for folders.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
            other => other,
        }
    }
}

/// A file under a name of its own until it is whole: one that is cut off by a crash would look
/// like a result.
struct Unfinished {
    file: BufWriter<File>,
    part: PathBuf,
    path: PathBuf,
}

impl io::Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::Write::write(&mut self.file, bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        io::Write::flush(&mut self.file)
    }
}

impl NewFile for Unfinished {
    fn finish(mut self: Box<Self>) -> io::Result<()> {
        io::Write::flush(&mut self.file)?;
        // Without this a name could outlive its bytes when the power fails.
        self.file.get_ref().sync_all()?;
        fs::rename(&self.part, &self.path)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Gone already if the file was finished; else it only takes up room.
        let _ = fs::remove_file(&self.part);
    }
}
