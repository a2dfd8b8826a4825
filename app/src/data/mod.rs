//! The second place: recordings and their labels, to see, hear, correct, and bring to the runner.

mod balance;
mod bring;
mod canvases;
mod clip;
mod clips;
mod collect;
mod crop;
mod draw;
mod files;
mod filter;
mod heard;
mod kept;
mod lines;
mod look;
mod record;
mod rows;
mod sheet;
mod sound;
mod table;
mod take;
mod trouble;
mod viewer;

use crate::{
    experiment::Document,
    ui::{Empty, Shape, Toaster, Words, count, later, many},
};
use balance::Balance;
use bring::Bring;
use clip::ClipView;
use filter::FilterBar;
use leptos::{ev, html, prelude::*, task::spawn_local};
use look::Looker;
use record::Record;
use rows::Rows;
use table::TableView;
use take::take;
use viewer::Viewer;
use wasm_bindgen::JsCast;
use web_sys::{FileList, HtmlInputElement};

pub(crate) use rows::Rows as Recordings;

/// The place.
#[component]
pub(crate) fn Data(rows: Rows, document: Document) -> impl IntoView {
    let over = RwSignal::new(false);
    let doing = RwSignal::new(None::<(String, Option<f64>)>);
    let toaster = Toaster::here();
    let viewer = Viewer::new();
    let looker = Looker::new(rows);
    on_cleanup(move || looker.stopped.set(true));
    // What is here after a reload, and what was dropped before the place was left, is looked through now.
    Effect::new(move || {
        if rows.restored.get() {
            looker.start();
        }
    });
    let add = move |found: collect::Found| {
        doing.set(Some(("Looking for files".to_owned(), None)));
        spawn_local(async move {
            let told = move |n: usize| {
                doing.set(Some((
                    format!("Looking for files, {} so far", count(n as u64)),
                    None,
                )))
            };
            let files = collect::all(found, told).await;
            let said = take(rows, files, doing).await;
            let _ = doing.try_set(None);
            match said {
                Ok(text) => toaster.say(text),
                Err(text) => toaster.fail(text),
            }
            if !looker.progress.is_disposed() {
                looker.start();
            }
        });
    };
    let dropped = move |event: ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        if let Some(data) = event.data_transfer() {
            add(collect::Found::dropped(&data));
        }
    };
    let some = Memo::new(move |_| rows.count() > 0);
    let content = move || {
        if !rows.restored.get() {
            return view! { <p class="hint" role="status">"Opening what was here before…"</p> }
                .into_any();
        }
        if some.get() {
            return view! {
                <section class="panel datatable" aria-labelledby="data-title">
                    <Strip rows add />
                    <FilterBar rows />
                    <TableView rows viewer />
                </section>
                <div class="dataside">
                    {later(1, move || view! { <ClipView rows viewer document /> }.into_any())}
                    {later(2, move || view! { <Balance rows document /> }.into_any())}
                    {later(3, move || view! { <Record rows document /> }.into_any())}
                    {later(4, move || view! { <Bring rows document /> }.into_any())}
                </div>
            }
            .into_any();
        }
        view! {
            <section class="panel grow">
                <Empty shape=Shape::Data title="No recordings yet">
                    <p>"Drop a folder of recordings here, a zip, a table (CSV) together with its recordings, or an audformat database. They stay in this browser until you bring them to the runner."</p>
                    <div class="actions">
                        <Pickers add />
                        <BringBack rows />
                    </div>
                </Empty>
                <div class="alone"><Record rows document /></div>
            </section>
        }
        .into_any()
    };
    let busy = move || {
        doing.get().map(|(text, share)| {
            view! {
                <div class="notice" role="status">
                    <p><Words text=format!("{text}…") /></p>
                    {share.map(|share| view! { <progress max="1" value=share aria-label="Done"></progress> })}
                </div>
            }
        })
    };
    let looking = move || {
        looker.progress.get().filter(|(done, all)| done < all).map(|(done, all)| {
            view! {
                <div class="notice slim">
                    <p>{format!("Listening for what is wrong: {} of {} recordings", count(done as u64), count(all as u64))}</p>
                    <progress max="1" value=done as f64 / all.max(1) as f64 aria-label="Recordings that were looked through"></progress>
                    <button type="button" class="small" on:click=move |_| looker.stopped.set(true)>"Stop"</button>
                </div>
            }
        })
    };
    let unkept = move || {
        rows.unkept.get().map(|error| {
            view! {
                <div class="notice error" role="alert">
                    <p>{format!("This table will not survive a reload: {error}. Save it as CSV before you leave.")}</p>
                    <button type="button" on:click=move |_| rows.save()>"Save CSV"</button>
                </div>
            }
        })
    };
    view! {
        <div
            class="place data"
            class:over=move || over.get()
            on:drop=dropped
            on:dragover=move |event| { event.prevent_default(); over.set(true); }
            on:dragleave=move |_| over.set(false)
        >
            <div class="notices">{unkept}{busy}{looking}</div>
            {content}
        </div>
    }
}

/// Heading and commands of the table.
#[component]
fn Strip(rows: Rows, add: impl Fn(collect::Found) + Copy + Send + Sync + 'static) -> impl IntoView {
    let counted = move || {
        let (all, shown) = (rows.count(), rows.shown.with(|shown| shown.len()));
        if all == shown {
            many(all, "row")
        } else {
            format!("{} of {} rows", count(shown as u64), count(all as u64))
        }
    };
    view! {
        <div class="bar">
            <h2 id="data-title">"Recordings"</h2>
            <span class="soft grow" role="status">{counted}</span>
            <Pickers add />
            <button type="button" on:click=move |_| rows.save()>"Save CSV"</button>
            <BringBack rows />
            <button type="button" on:click=move |_| spawn_local(rows.clear())>"Close all"</button>
        </div>
    }
}

/// A button that puts the table that was closed last, or put aside by another, in the place of this one.
#[component]
fn BringBack(rows: Rows) -> impl IntoView {
    let toaster = Toaster::here();
    view! {
        <Show when=move || rows.closed.get()>
            <button type="button" on:click=move |_| spawn_local(rows.bring_back(toaster))>"Bring back what was closed"</button>
        </Show>
    }
}

/// Fields that choose files.
#[component]
fn Pickers(add: impl Fn(collect::Found) + Copy + Send + Sync + 'static) -> impl IntoView {
    let chosen = move |event: ev::Event| {
        let input = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(input) = input {
            let files: Option<FileList> = input.files();
            add(collect::Found::chosen(files));
            input.set_value("");
        }
    };
    // The attribute is in no standard, and in every browser.
    let folder = NodeRef::<html::Input>::new();
    Effect::new(move || {
        if let Some(field) = folder.get() {
            let _ = field.set_attribute("webkitdirectory", "");
        }
    });
    view! {
        <label class="button">"Add files"<input class="unseen" id="add-files" type="file" multiple on:change=chosen /></label>
        <label class="button">"Add a folder"<input class="unseen" id="add-folder" type="file" multiple node_ref=folder on:change=chosen /></label>
    }
}
