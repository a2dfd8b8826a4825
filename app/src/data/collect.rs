//! Files from a drop or a choice, with the folders that they lie in.

use crate::browser::turn;
use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry,
};

/// Files that are looked at before others have a turn.
const TURN: usize = 1000;

/// What was dropped or chosen, before folders are looked into.
pub(super) enum Found {
    Entries(Vec<FileSystemEntry>),
    Files(Vec<File>),
}

impl Found {
    /// What was dropped; it must be asked while the event lasts.
    pub(super) fn dropped(data: &DataTransfer) -> Self {
        let items = data.items();
        let entry = |at| {
            items
                .get(at)
                .and_then(|item| item.webkit_get_as_entry().ok().flatten())
        };
        let entries: Vec<FileSystemEntry> = (0..items.length()).filter_map(entry).collect();
        if entries.is_empty() {
            Self::chosen(data.files())
        } else {
            Self::Entries(entries)
        }
    }

    /// What was chosen by a field.
    pub(super) fn chosen(files: Option<FileList>) -> Self {
        let files = files
            .into_iter()
            .flat_map(|files| (0..files.length()).filter_map(move |at| files.get(at)));
        Self::Files(files.collect())
    }
}

/// A file with its path: of a chosen folder, the path below it.
fn named(file: File) -> (String, File) {
    // This property is in no standard and in every browser.
    let path = Reflect::get(&file, &"webkitRelativePath".into()).ok();
    let path = path.and_then(|path| path.as_string());
    let path = path.filter(|path| !path.is_empty());
    (path.unwrap_or_else(|| file.name()), file)
}

/// All files with their paths; `told` hears how many there are so far.
pub(super) async fn all(found: Found, told: impl Fn(usize)) -> Vec<(String, File)> {
    let mut files = Vec::new();
    let mut waiting = match found {
        Found::Files(all) => {
            for (at, file) in all.into_iter().enumerate() {
                if at % TURN == 0 {
                    turn().await;
                }
                files.push(named(file));
            }
            return files;
        }
        Found::Entries(entries) => entries,
    };
    while let Some(entry) = waiting.pop() {
        let path = entry.full_path().trim_start_matches('/').to_owned();
        if entry.is_directory() {
            let reader = entry
                .unchecked_into::<FileSystemDirectoryEntry>()
                .create_reader();
            // A folder is told in pieces, of a hundred entries in Chromium.
            loop {
                let read = |done: &Function, failed: &Function| {
                    let _ = reader.read_entries_with_callback_and_callback(done, failed);
                };
                let Ok(entries) = asked(read).await else {
                    break;
                };
                let entries: Array = entries.unchecked_into();
                if entries.length() == 0 {
                    break;
                }
                waiting.extend(
                    entries
                        .iter()
                        .map(JsCast::unchecked_into::<FileSystemEntry>),
                );
            }
        } else {
            let entry = entry.unchecked_into::<FileSystemFileEntry>();
            let read = |done: &Function, failed: &Function| {
                entry.file_with_callback_and_callback(done, failed)
            };
            if let Ok(file) = asked(read).await {
                files.push((path, file.unchecked_into()));
                if files.len() % 100 == 0 {
                    told(files.len());
                }
            }
        }
    }
    shared::sorting::by(&mut files, |a, b| a.0.cmp(&b.0));
    files
}

/// Waits for an interface that calls back.
async fn asked(ask: impl Fn(&Function, &Function)) -> Result<JsValue, JsValue> {
    JsFuture::from(Promise::new(&mut |done, failed| ask(&done, &failed))).await
}

/// The text of a file.
pub(super) async fn text(file: &File) -> Result<String, JsValue> {
    Ok(JsFuture::from(file.text())
        .await?
        .as_string()
        .unwrap_or_default())
}
