//! A disk in memory that fails at a chosen call.

use shared::{
    files::{Files, Memory, ReadSeek},
    run::{NewFile, Output},
};
use std::{
    collections::BTreeMap,
    io::{self, Write},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// What happens at the chosen call, and after it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    /// The process is gone: nothing happens any more.
    Crash,
    /// Nothing can be written any more, but names can be changed and files removed.
    Full,
}

#[derive(Default)]
struct State {
    files: BTreeMap<String, Vec<u8>>,
    calls: usize,
    fault: Option<(usize, Fault)>,
}

/// The disk.
#[derive(Default)]
pub(crate) struct Medium(Mutex<State>);

impl Medium {
    /// A disk that fails from call `call` on, counted from 1.
    pub(crate) fn failing(call: usize, fault: Fault) -> Self {
        Self(Mutex::new(State {
            fault: Some((call, fault)),
            ..State::default()
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing fails any more.
    pub(crate) fn mend(&self) {
        self.state().fault = None;
    }

    /// Calls that changed anything so far.
    pub(crate) fn calls(&self) -> usize {
        self.state().calls
    }

    /// All files.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.state().files.keys().cloned().collect()
    }

    /// The same files on a disk that does not fail.
    pub(crate) fn copy(&self) -> Self {
        Self(Mutex::new(State {
            files: self.state().files.clone(),
            ..State::default()
        }))
    }

    /// Damages a file, or takes it away.
    pub(crate) fn replace(&self, path: &str, bytes: Option<Vec<u8>>) {
        match bytes {
            Some(bytes) => self.state().files.insert(path.to_owned(), bytes),
            None => self.state().files.remove(path),
        };
    }

    /// Counts a call, and fails where it should; `writes` if it needs room.
    fn call(&self, writes: bool) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        state.calls += 1;
        match state.fault {
            Some((call, Fault::Crash)) if state.calls >= call => {
                Err(io::Error::other("the process is gone"))
            }
            Some((call, Fault::Full)) if writes && state.calls >= call => {
                Err(io::ErrorKind::StorageFull.into())
            }
            _ => Ok(state),
        }
    }

    fn memory(&self) -> Memory {
        let mut memory = Memory::default();
        for (path, bytes) in &self.state().files {
            memory.insert(path.clone(), bytes.clone());
        }
        memory
    }
}

impl Files for Medium {
    fn open(&self, path: &str) -> io::Result<Box<dyn ReadSeek>> {
        let bytes = self.state().files.get(path).cloned();
        match bytes {
            Some(bytes) => Ok(Box::new(io::Cursor::new(bytes))),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn size(&self, path: &str) -> io::Result<u64> {
        self.memory().size(path)
    }

    fn is_folder(&self, path: &str) -> bool {
        self.memory().is_folder(path)
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        self.memory().list(path)
    }
}

impl Output for Medium {
    fn create<'a>(&'a self, path: &str) -> io::Result<Box<dyn NewFile + 'a>> {
        drop(self.call(true)?);
        Ok(Box::new(Unfinished {
            medium: self,
            path: path.to_owned(),
            bytes: Vec::new(),
        }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.call(false)?;
        let prefix = format!("{from}/");
        let moved: Vec<String> = state
            .files
            .keys()
            .filter(|path| *path == from || path.starts_with(&prefix))
            .cloned()
            .collect();
        if moved.is_empty() {
            return Err(io::ErrorKind::NotFound.into());
        }
        for path in moved {
            if let Some(bytes) = state.files.remove(&path) {
                state.files.insert(path.replacen(from, to, 1), bytes);
            }
        }
        Ok(())
    }

    /// File by file, so that a crash may leave some.
    fn remove(&self, path: &str) -> io::Result<()> {
        let prefix = format!("{path}/");
        for name in self.paths() {
            if name == path || name.starts_with(&prefix) {
                self.call(false)?.files.remove(&name);
            }
        }
        Ok(())
    }

    /// In place, so that a crash leaves a part of it.
    fn extend(&self, path: &str, keep: usize, bytes: &[u8]) -> io::Result<()> {
        let (called, bytes) = match self.call(true) {
            Ok(_) => (Ok(()), bytes),
            Err(error) => (Err(error), &bytes[..bytes.len() / 2]),
        };
        let mut state = self.state();
        if called.is_ok() || state.fault.is_some_and(|(call, _)| state.calls == call) {
            let file = state.files.entry(path.to_owned()).or_default();
            file.truncate(keep);
            file.extend(bytes);
        }
        called
    }

    fn sync_folder(&self, _: &str) -> io::Result<()> {
        self.call(false).map(drop)
    }
}

struct Unfinished<'a> {
    medium: &'a Medium,
    path: String,
    bytes: Vec<u8>,
}

impl Write for Unfinished<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl NewFile for Unfinished<'_> {
    fn finish(self: Box<Self>) -> io::Result<()> {
        let mut state = self.medium.call(true)?;
        state.files.insert(self.path.clone(), self.bytes.clone());
        Ok(())
    }
}
