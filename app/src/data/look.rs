//! Looking through all recordings, in the background: lengths, rates, and what is wrong with them.

use super::{
    clips::{Clips, pairs},
    rows::Rows,
};
use between::message;
use leptos::{prelude::*, task::spawn_local};
use shared::audio::Inspection;
use wasm_bindgen::JsValue;
use web_sys::File;

/// Most recordings, and bytes, that are asked about at once.
const FILES: usize = 16;
const BYTES: f64 = 4_000_000.0;

/// Who looks.
#[derive(Clone, Copy)]
pub(super) struct Looker {
    rows: Rows,
    /// Recordings that were looked at, and of all; `None` if nobody looks.
    pub(super) progress: RwSignal<Option<(usize, usize)>>,
    pub(super) stopped: RwSignal<bool>,
}

impl Looker {
    pub(super) fn new(rows: Rows) -> Self {
        Self {
            rows,
            progress: RwSignal::new(None),
            stopped: RwSignal::new(false),
        }
    }

    /// Looks at what nobody has looked at yet, unless somebody is at it.
    pub(super) fn start(self) {
        self.stopped.set(false);
        if self.progress.get_untracked().is_some() {
            return;
        }
        self.progress.set(Some((0, 0)));
        spawn_local(async move {
            let clips = Clips::start(|_| {});
            while let Some(batch) = self.next() {
                let files = batch.iter().map(|(path, file)| (path.as_str(), file));
                let question = [("files", pairs(files))];
                let outcome = clips.ask("look", &question).await;
                if self.rows.version.is_disposed() {
                    return;
                }
                self.put(&batch, outcome);
            }
            let _ = self.progress.try_set(None);
        });
    }

    /// The next recordings.
    fn next(self) -> Option<Vec<(String, File)>> {
        if self.stopped.try_get_untracked().unwrap_or(true) {
            return None;
        }
        self.rows.with_files(|files| {
            let all = files.list.len();
            let mut bytes = 0.0;
            let mut batch = Vec::new();
            let unknown = files.list.iter().filter(|known| known.found.is_none());
            let done = all - unknown.clone().count();
            for known in unknown.take(FILES) {
                bytes += known.file.size();
                if !batch.is_empty() && bytes > BYTES {
                    break;
                }
                batch.push((known.path.clone(), known.file.clone()));
            }
            self.progress.set(Some((done, all)));
            (!batch.is_empty()).then_some(batch)
        })?
    }

    fn put(self, batch: &[(String, File)], outcome: Result<JsValue, String>) {
        let found: Result<Vec<Result<Inspection, String>>, String> = outcome.and_then(|answer| {
            let json = message::text(&answer, "found");
            shared::json::read(&json).map_err(|error| error.to_string())
        });
        let found = found.unwrap_or_else(|error| vec![Err(error); batch.len()]);
        self.rows.with_files(|files| {
            for ((path, file), found) in batch.iter().zip(found) {
                if let Some(known) = files.at(path).filter(|known| known.file == *file) {
                    known.found = Some(found);
                }
            }
        });
        self.rows.version.update(|version| *version += 1);
    }
}
