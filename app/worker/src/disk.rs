//! The browser's file system for this site, as a worker sees it: opening a file takes waiting, reading and
//! writing it doesn't.

use crate::browser::get;
use js_sys::{Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    type Storage;
    #[wasm_bindgen(method, js_name = getDirectory)]
    fn get_directory(this: &Storage) -> Promise;

    #[derive(Clone)]
    type Directory;
    #[wasm_bindgen(method, js_name = getDirectoryHandle)]
    fn directory(this: &Directory, name: &str, options: &Object) -> Promise;
    #[wasm_bindgen(method, js_name = getFileHandle)]
    fn file(this: &Directory, name: &str, options: &Object) -> Promise;
    #[wasm_bindgen(method, js_name = removeEntry)]
    fn remove_entry(this: &Directory, name: &str) -> Promise;

    type FileHandle;
    #[wasm_bindgen(method, js_name = createSyncAccessHandle)]
    fn open(this: &FileHandle) -> Promise;

    type Access;
    #[wasm_bindgen(method, catch)]
    fn read(this: &Access, bytes: &Uint8Array, options: &Object) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn write(this: &Access, bytes: &Uint8Array, options: &Object) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn truncate(this: &Access, size: f64) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = getSize)]
    fn get_size(this: &Access) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn flush(this: &Access) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    fn close(this: &Access);
}

/// Bytes that are read at once.
const PIECE: usize = 4 << 20;

type Answer<T> = Result<T, JsValue>;

fn options(name: &str, value: &JsValue) -> Object {
    let options = Object::new();
    // Setting a property of a plain object cannot fail.
    let _ = Reflect::set(&options, &name.into(), value);
    options
}

/// A folder.
#[derive(Clone)]
pub(crate) struct Folder(Directory);

impl Folder {
    /// The outermost one; `None` where the browser has no such file system.
    pub(crate) async fn outermost() -> Answer<Option<Self>> {
        let storage = get(&get(&js_sys::global(), "navigator"), "storage");
        if get(&storage, "getDirectory").is_undefined() {
            return Ok(None);
        }
        let storage: Storage = storage.unchecked_into();
        let folder = JsFuture::from(storage.get_directory()).await?;
        Ok(Some(Self(folder.unchecked_into())))
    }

    /// A folder in it, which is made where it is missing.
    pub(crate) async fn folder(&self, name: &str) -> Answer<Self> {
        let found = self.0.directory(name, &options("create", &JsValue::TRUE));
        Ok(Self(JsFuture::from(found).await?.unchecked_into()))
    }

    /// Opens a file in it, which is made where it is missing.
    pub(crate) async fn open(&self, name: &str) -> Answer<File> {
        let found = self.0.file(name, &options("create", &JsValue::TRUE));
        let handle: FileHandle = JsFuture::from(found).await?.unchecked_into();
        Ok(File(JsFuture::from(handle.open()).await?.unchecked_into()))
    }

    /// Removes a file.
    pub(crate) async fn remove(&self, name: &str) -> Answer<()> {
        JsFuture::from(self.0.remove_entry(name)).await.map(|_| ())
    }
}

/// An open file; nobody else can open it until this is dropped.
pub(crate) struct File(Access);

impl File {
    /// Reads bytes from a position on; fewer at the end.
    pub(crate) fn read_at(&self, bytes: &mut [u8], at: u64) -> Answer<usize> {
        let mut done = 0;
        while done < bytes.len() {
            // By way of the browser's own memory: browsers may not read into memory that grows, or that threads share.
            let piece = Uint8Array::new_with_length((bytes.len() - done).min(PIECE) as u32);
            let place = options("at", &((at as f64) + done as f64).into());
            let count = self.0.read(&piece, &place)?;
            if count == 0.0 {
                break;
            }
            let read = piece.subarray(0, count as u32);
            read.copy_to(&mut bytes[done..done + count as usize]);
            done += count as usize;
        }
        Ok(done)
    }

    /// Writes all of `bytes` at a position.
    pub(crate) fn write_at(&self, bytes: &[u8], at: u64) -> Answer<()> {
        let mut written = 0;
        while written < bytes.len() {
            let place = options("at", &((at as f64) + written as f64).into());
            // A copy: browsers may not write from memory that grows.
            let piece = Uint8Array::from(&bytes[written..]);
            let count = self.0.write(&piece, &place)? as usize;
            if count == 0 {
                return Err("the browser writes nothing more".into());
            }
            written += count;
        }
        Ok(())
    }

    /// Cuts or lengthens it.
    pub(crate) fn truncate(&self, size: u64) -> Answer<()> {
        self.0.truncate(size as f64)
    }

    /// Its bytes.
    pub(crate) fn size(&self) -> Answer<u64> {
        Ok(self.0.get_size()? as u64)
    }

    /// Comes back once all is on the medium.
    pub(crate) fn flush(&self) -> Answer<()> {
        self.0.flush()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        self.0.close();
    }
}
