//! The second place: recordings and their labels, to see, hear, correct, and bring to the runner.

mod balance;
mod bring;
mod clip;
mod collect;
mod draw;
mod sound;
mod table;
mod worker;

pub(crate) use worker::serve;

use crate::{
    experiment::Document,
    ui::{Empty, Shape, Toaster, count},
};
use balance::Balance;
use bring::Bring;
use clip::ClipView;
use leptos::{ev, html, prelude::*, task::spawn_local};
use table::{Rows, TableView};
use wasm_bindgen::JsCast;
use web_sys::{FileList, HtmlInputElement};

pub(crate) use table::Rows as Recordings;

/// The place.
#[component]
pub(crate) fn Data(rows: Rows, document: Document) -> impl IntoView {
    let over = RwSignal::new(false);
    let busy = RwSignal::new(None::<usize>);
    let toaster = Toaster::here();
    let take = move |found: collect::Found| {
        busy.set(Some(0));
        spawn_local(async move {
            let files = collect::all(found, move |n| busy.set(Some(n))).await;
            let said = rows.add(files).await;
            busy.set(None);
            match said {
                Ok(text) => toaster.say(text),
                Err(text) => toaster.fail(text),
            }
        });
    };
    let dropped = move |event: ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        if let Some(data) = event.data_transfer() {
            take(collect::Found::dropped(&data));
        }
    };
    let chosen = move |event: ev::Event| {
        let input = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(input) = input {
            let files: Option<FileList> = input.files();
            take(collect::Found::chosen(files));
            input.set_value("");
        }
    };
    let pickers = move || {
        // The attribute is in no standard, and in every browser.
        let folder = NodeRef::<html::Input>::new();
        Effect::new(move || {
            if let Some(field) = folder.get() {
                let _ = field.set_attribute("webkitdirectory", "");
            }
        });
        view! {
            <label class="button">"Add files"<input class="unseen" id="add-files" type="file" multiple accept="audio/*,.csv,.flac,.wav,.mp3,.ogg,.m4a" on:change=chosen /></label>
            <label class="button">"Add a folder"<input class="unseen" id="add-folder" type="file" multiple node_ref=folder on:change=chosen /></label>
        }
    };
    let some = Memo::new(move |_| rows.count() > 0);
    let content = move || {
        if !some.get() {
            return view! {
                <section class="panel grow">
                    <Empty shape=Shape::Data title="No recordings yet">
                        <p>"Drop a folder of recordings here, or a table (CSV) together with its recordings. They stay in this browser until you bring them to the runner."</p>
                        <div class="actions">{pickers()}</div>
                    </Empty>
                </section>
            }
            .into_any();
        }
        view! {
            <section class="panel datatable" aria-labelledby="data-title">
                <div class="bar">
                    <h2 id="data-title">"Recordings"</h2>
                    <span class="soft grow" role="status">{move || format!("{} rows, {} shown", count(rows.count() as u64), count(rows.shown.with(Vec::len) as u64))}</span>
                    {pickers()}
                    <button type="button" on:click=move |_| rows.save()>"Save CSV"</button>
                    <button type="button" on:click=move |_| rows.clear()>"Close all"</button>
                </div>
                <TableView rows />
            </section>
            <div class="dataside">
                <ClipView rows document />
                <Balance rows />
                <Bring rows document />
            </div>
        }
        .into_any()
    };
    view! {
        <div
            class="place data"
            class:over=move || over.get()
            on:drop=dropped
            on:dragover=move |event| { event.prevent_default(); over.set(true); }
            on:dragleave=move |_| over.set(false)
        >
            {move || busy.get().map(|n| view! { <p class="notice" role="status">{format!("Reading, {} files so far…", count(n as u64))}</p> })}
            {content}
        </div>
    }
}
