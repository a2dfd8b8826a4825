//! Blobs by name: in the browser's file system for this site, or in memory where it has none.

use crate::Folder;
use js_sys::Array;
use std::{cell::RefCell, collections::HashMap};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

/// The blobs.
pub struct Cabinet {
    folder: Option<Folder>,
    memory: RefCell<HashMap<String, Blob>>,
}

impl Cabinet {
    /// Those in the folder `name` of `root`.
    pub async fn open(root: Option<&Folder>, name: &str) -> Self {
        let folder = match root {
            Some(root) => root.folder(name).await.ok(),
            None => None,
        };
        Self {
            folder,
            memory: RefCell::default(),
        }
    }

    /// The blob of a name.
    pub async fn get(&self, name: &str) -> Option<Blob> {
        match &self.folder {
            Some(folder) => folder.file(name).await.ok().map(JsCast::unchecked_into),
            None => self.memory.borrow().get(name).cloned(),
        }
    }

    /// Its text.
    pub async fn text(&self, name: &str) -> Option<String> {
        let text = self.get(name).await?.text();
        wasm_bindgen_futures::JsFuture::from(text)
            .await
            .ok()?
            .as_string()
    }

    /// Puts a blob in the place of whatever has the name.
    pub async fn put(&self, name: &str, blob: &Blob) -> Result<(), JsValue> {
        match &self.folder {
            Some(folder) => folder.write(name, blob).await,
            None => {
                self.memory
                    .borrow_mut()
                    .insert(name.to_owned(), blob.clone());
                Ok(())
            }
        }
    }

    /// Puts a text there.
    pub async fn put_text(&self, name: &str, text: &str) -> Result<(), JsValue> {
        let blob = Blob::new_with_str_sequence(&Array::of1(&text.into()))?;
        self.put(name, &blob).await
    }

    /// Adds the piece of a blob that begins at `offset`, where it ends.
    pub async fn append(&self, name: &str, piece: &Blob, offset: f64) -> Result<(), JsValue> {
        match &self.folder {
            Some(folder) => folder.write_at(name, piece, offset).await,
            None => {
                let before = self.memory.borrow().get(name).cloned();
                let parts = Array::new();
                if let Some(before) = before {
                    parts.push(&before);
                }
                parts.push(piece);
                let whole = Blob::new_with_blob_sequence(&parts)?;
                self.memory.borrow_mut().insert(name.to_owned(), whole);
                Ok(())
            }
        }
    }

    /// Removes the blob of a name.
    pub async fn remove(&self, name: &str) -> Result<(), JsValue> {
        self.memory.borrow_mut().remove(name);
        match &self.folder {
            Some(folder) => folder.remove(name).await,
            None => Ok(()),
        }
    }
}
