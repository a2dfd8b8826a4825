//! The text: line numbers with marks, and a text field over a coloured copy of its text.

mod caret;
mod gutter;
mod line;
mod position;
mod scroll;

pub(crate) use scroll::{apply, reveal};

use crate::{browser, document::Document};
use caret::Caret;
use gutter::Gutter;
use leptos::{ev, html, prelude::*};
use line::Copy;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

/// The editor with its file commands.
#[component]
pub(crate) fn Editor(document: Document, field: NodeRef<html::Textarea>) -> impl IntoView {
    let gutter = NodeRef::<html::Div>::new();
    let behind = NodeRef::<html::Pre>::new();
    let caret = RwSignal::new(0);

    let follow = move |_| {
        let Some(field) = field.get_untracked() else {
            return;
        };
        if let Some(gutter) = gutter.get_untracked() {
            gutter.set_scroll_top(field.scroll_top());
        }
        if let Some(behind) = behind.get_untracked() {
            behind.set_scroll_top(field.scroll_top());
            behind.set_scroll_left(field.scroll_left());
        }
    };
    let note_caret = move || {
        if let Some(field) = field.get_untracked() {
            caret.set(field.selection_start().ok().flatten().unwrap_or(0));
        }
    };
    let keys = move |event: ev::KeyboardEvent| {
        let Some(field) = field.get_untracked() else {
            return;
        };
        let handled = match event.key().as_str() {
            "F8" => scroll::step(document, &field, event.shift_key()),
            "Enter" if event.alt_key() => scroll::fix_at_caret(document, &field),
            "s" if event.ctrl_key() || event.meta_key() => {
                browser::download(&document.name.get_untracked(), &document.file_text());
                true
            }
            _ => false,
        };
        if handled {
            event.prevent_default();
            note_caret();
        }
    };
    let drop = move |event: ev::DragEvent| {
        event.prevent_default();
        let files = event.data_transfer().and_then(|data| data.files());
        browser::read_first(files, move |name, text| document.open(&name, &text));
    };

    view! {
        <section class="experiment" aria-labelledby="experiment-title" on:dragover=|event| event.prevent_default() on:drop=drop>
            <div class="bar">
                <h2 id="experiment-title">"Experiment"</h2>
                <p class="what file">{document.name}</p>
                <Files document />
            </div>
            <div class="editor">
                <Gutter document node=gutter />
                <div class="layers">
                    <Copy document node=behind />
                    <textarea
                        node_ref=field
                        id="text"
                        aria-label="Text of the experiment"
                        aria-describedby="counts"
                        spellcheck="false"
                        autocapitalize="off"
                        autocomplete="off"
                        wrap="off"
                        prop:value=document.text
                        on:input:target=move |event| document.text.set(event.target().value())
                        on:scroll=follow
                        on:keydown=keys
                        on:keyup=move |_| note_caret()
                        on:pointerup=move |_| note_caret()
                        on:focus=move |_| note_caret()
                    ></textarea>
                </div>
            </div>
            <Caret document caret />
        </section>
    }
}

/// Open and save.
#[component]
fn Files(document: Document) -> impl IntoView {
    let open = move |event: ev::Event| {
        let Some(input) = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
        else {
            return;
        };
        browser::read_first(input.files(), move |name, text| document.open(&name, &text));
        // The same file can be opened again.
        input.set_value("");
    };
    view! {
        <label class="button">
            "Open…"
            <input type="file" class="unseen" accept=".ini,.cfg,.txt,text/plain" on:change=open />
        </label>
        <button type="button" title="Ctrl+S" on:click=move |_| browser::download(&document.name.get_untracked(), &document.file_text())>
            "Save"
        </button>
    }
}
