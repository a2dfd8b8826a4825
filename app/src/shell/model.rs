//! Giving this tab a model: its folder, as the hub or a run has it.

use super::models::begin_with;
use crate::{
    backend::{Link, Trouble, send},
    experiment::Document,
    ui::{Toaster, Words, bytes},
};
use js_sys::Reflect;
use leptos::{html, prelude::*, task::spawn_local};
use shared::protocol::{CreateDataset, CreateUpload, DatasetFile, UploadKind};
use wasm_bindgen::JsValue;
use web_sys::{File, FileList, HtmlInputElement};

/// The choice of a folder; the experiment then begins with the model in it.
#[component]
pub(super) fn ModelFolder() -> impl IntoView {
    let (link, toaster) = (Link::here(), Toaster::here());
    let document = expect_context::<Document>();
    let progress = RwSignal::new(None::<(f64, f64)>);
    let wrong = RwSignal::new(None::<String>);
    let field = NodeRef::<html::Input>::new();
    Effect::new(move || {
        if let Some(field) = field.get() {
            // In no standard until lately, and in every browser.
            let _ = field.set_attribute("webkitdirectory", "");
        }
    });
    let chosen = move |event: leptos::ev::Event| {
        let input: HtmlInputElement = event_target(&event);
        let files = inside(input.files());
        wrong.set(None);
        if !files.iter().any(|(path, _)| path == "config.json") {
            wrong.set(Some(
                "This is no model's folder: it has no `config.json`.".to_owned(),
            ));
            return;
        }
        let name = folder_name(input.files());
        spawn_local(async move {
            let brought = bring(link, name, files, progress).await;
            let _ = progress.try_set(None);
            match brought {
                Ok(path) => begin_with(document, toaster, &path),
                Err(trouble) => {
                    let _ = wrong.try_set(Some(trouble.to_string()));
                }
            }
        });
    };
    let state = move || {
        progress.get().map(|(done, all)| {
            view! {
                <progress max="1" value=done / all.max(1.0) aria-label="Kept"></progress>
                <p class="soft" role="status">{format!("{} of {}", bytes(done as u64), bytes(all as u64))}</p>
            }
        })
    };
    view! {
        <div>
            <label class="soft" for="model-folder">"A model's folder, to begin with"</label>
            <input id="model-folder" type="file" multiple node_ref=field on:change=chosen />
            {state}
            {move || wrong.get().map(|text| view! { <p class="hint error-text" role="alert"><Words text /></p> })}
        </div>
    }
}

/// The path of a file with the folder that was chosen.
fn path(file: &File) -> String {
    // This property is in no standard and in every browser.
    Reflect::get(file, &"webkitRelativePath".into())
        .ok()
        .and_then(|path| path.as_string())
        .unwrap_or_default()
}

fn all(files: Option<FileList>) -> impl Iterator<Item = File> {
    files
        .into_iter()
        .flat_map(|files| (0..files.length()).filter_map(move |at| files.get(at)))
}

/// The files of a folder, seen from there; other folders in it, such as a clone's history, are left out.
fn inside(files: Option<FileList>) -> Vec<(String, File)> {
    let seen = |file: File| {
        let path = path(&file);
        let name = path.split_once('/').map_or(path.as_str(), |(_, rest)| rest);
        let name = name.to_owned();
        (!name.is_empty() && !name.contains('/')).then_some((name, file))
    };
    all(files).filter_map(seen).collect()
}

fn folder_name(files: Option<FileList>) -> String {
    let first = all(files).next().map(|file| path(&file));
    let name = first.and_then(|path| path.split('/').next().map(str::to_owned));
    name.filter(|name| !name.is_empty())
        .unwrap_or_else(|| "model".to_owned())
}

/// Has the browser keep all files; the path of their folder.
async fn bring(
    link: Link,
    name: String,
    files: Vec<(String, File)>,
    progress: RwSignal<Option<(f64, f64)>>,
) -> Result<String, Trouble> {
    let backend = link.backend();
    let all: f64 = files.iter().map(|(_, file)| file.size()).sum();
    let mut before = 0.0;
    let mut placed = Vec::new();
    for (path, file) in files {
        let unreadable =
            |_: JsValue| Trouble::Unreadable(format!("{path} cannot be read any more"));
        let sha256 = keep::hash(&file).await.map_err(unreadable)?;
        let request = CreateUpload {
            name: path.clone(),
            size: file.size() as u64,
            sha256: sha256.clone(),
            kind: UploadKind::File,
        };
        let here = std::cell::Cell::new(before);
        let went = |bytes: f64| {
            here.set(here.get() + bytes);
            let _ = progress.try_set(Some((here.get(), all)));
        };
        // In one piece: it is not held in memory, and each one has the browser copy what is there.
        send(&*backend, request, &file, file.size(), &went).await?;
        before += file.size();
        placed.push(DatasetFile { path, sha256 });
    }
    let dataset = backend
        .make_dataset(CreateDataset {
            name,
            id: None,
            archive: None,
            files: placed,
        })
        .await?;
    Ok(dataset.path)
}
