//! What was computed of clips that never changes: in memory, then in a file, by keys.
//!
//! What came first stays: each epoch asks for every clip once, so that nothing is gained by throwing
//! out what was not asked for for long.

use super::record::{self, HEAD, Head};
use crate::files::Output;
use half::f16;
use std::{
    cell::RefCell,
    collections::HashMap,
    io::{self, Read, Seek, SeekFrom},
    sync::Arc,
};

/// SHA-256 of all that the numbers of a clip depend on.
pub(super) type Key = [u8; 32];

/// Numbers of a clip, frame by frame.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Numbers {
    /// As they were computed.
    Single(Arc<[f32]>),
    /// Rounded.
    Half(Arc<[f16]>),
}

/// Bytes that may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// In memory.
    pub memory: u64,
    /// In a file.
    pub file: u64,
}

/// Bytes that are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Held {
    /// In memory.
    pub memory: u64,
    /// In the file.
    pub file: u64,
}

/// A clip's numbers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lifted {
    /// How many frames they are.
    pub frames: usize,
    /// Frame by frame.
    pub numbers: Numbers,
}

/// Numbers of clips by keys.
pub struct Store<'a> {
    room: Room,
    output: Option<(&'a dyn Output, String)>,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    memory: HashMap<Key, Lifted>,
    /// Where in the file a clip's head begins.
    file: HashMap<Key, (u64, Head)>,
    held: Held,
    /// Whether the file was looked into.
    looked: bool,
    /// Why the file takes nothing more.
    trouble: Option<String>,
    told: bool,
}

impl<'a> Store<'a> {
    /// A store in memory, and, where that ends, in the file `path` of `output`, in which what is whole of
    /// an earlier call is used again.
    #[must_use]
    pub fn new(room: Room, output: Option<(&'a dyn Output, String)>) -> Self {
        Self {
            room,
            output,
            state: RefCell::default(),
        }
    }

    /// Bytes that may be kept.
    #[must_use]
    pub fn room(&self) -> Room {
        self.room
    }

    /// Bytes that are kept.
    #[must_use]
    pub(super) fn held(&self) -> Held {
        self.state.borrow().held
    }

    /// Why the file takes no more, the first time that it is asked for.
    pub(super) fn trouble(&self) -> Option<String> {
        let mut state = self.state.borrow_mut();
        if state.told || state.trouble.is_none() {
            return None;
        }
        state.told = true;
        state.trouble.clone()
    }

    /// Whether something is kept under `key`.
    #[must_use]
    pub(super) fn has(&self, key: &Key) -> bool {
        self.look();
        let state = self.state.borrow();
        state.memory.contains_key(key) || state.file.contains_key(key)
    }

    /// What is kept under `key`. What cannot be read again is as if it had never been there.
    #[must_use]
    pub(super) fn get(&self, key: &Key) -> Option<Lifted> {
        self.look();
        let (at, head) = {
            let state = self.state.borrow();
            if let Some(found) = state.memory.get(key) {
                return Some(found.clone());
            }
            *state.file.get(key)?
        };
        match self.read(at, head) {
            Ok(found) => Some(found),
            Err(_) => {
                self.state.borrow_mut().file.remove(key);
                None
            }
        }
    }

    fn read(&self, at: u64, head: Head) -> io::Result<Lifted> {
        let (output, path) = self.output.as_ref().ok_or(io::ErrorKind::NotFound)?;
        let mut file = output.open(path)?;
        file.seek(SeekFrom::Start(at + HEAD as u64))?;
        let mut bytes = vec![0; head.length() as usize];
        file.read_exact(&mut bytes)?;
        Ok(Lifted {
            frames: head.frames as usize,
            numbers: head.numbers(&bytes)?,
        })
    }

    /// Keeps what there is room for.
    pub(super) fn put(&self, key: Key, lifted: &Lifted) {
        if self.has(&key) {
            return;
        }
        let mut state = self.state.borrow_mut();
        let size = lifted.numbers.size();
        if state.held.memory + size <= self.room.memory {
            state.held.memory += size;
            state.memory.insert(key, lifted.clone());
            return;
        }
        let Some((output, path)) = &self.output else {
            return;
        };
        let at = state.held.file;
        let end = at + size + HEAD as u64;
        if state.trouble.is_some() || end > self.room.file || end > usize::MAX as u64 {
            return;
        }
        let bytes = record::bytes(&key, lifted.frames, &lifted.numbers);
        let mut head = [0; HEAD];
        head.copy_from_slice(&bytes[..HEAD]);
        match (output.extend(path, at as usize, &bytes), Head::read(&head)) {
            (Ok(()), Some(head)) => {
                state.held.file = end;
                state.file.insert(key, (at, head));
            }
            (Err(error), _) => state.trouble = Some(error.to_string()),
            (Ok(()), None) => {}
        }
    }

    /// Finds what an earlier call has left in the file.
    fn look(&self) {
        let mut state = self.state.borrow_mut();
        if std::mem::replace(&mut state.looked, true) {
            return;
        }
        let Some((output, path)) = &self.output else {
            return;
        };
        if let (Ok(size), Ok(mut file)) = (output.size(path), output.open(path)) {
            let size = size.min(self.room.file);
            let mut at = 0;
            let mut bytes = [0; HEAD];
            while file.read_exact(&mut bytes).is_ok()
                && let Some(head) = Head::read(&bytes)
            {
                let end = at + HEAD as u64 + head.length();
                if end > size || file.seek(SeekFrom::Start(end)).is_err() {
                    break;
                }
                state.file.insert(head.key, (at, head));
                at = end;
            }
            // What is broken off is written over.
            state.held.file = at;
        }
    }

    /// Removes the file.
    ///
    /// # Errors
    /// The system's error.
    pub fn remove_file(&self) -> io::Result<()> {
        let Some((output, path)) = &self.output else {
            return Ok(());
        };
        let mut state = self.state.borrow_mut();
        state.file.clear();
        state.held.file = 0;
        if output.exists(path) {
            output.remove(path)?;
        }
        Ok(())
    }
}
