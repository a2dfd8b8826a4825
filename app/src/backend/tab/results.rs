//! What a job left behind.

use super::refused;
use crate::backend::Trouble;
use js_sys::{Array, Uint8Array};
use keep::Folder;
use shared::{
    files::{Crc32, Pack, Register},
    protocol::{
        Artefact, ArtefactKind, Artefacts, ProblemKind, Records, is_set_aside, media_type,
        tab::{REGISTER, SLOTS},
    },
    report::Manifest,
};
use std::{cell::RefCell, collections::HashMap};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Url};

/// Bytes that are summed up at once.
const PIECE: f64 = 4_194_304.0;

/// A file of a job.
#[derive(Debug, Clone)]
pub(super) struct Left {
    path: String,
    /// The first bytes of it are the file.
    blob: Blob,
    size: u64,
    crc: Option<u32>,
    time: Option<String>,
}

/// The files of a job.
#[derive(Default)]
pub(super) struct Files {
    files: Vec<Left>,
    /// Addresses that were made for them, by path; the archive's is that of the empty path.
    addresses: RefCell<HashMap<String, String>>,
}

impl Files {
    /// Reads the register in a job's folder.
    pub(super) async fn read(job: &Folder) -> Result<Self, JsValue> {
        let bytes = match job.file(REGISTER).await {
            Ok(file) => Uint8Array::new(&JsFuture::from(file.array_buffer()).await?).to_vec(),
            // It was never started.
            Err(_) => Vec::new(),
        };
        let (register, _) = Register::read(&bytes);
        let slots = job.folder(SLOTS).await?;
        let mut files = Vec::new();
        for (path, slot) in register.files() {
            let file: Blob = slots.file(&slot.slot.to_string()).await?.unchecked_into();
            let blob = file.slice_with_f64_and_f64_and_content_type(
                0.0,
                slot.size as f64,
                media_type(path),
            )?;
            files.push(Left {
                path: path.to_owned(),
                blob,
                size: slot.size,
                crc: slot.crc,
                time: slot.time.clone(),
            });
        }
        Ok(Self::of(files).await)
    }

    /// Takes an array of `[path, blob]`.
    pub(super) async fn take(pairs: &Array) -> Self {
        let files = pairs.iter().filter_map(|pair| {
            let pair: Array = pair.dyn_into().ok()?;
            let path = pair.get(0).as_string()?;
            let blob: Blob = pair.get(1).dyn_into().ok()?;
            let size = blob.size();
            let typed = blob.slice_with_f64_and_f64_and_content_type(0.0, size, media_type(&path));
            Some(Left {
                path,
                blob: typed.ok()?,
                size: size as u64,
                crc: None,
                time: None,
            })
        });
        Self::of(files.collect()).await
    }

    /// All of them, by path.
    pub(super) fn all(&self) -> Vec<(String, Blob)> {
        let pair = |file: &Left| (file.path.clone(), file.blob.clone());
        self.files.iter().map(pair).collect()
    }

    async fn of(mut files: Vec<Left>) -> Self {
        for file in &mut files {
            if file.crc.is_none() {
                file.crc = sum(&file.blob).await.ok();
            }
        }
        Self {
            files,
            addresses: RefCell::default(),
        }
    }

    /// What there is.
    pub(super) fn list(&self) -> Artefacts {
        let files: Vec<Artefact> = self
            .files
            .iter()
            .map(|file| Artefact {
                path: file.path.clone(),
                kind: ArtefactKind::of(&file.path),
                size: file.size,
                modified: file.time.clone(),
            })
            .collect();
        Artefacts {
            bytes: files.iter().map(|file| file.size).sum(),
            files,
        }
    }

    /// The text of a file.
    pub(super) async fn text(&self, path: &str) -> Result<String, Trouble> {
        let found = self.files.iter().find(|file| file.path == path);
        let missing = || refused(ProblemKind::NotFound, format!("there is no file `{path}`"));
        let blob = &found.ok_or_else(missing)?.blob;
        let text = JsFuture::from(blob.text()).await.map_err(|_| missing())?;
        Ok(text.as_string().unwrap_or_default())
    }

    /// The records of all runs, by run.
    pub(super) async fn records(&self) -> Records {
        let mut records = Vec::new();
        for file in &self.files {
            let is_record = file.path.ends_with("/run.json") && !is_set_aside(&file.path);
            if is_record
                && let Ok(text) = self.text(&file.path).await
                && let Ok(manifest) = shared::json::read::<Manifest>(&text)
            {
                records.push(manifest);
            }
        }
        shared::sorting::by_key(&mut records, |manifest| manifest.run);
        Records { records }
    }

    /// Where the browser finds a file; empty if there is none.
    pub(super) fn address(&self, path: &str) -> String {
        let found = self.files.iter().find(|file| file.path == path);
        found.map_or_else(String::new, |file| self.addressed(path, &file.blob))
    }

    /// Where the browser finds all files but checkpoints, as a zip. It is put together of the files as the
    /// browser has them, without reading any.
    pub(super) fn archive(&self) -> String {
        let known = self.addresses.borrow().get("").cloned();
        known.unwrap_or_else(|| {
            let zip = self.zip();
            zip.map_or_else(|_| String::new(), |zip| self.addressed("", &zip))
        })
    }

    fn zip(&self) -> Result<Blob, JsValue> {
        let mut pack = Pack::default();
        let parts = Array::new();
        for file in &self.files {
            if ArtefactKind::of(&file.path) == ArtefactKind::Checkpoint {
                continue;
            }
            let crc = file.crc.unwrap_or_default();
            let head = pack.file(&file.path, file.size, crc);
            let head = head.map_err(|error| JsValue::from(error.to_string()))?;
            parts.push(&Uint8Array::from(&head[..]));
            parts.push(&file.blob);
        }
        parts.push(&Uint8Array::from(&pack.finish()[..]));
        let options = web_sys::BlobPropertyBag::new();
        options.set_type("application/zip");
        Blob::new_with_blob_sequence_and_options(&parts, &options)
    }

    fn addressed(&self, path: &str, blob: &Blob) -> String {
        let mut addresses = self.addresses.borrow_mut();
        let known = addresses.entry(path.to_owned());
        known
            .or_insert_with(|| Url::create_object_url_with_blob(blob).unwrap_or_default())
            .clone()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        for address in self.addresses.borrow().values() {
            let _ = Url::revoke_object_url(address);
        }
    }
}

/// The check sum of a blob.
pub(super) async fn sum(blob: &Blob) -> Result<u32, JsValue> {
    let mut sum = Crc32::new();
    let mut at = 0.0;
    while at < blob.size() {
        let end = (at + PIECE).min(blob.size());
        let piece = blob.slice_with_f64_and_f64(at, end)?.array_buffer();
        sum.update(&Uint8Array::new(&JsFuture::from(piece).await?).to_vec());
        at = end;
    }
    Ok(sum.checksum())
}
