//! One process at a time in an experiment's folder.

use anyhow::{Context, bail};
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::Path,
};

/// The right to write into a folder. The system takes it back when the process ends, however it
/// ends, so that nothing is left behind by a crash.
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the right to write into `folder`.
    pub(crate) fn take(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(".lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .with_context(|| format!("cannot write {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Only to say more; not every system lets a locked file be read.
                let _ = file.read_to_string(&mut holder);
                let holder = match holder.trim() {
                    "" => String::new(),
                    process => format!(" (process {process})"),
                };
                bail!(
                    "another voxtune{holder} is at work in {}: wait until it has ended, or change `[EXP] name`",
                    folder.display()
                );
            }
            Err(TryLockError::Error(error)) => eprintln!(
                "warning: {} cannot be locked ({error}): see to it that nothing else writes into {}",
                path.display(),
                folder.display()
            ),
        }
        // Who holds it, for the message above; the lock itself does not depend on it.
        let _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Self { _file: file })
    }
}
