//! The strip over the text: its file, and what can be done with it.

use super::document::Document;
use crate::{browser, ui::Toaster};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{FileList, HtmlInputElement};

/// File commands.
#[component]
pub(super) fn Bar(
    document: Document,
    templates: RwSignal<bool>,
    children: Children,
) -> impl IntoView {
    let chosen = move |event: ev::Event| {
        let Some(input) = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
        else {
            return;
        };
        open(document, input.files());
        // So that the same file can be chosen again.
        input.set_value("");
    };
    view! {
        <div class="bar">
            <p class="file grow">
                {move || document.name.get()}
                <Show when=move || !document.kept.get()>
                    <span class="warning" role="status">" not kept: this browser's storage is full or off; save the file"</span>
                </Show>
            </p>
            <button type="button" on:click=move |_| templates.set(true)>"Templates"</button>
            <label class="button">
                "Open"
                <input class="unseen" id="open" type="file" accept=".ini,.cfg,.txt" on:change=chosen />
            </label>
            <button type="button" id="save" on:click=move |_| document.download()>"Save"</button>
            {children()}
        </div>
    }
}

/// Opens the first of the files.
pub(super) fn open(document: Document, files: Option<FileList>) {
    let toaster = Toaster::here();
    browser::read_first(files, move |name, text| match text {
        Ok(text) => {
            document.open(&name, &text);
            toaster.say(format!(
                "`{name}` is open. Undo brings back what was there."
            ));
        }
        Err(error) => toaster.fail(format!(
            "`{name}` cannot be read as text: {error}. An experiment is an INI file in UTF-8."
        )),
    });
}
