//! Bringing recordings and their table to the runner, in pieces that can be taken up again.

use super::{clips::Clips, rows::Rows};
use crate::{
    backend::{Backend, Link, Place, Trouble},
    browser,
    experiment::Document,
    ui::{Toaster, Words, bytes},
};
use between::message;
use futures_util::{StreamExt, TryStreamExt, stream};
use leptos::{prelude::*, task::spawn_local};
use shared::{
    config::ini,
    protocol::{CreateDataset, CreateUpload, Dataset, DatasetFile, Upload, UploadKind},
};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

/// Bytes that are sent at once.
const PIECE: f64 = 4_194_304.0;
/// Files that are sent at the same time.
const TOGETHER: usize = 4;
/// After so many milliseconds a runner that does not answer is asked again.
const PAUSE: u32 = 1000;

/// The panel.
#[component]
pub(super) fn Bring(rows: Rows, document: Document) -> impl IntoView {
    let link = Link::here();
    let toaster = Toaster::here();
    // Bytes that are there, and of all.
    let progress = RwSignal::new(None::<(f64, f64)>);
    let stopped = RwSignal::new(false);
    let waits = RwSignal::new(false);
    let made = RwSignal::new(None::<Dataset>);
    let wrong = RwSignal::new(None::<String>);
    let start = move |_| {
        stopped.set(false);
        waits.set(false);
        wrong.set(None);
        spawn_local(async move {
            let way = Way {
                link,
                clips: Clips::start(|_| {}),
                progress,
                stopped,
                waits,
            };
            let outcome = match rows.archive() {
                // As it is: one file, unpacked there.
                Some(zip) => way.archive(zip.name(), zip.unchecked_into()).await,
                None => way.all(rows).await,
            };
            if progress.try_set(None).is_some() {
                return;
            }
            match outcome {
                Ok(Some(dataset)) => {
                    toaster.say(match link.place.get_untracked() {
                        Place::Runner => format!("`{}` is on the runner.", dataset.name),
                        Place::Tab => format!("This browser keeps `{}`.", dataset.name),
                    });
                    made.set(Some(dataset));
                }
                Ok(None) => toaster.say("Stopped. What was sent is kept for a while: starting again goes on from there."),
                Err(trouble) => wrong.set(Some(trouble.to_string())),
            }
        });
    };
    let apply = move |ini: String| {
        let lines = ini::Document::parse(if ini.trim_start().starts_with('[') {
            ini
        } else {
            format!("[DATA]\n{ini}")
        });
        for section in lines.sections() {
            for entry in &section.entries {
                if let Err(error) = document.set_written(&section.name, &entry.key, &entry.value) {
                    toaster.fail(error);
                }
            }
        }
        toaster.say("The experiment uses these recordings now. Undo takes it back.");
    };
    let state = move || {
        match (progress.get(), made.get()) {
        (Some((done, all)), _) => view! {
            <div class="bringing">
                <progress max="1" value=done / all.max(1.0) aria-label="Sent"></progress>
                <p class="soft" role="status">{format!("{} of {}", bytes(done as u64), bytes(all as u64))}</p>
                {move || waits.get().then(|| view! { <p class="warning-text" role="status">"▲ The runner does not answer. It goes on from here when it does again."</p> })}
                <button type="button" class="small" on:click=move |_| stopped.set(true)>"Stop"</button>
            </div>
        }
        .into_any(),
        (None, Some(dataset)) => {
            let ini = dataset.ini.clone();
            view! {
                <p class="hint">{match link.place.get_untracked() { Place::Runner => "On the runner as ", Place::Tab => "Kept as " }}<code>{dataset.path}</code>", "{dataset.files}" files."</p>
                {ini.map(|ini| view! { <div class="bar plain"><button type="button" class="primary" on:click=move |_| apply(ini.clone())>"Use in the experiment"</button></div> })}
            }
            .into_any()
        }
        _ => ().into_any(),
    }
    };
    view! {
        <section class="panel" aria-labelledby="bring-title">
            <div class="bar">
                <h2 id="bring-title" class="grow">"Train on these"</h2>
                <button type="button" disabled=move || !link.is_open() || progress.with(Option::is_some) on:click=start>
                    {move || match link.place.get() { Place::Runner => "Bring to the runner", Place::Tab => "Keep in this browser" }}
                </button>
            </div>
            {move || (!link.is_open()).then(|| view! { <p class="hint">"With a runner these recordings can be brought there, with the labels as they are here."</p> })}
            {move || wrong.get().map(|text| view! { <p class="hint error-text"><Words text /></p> })}
            {state}
        </section>
    }
}

/// How things get there.
struct Way {
    link: Link,
    clips: Rc<Clips>,
    progress: RwSignal<Option<(f64, f64)>>,
    stopped: RwSignal<bool>,
    /// Whether the runner does not answer at the moment.
    waits: RwSignal<bool>,
}

impl Way {
    /// Brings table and recordings one by one; `None` if it was stopped.
    async fn all(&self, rows: Rows) -> Result<Option<Dataset>, Trouble> {
        let (table, files) = rows.everything();
        let parts = js_sys::Array::of1(&table.into());
        let table = Blob::new_with_str_sequence(&parts).map_err(|error| {
            Trouble::Unreadable(format!("the table: {}", between::words(&error)))
        })?;
        let mut all: Vec<(String, Blob)> = vec![("recordings.csv".to_owned(), table)];
        all.extend(
            files
                .into_iter()
                .map(|(path, file)| (path, file.unchecked_into())),
        );
        self.begin(all.iter().map(|(_, blob)| blob.size()).sum());
        let sent = stream::iter(all)
            .map(async |(path, blob)| {
                let upload = self.send(&path, &blob, UploadKind::File).await?;
                Ok::<_, Trouble>(upload.map(|upload| DatasetFile {
                    path,
                    sha256: upload.sha256,
                }))
            })
            .buffer_unordered(TOGETHER)
            .try_collect::<Vec<_>>()
            .await?;
        let Some(mut files) = sent.into_iter().collect::<Option<Vec<DatasetFile>>>() else {
            return Ok(None);
        };
        shared::sorting::by(&mut files, |a, b| a.path.cmp(&b.path));
        let request = CreateDataset {
            id: None,
            name: "recordings".to_owned(),
            archive: None,
            files,
        };
        self.link.backend().make_dataset(request).await.map(Some)
    }

    /// Brings a zip; `None` if it was stopped.
    async fn archive(&self, name: String, zip: Blob) -> Result<Option<Dataset>, Trouble> {
        self.begin(zip.size());
        let Some(upload) = self.send(&name, &zip, UploadKind::Archive).await? else {
            return Ok(None);
        };
        let request = CreateDataset {
            id: None,
            name: name.trim_end_matches(".zip").to_owned(),
            archive: Some(upload.id),
            files: Vec::new(),
        };
        self.link.backend().make_dataset(request).await.map(Some)
    }

    fn begin(&self, total: f64) {
        let _ = self.progress.try_set(Some((0.0, total)));
    }

    fn went(&self, bytes: f64) {
        let _ = self.progress.try_update(|progress| {
            if let Some(progress) = progress {
                progress.0 += bytes;
            }
        });
    }

    /// Brings one file; what of it is there already is not sent again. `None` if it was stopped.
    async fn send(
        &self,
        path: &str,
        blob: &Blob,
        kind: UploadKind,
    ) -> Result<Option<Upload>, Trouble> {
        if self.is_stopped() {
            return Ok(None);
        }
        let unreadable = |error: String| {
            Trouble::Unreadable(format!(
                "{path} cannot be read any more ({error}); drop it again"
            ))
        };
        let answer = self.clips.ask("hash", &[("file", blob.into())]).await;
        let request = CreateUpload {
            name: path.to_owned(),
            size: blob.size() as u64,
            sha256: message::text(&answer.map_err(unreadable)?, "sha256"),
            kind,
        };
        let backend = self.link.backend();
        let Some(mut upload) = self.open(&*backend, &request).await? else {
            return Ok(None);
        };
        self.went(upload.offset as f64);
        while !upload.complete {
            if self.is_stopped() {
                return Ok(None);
            }
            let from = upload.offset as f64;
            let end = (from + PIECE).min(blob.size());
            let piece = blob
                .slice_with_f64_and_f64(from, end)
                .map_err(|error: JsValue| unreadable(between::words(&error)))?;
            upload = match backend.send_piece(&upload.id, upload.offset, piece).await {
                // How much of it arrived before the cut, only the runner knows.
                Err(Trouble::Gone) => match self.open(&*backend, &request).await? {
                    Some(upload) => upload,
                    None => return Ok(None),
                },
                sent => sent?,
            };
            self.went(upload.offset as f64 - from);
        }
        Ok(Some(upload))
    }

    /// Begins or takes up an upload, as soon as the runner answers; `None` if it was stopped before.
    async fn open(
        &self,
        backend: &dyn Backend,
        request: &CreateUpload,
    ) -> Result<Option<Upload>, Trouble> {
        loop {
            let answer = backend.begin_upload(request.clone()).await;
            let is_gone = answer == Err(Trouble::Gone);
            let _ = self.waits.try_set(is_gone);
            if !is_gone {
                return answer.map(Some);
            }
            if self.is_stopped() {
                return Ok(None);
            }
            browser::pause(PAUSE).await;
        }
    }

    fn is_stopped(&self) -> bool {
        self.stopped.try_get_untracked().unwrap_or(true)
    }
}
