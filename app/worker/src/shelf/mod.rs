//! A job's folder in the browser's file system for the site, which writes without waiting to files that were
//! opened before: the slots. Which file lies in which slot, the register tells.
//!
//! What finds no slot that is free stays in memory until the next [`Shelf::refill`]. Where the browser has
//! no such file system, all stays there.

mod input;
mod output;

use crate::{
    browser::{sleep, time},
    disk::{File, Folder},
    message::post_with,
};
use between::{Blobs, problem};
use js_sys::{Array, Function, Reflect, Uint8Array};
use shared::{
    files::{Entry, Files, Register, Slot},
    protocol::tab::{EVENTS, FOLDER, FromEngine, KEPT, REGISTER, SLOTS},
    run::Output,
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    io,
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
