//! Files that the page was given: read piece by piece where the browser has them, never as a whole.
//!
//! The browser lets only workers read so.

use crate::problem;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use shared::files::{self, Files, ReadSeek};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet, HashMap},
    io::{self, Read, Seek, SeekFrom},
    sync::Arc,
};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    #[derive(Debug, Clone)]
    type Blob;
    #[wasm_bindgen(method, getter)]
    fn size(this: &Blob) -> f64;
    #[wasm_bindgen(method, catch)]
    fn slice(this: &Blob, start: f64, end: f64) -> Result<Blob, JsValue>;

    type FileReaderSync;
    #[wasm_bindgen(constructor, catch)]
    fn new() -> Result<FileReaderSync, JsValue>;
    #[wasm_bindgen(method, catch, js_name = readAsArrayBuffer)]
    fn read(this: &FileReaderSync, blob: &Blob) -> Result<ArrayBuffer, JsValue>;
}

/// Bytes that are read at once where less is asked for.
const AHEAD: usize = 256 << 10;

thread_local! {
    /// The blobs by number, and what reads them: objects of the browser belong to one thread, numbers
    /// don't.
    static BLOBS: RefCell<HashMap<u32, Blob>> = RefCell::default();
    static NEXT: Cell<u32> = const { Cell::new(0) };
    static READER: Option<FileReaderSync> = FileReaderSync::new().ok();
}

/// Files by path; folders are whatever stands before a `/` in one of the paths.
#[derive(Debug, Clone, Default)]
pub struct Blobs {
    files: BTreeMap<String, Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    number: Arc<Number>,
    size: u64,
}

/// A blob's number; with the last of them the blob is let go.
#[derive(Debug)]
struct Number(u32);

impl Drop for Number {
    fn drop(&mut self) {
        // At the end of a thread there may be no map any more.
        let _ = BLOBS.try_with(|blobs| blobs.borrow_mut().remove(&self.0));
    }
}

impl Blobs {
    /// Takes an array of `[path, blob]`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(pairs: &JsValue) -> Result<Self, String> {
        let mut files = Self::default();
        if pairs.is_undefined() {
            return Ok(files);
        }
        let pairs: &Array = pairs.dyn_ref().ok_or("`files` of a message is no array")?;
        for pair in pairs.iter() {
            let pair: Array = pair.dyn_into().map_err(|_| "a file has no path")?;
            let path = pair.get(0).as_string().ok_or("a file's path is no text")?;
            let blob: Blob = pair
                .get(1)
                .dyn_into()
                .map_err(|_| format!("{path} is no file"))?;
            files.insert(&path, blob);
        }
        Ok(files)
    }

    /// Adds a file, which is a `Blob`, or puts it in another's place.
    pub fn insert(&mut self, path: &str, blob: impl Into<JsValue>) {
        let blob: Blob = blob.into().unchecked_into();
        let size = blob.size() as u64;
        let number = NEXT.replace(NEXT.get().wrapping_add(1));
        BLOBS.with_borrow_mut(|blobs| blobs.insert(number, blob));
        let number = Arc::new(Number(number));
        self.files.insert(steps(path), Entry { number, size });
    }

    /// The paths of all files below `folder`, seen from there.
    pub fn below(&self, folder: &str) -> impl Iterator<Item = String> {
        let prefix = format!("{}/", steps(folder));
        let paths = self.files.keys();
        paths.filter_map(move |path| path.strip_prefix(&prefix).map(str::to_owned))
    }

    fn get(&self, path: &str) -> io::Result<&Entry> {
        let found = self.files.get(&steps(path));
        found.ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::NotFound,
                "no such file among those that this tab was given",
            )
        })
    }
}

/// A path without `.`, `..` and doubled slashes, from the top.
fn steps(path: &str) -> String {
    let mut steps: Vec<&str> = Vec::new();
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}

impl Files for Blobs {
    fn open(&self, path: &str) -> io::Result<Box<dyn ReadSeek>> {
        let Entry { number, size } = self.get(path)?;
        Ok(Box::new(Reader {
            number: Arc::clone(number),
            size: *size,
            position: 0,
            ahead: Vec::new(),
            begins: 0,
        }))
    }

    fn size(&self, path: &str) -> io::Result<u64> {
        Ok(self.get(path)?.size)
    }

    fn is_folder(&self, path: &str) -> bool {
        self.list(path).is_ok()
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        let folder = steps(path);
        let prefix = if folder.is_empty() {
            folder
        } else {
            folder + "/"
        };
        let names: BTreeSet<&str> = self
            .files
            .range(prefix.clone()..)
            .map_while(|(file, _)| file.strip_prefix(&prefix))
            .map(|rest| rest.split('/').next().unwrap_or(rest))
            .collect();
        if names.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "no such folder"));
        }
        Ok(names.into_iter().map(str::to_owned).collect())
    }
}

/// A blob at a position.
struct Reader {
    number: Arc<Number>,
    size: u64,
    position: u64,
    /// What was read beyond what was asked for.
    ahead: Vec<u8>,
    /// Where `ahead` begins.
    begins: u64,
}

impl Reader {
    fn piece(&self, length: usize) -> io::Result<Uint8Array> {
        let end = self.position.saturating_add(length as u64).min(self.size);
        let read = || -> Result<Uint8Array, JsValue> {
            let blob = BLOBS.with_borrow(|blobs| blobs.get(&self.number.0).cloned());
            let blob = blob.ok_or("the file is closed")?;
            let piece = blob.slice(self.position as f64, end as f64)?;
            READER.with(|reader| match reader {
                Some(reader) => {
                    let buffer = reader.read(&piece)?;
                    Ok(Uint8Array::new(&buffer))
                }
                None => Err("this browser cannot read files in a worker".into()),
            })
        };
        read().map_err(|error| problem(&error))
    }
}

impl Read for Reader {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if bytes.is_empty() || self.position >= self.size {
            return Ok(0);
        }
        let inside = self.position.checked_sub(self.begins);
        let kept = inside
            .and_then(|at| self.ahead.get(at as usize..))
            .filter(|kept| !kept.is_empty());
        let count = if let Some(kept) = kept {
            let count = kept.len().min(bytes.len());
            bytes[..count].copy_from_slice(&kept[..count]);
            count
        } else if bytes.len() >= AHEAD {
            let piece = self.piece(bytes.len())?;
            let count = piece.length() as usize;
            piece.copy_to(&mut bytes[..count]);
            count
        } else {
            self.ahead = self.piece(AHEAD)?.to_vec();
            self.begins = self.position;
            let count = self.ahead.len().min(bytes.len());
            bytes[..count].copy_from_slice(&self.ahead[..count]);
            count
        };
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = files::seek(to, self.position, self.size)?;
        Ok(self.position)
    }
}
