//! One process at a time in an experiment's folder.

use anyhow::{Context, bail};
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    path::Path,
};

/// The right to write into a folder. The system takes it back when the process ends, however it
/// ends, so that nothing is left behind by a crash.
pub(crate) struct Lock {
    _file: File,
}

/// What became of an attempt to take a lock.
pub(crate) enum Taken {
    /// It is ours.
    Mine(Lock),
    /// Another process has it; which one, as ` (process 7)`, or nothing.
    Held(String),
    /// The file system has no locks.
    Impossible(io::Error),
}

impl Lock {
    /// Takes the right to write into `folder`.
    pub(crate) fn take(folder: &Path) -> anyhow::Result<Option<Self>> {
        match Self::try_take(folder)? {
            Taken::Mine(lock) => Ok(Some(lock)),
            Taken::Held(holder) => bail!(
                "another voxtune{holder} is at work in {}: wait until it has ended, or change `[EXP] name`",
                folder.display()
            ),
            Taken::Impossible(error) => {
                errln!(
                    "warning: {} cannot be locked ({error}): see to it that nothing else writes into {}",
                    folder.join(".lock").display(),
                    folder.display()
                );
                Ok(None)
            }
        }
    }

    /// Takes the right to write into `folder`, if nobody else has it.
    pub(crate) fn try_take(folder: &Path) -> anyhow::Result<Taken> {
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
                return Ok(Taken::Held(match holder.trim() {
                    "" => String::new(),
                    process => format!(" (process {process})"),
                }));
            }
            Err(TryLockError::Error(error)) => return Ok(Taken::Impossible(error)),
        }
        // Who holds it, for messages; the lock itself does not depend on it.
        let _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Taken::Mine(Self { _file: file }))
    }
}
