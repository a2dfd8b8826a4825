//! A job's folder in the browser's file system for the site, which writes without waiting to files that were
//! opened before: the slots. Which file lies in which slot, the register tells.
//!
//! What finds no slot that is free stays in memory until the next [`Shelf::refill`]. Where the browser has
//! no such file system, all stays there.

use crate::{
    browser::{sleep, time},
    disk::{File, Folder},
    message::post_with,
};
use between::{Blobs, problem};
use js_sys::{Array, Function, Reflect, Uint8Array};
use shared::{
    files::{Crc32, Entry, Files, ReadSeek, Register, Slot},
    protocol::tab::{EVENTS, FOLDER, FromEngine, KEPT, REGISTER, SLOTS},
    run::{NewFile, Output},
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    io::{self, Cursor, Read, Seek, SeekFrom, Write},
    sync::Arc,
};
use wasm_bindgen::{JsCast, JsValue};

/// Free slots that are opened when there are few.
const MANY: usize = 96;
/// Free slots that are few.
const FEW: usize = 48;
/// How often files that somebody else has open are tried again, and milliseconds in between.
const PATIENCE: u32 = 40;
const BREAK: f64 = 100.0;

thread_local! {
    /// The one shelf of this worker: objects of the browser belong to one thread.
    static STATE: RefCell<State> = RefCell::default();
}

#[derive(Default)]
struct State {
    register: Register,
    /// Content of files that have no slot yet.
    waiting: BTreeMap<String, Arc<[u8]>>,
    /// Open slots by number.
    slots: BTreeMap<u32, File>,
    free: Vec<u32>,
    disk: Option<Disk>,
    /// Whether a checkpoint has become whole that the page has not been given.
    is_new: bool,
    /// What the page was given of files in memory, so that it is not made twice.
    given: Vec<(Arc<[u8]>, JsValue)>,
}

struct Disk {
    folder: Folder,
    register: File,
    /// Bytes of the register that tell something.
    told: u64,
    events: File,
}

/// The shelf.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shelf;

impl Shelf {
    /// Opens the folder of job `id`, into which goes what a run elsewhere left (below [`KEPT`]); what another
    /// job had is closed.
    ///
    /// # Errors
    /// Another tab has it, or the browser gives no access.
    pub(crate) async fn open(id: &str, given: &Blobs) -> io::Result<Self> {
        Self::close().await;
        let mut patience = PATIENCE;
        loop {
            let opened = Self::open_disk(id).await.map_err(|error| problem(&error));
            match opened {
                // The worker of a page that was just loaded anew lets its files go a moment later.
                Err(error) if error.kind() == io::ErrorKind::ResourceBusy && patience > 0 => {
                    patience -= 1;
                    sleep(BREAK).await;
                }
                opened => break opened?,
            }
        }
        Self.refill().await?;
        for path in given.below(KEPT) {
            Self.write_with(&path, &mut |file| {
                io::copy(&mut given.open(&format!("{KEPT}/{path}"))?, file).map(|_| ())
            })?;
            Self.refill().await?;
        }
        Ok(Self)
    }

    /// Keeps all in memory, and begins with what an earlier attempt left there; what another job had is
    /// closed.
    ///
    /// # Errors
    /// A file cannot be read.
    pub(crate) async fn in_memory(given: &Blobs) -> io::Result<Self> {
        Self::close().await;
        let mut waiting = BTreeMap::new();
        for path in given.below(KEPT) {
            let bytes = given.read(&format!("{KEPT}/{path}"))?;
            waiting.insert(path, Arc::from(bytes));
        }
        STATE.with_borrow_mut(|state| state.waiting = waiting);
        Ok(Self)
    }

    async fn open_disk(id: &str) -> Result<(), JsValue> {
        let Some(mut folder) = Folder::outermost().await? else {
            return Ok(());
        };
        for name in [FOLDER, "jobs", id] {
            folder = folder.folder(name).await?;
        }
        let register = folder.open(REGISTER).await?;
        let events = folder.open(EVENTS).await?;
        let slots = folder.folder(SLOTS).await?;
        let mut bytes = vec![0; register.size()? as usize];
        let read = register.read_at(&mut bytes, 0)?;
        bytes.truncate(read);
        // The line that was being written when the tab was closed is cut off.
        let (names, told) = Register::read(&bytes);
        register.truncate(told as u64)?;
        end_line(&events)?;
        let mut open = BTreeMap::new();
        for number in names.slots() {
            open.insert(number, slots.open(&number.to_string()).await?);
        }
        STATE.with_borrow_mut(|state| {
            *state = State {
                register: names,
                slots: open,
                disk: Some(Disk {
                    folder: slots,
                    register,
                    told: told as u64,
                    events,
                }),
                ..State::default()
            };
        });
        Ok(())
    }

    /// Opens more slots if few are free, and puts into them what waits in memory.
    ///
    /// # Errors
    /// The browser gives none, or its storage is full.
    pub(crate) async fn refill(self) -> io::Result<()> {
        let wanted = STATE.with_borrow(|state| {
            let is_short = state.free.len() < FEW || !state.waiting.is_empty();
            let folder = state.disk.as_ref().map(|disk| disk.folder.clone());
            folder.filter(|_| is_short).map(|folder| {
                let taken: BTreeSet<u32> = state.slots.keys().copied().collect();
                let count = MANY.saturating_sub(state.free.len()) + state.waiting.len();
                let numbers = (0..).filter(|number| !taken.contains(number));
                (folder, numbers.take(count).collect::<Vec<u32>>())
            })
        });
        let Some((folder, numbers)) = wanted else {
            return Ok(());
        };
        for number in numbers {
            let slot = folder.open(&number.to_string()).await;
            let slot = slot.map_err(|error| problem(&error))?;
            STATE.with_borrow_mut(|state| {
                state.slots.insert(number, slot);
                state.free.push(number);
            });
        }
        let waiting = STATE.with_borrow_mut(|state| std::mem::take(&mut state.waiting));
        for (path, bytes) in waiting {
            self.write(&path, &bytes)?;
        }
        Ok(())
    }

    /// Closes all files, and removes slots that nothing lies in.
    pub(crate) async fn close() {
        let state = STATE.take();
        let Some(disk) = state.disk else {
            return;
        };
        let used = state.register.slots();
        let numbers: Vec<u32> = state.slots.keys().copied().collect();
        drop(state.slots);
        for number in numbers.iter().filter(|number| !used.contains(number)) {
            // What is left over only takes up a name.
            let _ = disk.folder.remove(&number.to_string()).await;
        }
    }

    /// Files that are in memory only, as an array of `[path, blob]`.
    pub(crate) fn unkept(self) -> Array {
        STATE.with_borrow_mut(|state| {
            let before = std::mem::take(&mut state.given);
            let mut pairs = Vec::new();
            for (path, bytes) in &state.waiting {
                let known = before.iter().find(|(own, _)| Arc::ptr_eq(own, bytes));
                let blob = known.map(|(_, blob)| blob.clone()).or_else(|| blob(bytes));
                if let Some(blob) = blob {
                    pairs.push(Array::of2(&path.into(), &blob));
                    state.given.push((Arc::clone(bytes), blob));
                }
            }
            pairs.into_iter().collect()
        })
    }

    /// Tells the page of a checkpoint that has become whole, and gives it what is in memory only.
    pub(crate) fn hand_over(self) {
        let is_new = STATE.with_borrow_mut(|state| std::mem::take(&mut state.is_new));
        if is_new {
            let is_kept = STATE.with_borrow(|state| state.disk.is_some());
            let files = if is_kept { Array::new() } else { self.unkept() };
            post_with(&FromEngine::Checkpoint, &files);
        }
    }

    /// Appends a line to the file of events.
    ///
    /// # Errors
    /// The browser's storage is full.
    pub(crate) fn tell(self, line: &[u8]) -> io::Result<()> {
        STATE.with_borrow(|state| {
            let Some(disk) = &state.disk else {
                return Ok(());
            };
            let append = || -> Result<(), JsValue> {
                disk.events.write_at(line, disk.events.size()?)?;
                disk.events.flush()
            };
            append().map_err(|error| problem(&error))
        })
    }
}

/// Bytes as the browser's.
fn blob(bytes: &[u8]) -> Option<JsValue> {
    let parts = Array::of1(&Uint8Array::from(bytes));
    let class = Reflect::get(&js_sys::global(), &"Blob".into()).ok()?;
    let class: Function = class.dyn_into().ok()?;
    Reflect::construct(&class, &Array::of1(&parts)).ok()
}

/// Ends the line that was being written when the tab was closed.
fn end_line(file: &File) -> Result<(), JsValue> {
    let size = file.size()?;
    let mut last = [b'\n'];
    if size > 0 {
        file.read_at(&mut last, size - 1)?;
    }
    match last {
        [b'\n'] => Ok(()),
        _ => file.write_at(b"\n", size),
    }
}

impl State {
    /// Notes in the register what has happened, for good.
    fn note(&mut self, entry: &Entry) -> Result<(), JsValue> {
        if let Some(disk) = &mut self.disk {
            let line = Register::line(entry);
            disk.register.write_at(&line, disk.told)?;
            disk.register.flush()?;
            disk.told += line.len() as u64;
        }
        for slot in self.register.take(entry) {
            if let Some(handle) = self.slots.get(&slot) {
                handle.truncate(0)?;
            }
            self.free.push(slot);
        }
        Ok(())
    }

    /// A file is whole. The one that names the newest checkpoint is written last.
    fn finished(&mut self, path: &str) {
        self.is_new |= path.ends_with("/latest");
    }

    fn put(&mut self, path: &str, slot: u32, size: u64, crc: Option<u32>) -> Result<(), JsValue> {
        let entry = Entry::Put(
            path.to_owned(),
            Slot {
                slot,
                size,
                crc,
                time: Some(time()),
            },
        );
        self.note(&entry)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let slots = self.register.files().map(|(path, _)| path);
        slots.chain(self.waiting.keys().map(String::as_str))
    }

    /// All that waits in memory under a path, or below it.
    fn take_waiting(&mut self, path: &str) -> Vec<(String, Arc<[u8]>)> {
        let folder = format!("{path}/");
        let is_in = |name: &&String| *name == path || name.starts_with(&folder);
        let names: Vec<String> = self.waiting.keys().filter(is_in).cloned().collect();
        let take = |name| self.waiting.remove_entry(&name);
        names.into_iter().filter_map(take).collect()
    }
}

fn not_found() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "no such file")
}

impl Files for Shelf {
    fn open(&self, path: &str) -> io::Result<Box<dyn ReadSeek>> {
        STATE.with_borrow(|state| {
            if let Some(bytes) = state.waiting.get(path) {
                return Ok(Box::new(Cursor::new(Arc::clone(bytes))) as Box<dyn ReadSeek>);
            }
            let found = state.register.get(path).ok_or_else(not_found)?;
            Ok(Box::new(Reader {
                slot: found.slot,
                size: found.size,
                position: 0,
            }))
        })
    }

    fn size(&self, path: &str) -> io::Result<u64> {
        STATE.with_borrow(|state| {
            if let Some(bytes) = state.waiting.get(path) {
                return Ok(bytes.len() as u64);
            }
            let found = state.register.get(path).ok_or_else(not_found)?;
            Ok(found.size)
        })
    }

    fn is_folder(&self, path: &str) -> bool {
        self.list(path).is_ok()
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        let folder = path.trim_matches('/');
        let prefix = if folder.is_empty() {
            String::new()
        } else {
            format!("{folder}/")
        };
        STATE.with_borrow(|state| {
            let inside = state.names().filter_map(|name| name.strip_prefix(&prefix));
            let names: BTreeSet<String> = inside
                .map(|rest| rest.split('/').next().unwrap_or(rest).to_owned())
                .collect();
            if names.is_empty() && !folder.is_empty() {
                return Err(io::Error::new(io::ErrorKind::NotFound, "no such folder"));
            }
            Ok(names.into_iter().collect())
        })
    }
}

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

/// The content of a slot at a position.
struct Reader {
    slot: u32,
    size: u64,
    position: u64,
}

impl Read for Reader {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let left = self.size.saturating_sub(self.position);
        let length = (bytes.len() as u64).min(left) as usize;
        if length == 0 {
            return Ok(0);
        }
        let count = STATE.with_borrow(|state| {
            let handle = state.slots.get(&self.slot).ok_or_else(not_found)?;
            let read = handle.read_at(&mut bytes[..length], self.position);
            read.map_err(|error| problem(&error))
        })?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, offset) = match to {
            SeekFrom::Start(at) => (0, i64::try_from(at).unwrap_or(i64::MAX)),
            SeekFrom::End(offset) => (self.size, offset),
            SeekFrom::Current(offset) => (self.position, offset),
        };
        self.position = from
            .checked_add_signed(offset)
            .ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
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
