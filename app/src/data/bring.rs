//! Bringing recordings and their table to the runner, in pieces that can be taken up again.

use super::{collect, table::Rows};
use crate::{
    backend::{Link, Place, Trouble},
    experiment::Document,
    ui::{Toaster, Words, bytes},
};
use leptos::{prelude::*, task::spawn_local};
use sha2::{Digest, Sha256};
use shared::{
    config::ini,
    protocol::{CreateDataset, CreateUpload, Dataset, DatasetFile, UploadKind},
};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

/// Bytes that are hashed or sent at once.
const PIECE: f64 = 4_194_304.0;

/// The panel.
#[component]
pub(super) fn Bring(rows: Rows, document: Document) -> impl IntoView {
    let link = Link::here();
    let toaster = Toaster::here();
    // Bytes that are there, and of all.
    let progress = RwSignal::new(None::<(f64, f64)>);
    let stopped = RwSignal::new(false);
    let made = RwSignal::new(None::<Dataset>);
    let wrong = RwSignal::new(None::<String>);
    let start = move |_| {
        stopped.set(false);
        wrong.set(None);
        let (table, mut files) = rows.everything();
        spawn_local(async move {
            let parts = js_sys::Array::of1(&table.into());
            let Ok(table) = Blob::new_with_str_sequence(&parts) else {
                return;
            };
            let mut all: Vec<(String, Blob)> = vec![("recordings.csv".to_owned(), table)];
            all.extend(
                files
                    .drain(..)
                    .map(|(path, file)| (path, file.unchecked_into())),
            );
            let total: f64 = all.iter().map(|(_, blob)| blob.size()).sum();
            progress.set(Some((0.0, total)));
            let outcome = bring(link, all, total, progress, stopped).await;
            progress.set(None);
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

/// Sends all; `None` if it was stopped.
async fn bring(
    link: Link,
    all: Vec<(String, Blob)>,
    total: f64,
    progress: RwSignal<Option<(f64, f64)>>,
    stopped: RwSignal<bool>,
) -> Result<Option<Dataset>, Trouble> {
    let backend = link.backend();
    let mut before = 0.0;
    let mut placed = Vec::new();
    for (path, blob) in all {
        let unreadable = |_: JsValue| {
            Trouble::Unreadable(format!("{path} cannot be read any more; drop it again"))
        };
        let sha256 = hash(&blob).await.map_err(unreadable)?;
        let request = CreateUpload {
            name: path.clone(),
            size: blob.size() as u64,
            sha256: sha256.clone(),
            kind: UploadKind::File,
        };
        let mut upload = backend.begin_upload(request).await?;
        while !upload.complete {
            if stopped.get_untracked() {
                return Ok(None);
            }
            progress.set(Some((before + upload.offset as f64, total)));
            let end = (upload.offset as f64 + PIECE).min(blob.size());
            let piece = blob
                .slice_with_f64_and_f64(upload.offset as f64, end)
                .map_err(unreadable)?;
            upload = backend.send_piece(&upload.id, upload.offset, piece).await?;
        }
        before += blob.size();
        progress.set(Some((before, total)));
        placed.push(DatasetFile { path, sha256 });
    }
    let request = CreateDataset {
        name: "recordings".to_owned(),
        archive: None,
        files: placed,
    };
    backend.make_dataset(request).await.map(Some)
}

async fn hash(blob: &Blob) -> Result<String, JsValue> {
    let mut sum = Sha256::new();
    let mut at = 0.0;
    while at < blob.size() {
        let end = (at + PIECE).min(blob.size());
        let piece = collect::bytes(&blob.slice_with_f64_and_f64(at, end)?).await?;
        sum.update(js_sys::Uint8Array::new(&piece).to_vec());
        at = end;
    }
    Ok(sum
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}
