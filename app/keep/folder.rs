//! The browser's file system for this site, as the page sees it: everything takes waiting.

use js_sys::{Array, AsyncIterator, Object, Reflect};
use leptos::prelude::window;
use shared::protocol::tab::FOLDER;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, File, FileSystemCreateWritableOptions, FileSystemDirectoryHandle, FileSystemFileHandle,
    FileSystemGetDirectoryOptions, FileSystemGetFileOptions, FileSystemRemoveOptions,
    FileSystemWritableFileStream,
};

/// A folder.
#[derive(Debug, Clone)]
pub struct Folder(FileSystemDirectoryHandle);

type Answer<T> = Result<T, JsValue>;

impl Folder {
    /// The page's own folder; `None` where the browser has no such file system, or none that a page may
    /// write to.
    pub async fn own() -> Option<Self> {
        let storage = Reflect::get(&window().navigator(), &"storage".into()).ok()?;
        let has = |object: &JsValue, name: &str| Reflect::has(object, &name.into()) == Ok(true);
        let class = Reflect::get(&js_sys::global(), &"FileSystemFileHandle".into()).ok()?;
        let class = Reflect::get(class.dyn_ref::<Object>()?, &"prototype".into()).ok()?;
        if !has(&storage, "getDirectory") || !has(&class, "createWritable") {
            return None;
        }
        let root = JsFuture::from(window().navigator().storage().get_directory());
        let root = Self(root.await.ok()?.unchecked_into());
        root.folder(FOLDER).await.ok()
    }

    /// A folder in it, which is made where it is missing.
    pub async fn folder(&self, name: &str) -> Answer<Self> {
        let options = FileSystemGetDirectoryOptions::new();
        options.set_create(true);
        let found = self.0.get_directory_handle_with_options(name, &options);
        Ok(Self(JsFuture::from(found).await?.unchecked_into()))
    }

    async fn handle(&self, name: &str, create: bool) -> Answer<FileSystemFileHandle> {
        let options = FileSystemGetFileOptions::new();
        options.set_create(create);
        let found = self.0.get_file_handle_with_options(name, &options);
        Ok(JsFuture::from(found).await?.unchecked_into())
    }

    /// A file, as it is now.
    pub async fn file(&self, name: &str) -> Answer<File> {
        let handle = self.handle(name, false).await?;
        Ok(JsFuture::from(handle.get_file()).await?.unchecked_into())
    }

    /// The text of a file.
    pub async fn text(&self, name: &str) -> Answer<String> {
        let text = JsFuture::from(self.file(name).await?.text()).await?;
        Ok(text.as_string().unwrap_or_default())
    }

    /// Writes a file, whole or not at all.
    pub async fn write(&self, name: &str, content: &Blob) -> Answer<()> {
        self.put(name, content, None).await
    }

    /// Writes a text as [`Self::write`].
    pub async fn write_text(&self, name: &str, text: &str) -> Answer<()> {
        let content = Blob::new_with_str_sequence(&Array::of1(&text.into()))?;
        self.put(name, &content, None).await
    }

    /// Writes the piece of a file that begins at `offset`.
    pub async fn write_at(&self, name: &str, piece: &Blob, offset: f64) -> Answer<()> {
        self.put(name, piece, Some(offset)).await
    }

    async fn put(&self, name: &str, content: &Blob, offset: Option<f64>) -> Answer<()> {
        let handle = self.handle(name, true).await?;
        let options = FileSystemCreateWritableOptions::new();
        options.set_keep_existing_data(offset.is_some());
        let stream = JsFuture::from(handle.create_writable_with_options(&options)).await?;
        let stream: FileSystemWritableFileStream = stream.unchecked_into();
        if let Some(offset) = offset {
            JsFuture::from(stream.seek_with_f64(offset)?).await?;
        }
        JsFuture::from(stream.write_with_blob(content)?).await?;
        // Only now the file is another one.
        JsFuture::from(stream.close()).await?;
        Ok(())
    }

    /// Removes a file, or a folder with all in it; what is not there is no error.
    pub async fn remove(&self, name: &str) -> Answer<()> {
        let options = FileSystemRemoveOptions::new();
        options.set_recursive(true);
        let removed = JsFuture::from(self.0.remove_entry_with_options(name, &options)).await;
        match removed {
            Err(error) if between_name(&error) == "NotFoundError" => Ok(()),
            other => other.map(|_| ()),
        }
    }

    /// The names of what is in it.
    pub async fn names(&self) -> Answer<Vec<String>> {
        let names: AsyncIterator = self.0.keys();
        let mut found = Vec::new();
        loop {
            let next = JsFuture::from(names.next()?).await?;
            if Reflect::get(&next, &"done".into())?.is_truthy() {
                found.sort();
                return Ok(found);
            }
            found.extend(Reflect::get(&next, &"value".into())?.as_string());
        }
    }
}

fn between_name(error: &JsValue) -> String {
    Reflect::get(error, &"name".into())
        .ok()
        .and_then(|name| name.as_string())
        .unwrap_or_default()
}
