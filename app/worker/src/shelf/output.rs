//! Files are written to a free slot, or to memory where there is none, and named once they are whole.

use super::{STATE, Shelf, State, not_found};
use between::problem;
use shared::{
    files::{Crc32, Entry, Files},
    run::{NewFile, Output},
};
use std::io::{self, Write};
use wasm_bindgen::JsValue;

impl Output for Shelf {
    fn create<'a>(&'a self, path: &str) -> io::Result<Box<dyn NewFile + 'a>> {
        let slot = STATE.with_borrow_mut(|state| state.free.pop());
        Ok(match slot {
            Some(slot) => Box::new(Unfinished {
                slot: Some(slot),
                size: 0,
                sum: Crc32::new(),
                path: path.to_owned(),
            }),
            None => Box::new(InMemory {
                bytes: Vec::new(),
                path: path.to_owned(),
            }),
        })
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        STATE.with_borrow_mut(|state| {
            for (name, bytes) in state.take_waiting(from) {
                let name = format!("{to}{}", &name[from.len()..]);
                state.waiting.insert(name, bytes);
            }
            let moved = Entry::Moved(from.to_owned(), to.to_owned());
            state.note(&moved).map_err(|error| problem(&error))
        })
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        STATE.with_borrow_mut(|state| {
            state.take_waiting(path);
            let gone = Entry::Gone(path.to_owned());
            state.note(&gone).map_err(|error| problem(&error))
        })
    }

    fn sync_folder(&self, _: &str) -> io::Result<()> {
        // The register is on the medium after each line.
        Ok(())
    }

    fn extend(&self, path: &str, keep: usize, bytes: &[u8]) -> io::Result<()> {
        let slot = STATE.with_borrow(|state| state.register.get(path).map(|found| found.slot));
        let Some(slot) = slot else {
            let mut all = match keep {
                0 => Vec::new(),
                _ => self.read(path)?,
            };
            all.truncate(keep);
            all.extend(bytes);
            return self.write(path, &all);
        };
        STATE.with_borrow_mut(|state| {
            let size = (keep + bytes.len()) as u64;
            let write = |state: &mut State| -> Result<(), JsValue> {
                let handle = state.slots.get(&slot).ok_or("a slot is closed")?;
                handle.write_at(bytes, keep as u64)?;
                handle.truncate(size)?;
                handle.flush()?;
                state.put(path, slot, size, None)
            };
            write(state).map_err(|error| problem(&error))
        })
    }
}

/// A file in a slot that no name leads to yet.
struct Unfinished {
    slot: Option<u32>,
    size: u64,
    sum: Crc32,
    path: String,
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        STATE.with_borrow(|state| {
            let handle = self.slot.and_then(|slot| state.slots.get(&slot));
            let handle = handle.ok_or_else(not_found)?;
            let written = handle.write_at(bytes, self.size);
            written.map_err(|error| problem(&error))
        })?;
        self.size += bytes.len() as u64;
        self.sum.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl NewFile for Unfinished {
    fn finish(mut self: Box<Self>) -> io::Result<()> {
        STATE.with_borrow_mut(|state| {
            let finish = |state: &mut State, slot: u32| -> Result<(), JsValue> {
                let handle = state.slots.get(&slot).ok_or("a slot is closed")?;
                handle.truncate(self.size)?;
                handle.flush()?;
                state.put(&self.path, slot, self.size, Some(self.sum.checksum()))
            };
            let slot = self.slot.ok_or_else(not_found)?;
            finish(state, slot).map_err(|error| problem(&error))?;
            // From now on the register has it.
            self.slot = None;
            state.waiting.remove(&self.path);
            state.finished(&self.path);
            Ok(())
        })
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            STATE.with_borrow_mut(|state| {
                if let Some(handle) = state.slots.get(&slot) {
                    // Only the room that it takes.
                    let _ = handle.truncate(0);
                }
                state.free.push(slot);
            });
        }
    }
}

/// A file that waits for a slot.
struct InMemory {
    bytes: Vec<u8>,
    path: String,
}

impl Write for InMemory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl NewFile for InMemory {
    fn finish(self: Box<Self>) -> io::Result<()> {
        STATE.with_borrow_mut(|state| {
            state.finished(&self.path);
            // What the register has under this name stays until this one has a slot.
            state.waiting.insert(self.path, self.bytes.into());
        });
        Ok(())
    }
}
