//! A recording from this computer, heard by the model as a whole and over time.

use super::{
    reading::{Reading, lines, passages},
    scores::Scores,
};
use crate::{
    backend::{Link, Windows},
    charts::LineChart,
    ui::{PlayButton, Sound, Words, bytes},
};
use leptos::{ev, html, prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::{Blob, DragEvent, File, FileList, HtmlInputElement, Url};

/// Largest recording that a runner takes in one piece.
const LARGEST: f64 = 256.0 * 1024.0 * 1024.0;
/// Passages that are listed; all of them are in the chart.
const LISTED: usize = 200;
/// Windows from which on there is a time line.
const LINE: usize = 3;

/// A file that is open.
#[derive(Clone)]
struct Opened {
    name: String,
    /// Where the browser finds it, to play it.
    address: String,
    blob: Content,
}

/// Files stay on the page's only thread.
type Content = StoredValue<Blob, LocalStorage>;

/// The panel.
#[component]
pub(super) fn Recording(job: StoredValue<String>) -> impl IntoView {
    let link = Link::here();
    let opened = RwSignal::new(None::<Opened>);
    let whole = RwSignal::new(None::<Reading>);
    let line = RwSignal::new(Vec::<Reading>::new());
    let notes = RwSignal::new(Vec::<String>::new());
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(None::<&'static str>);
    let window = RwSignal::new("2".to_owned());
    // What is answered for a recording that is not open any more does not count.
    let turn = StoredValue::new(0_u32);

    let hear = move |opened: Opened| {
        let now = turn.get_value() + 1;
        turn.set_value(now);
        whole.set(None);
        line.set(Vec::new());
        notes.set(Vec::new());
        trouble.set(None);
        let seconds: f64 = window.get_untracked().parse().unwrap_or(2.0);
        spawn_local(async move {
            let current = move || turn.try_get_value() == Some(now);
            let (backend, id) = (link.backend(), job.get_value());
            let windows = Windows {
                window: seconds,
                hop: seconds / 2.0,
            };
            for (what, windows) in [
                ("The model hears the recording…", None),
                ("The time line is made…", Some(windows)),
            ] {
                busy.set(Some(what));
                let blob = opened.blob.get_value();
                let answer = backend.label(&id, blob, windows).await;
                if !current() {
                    return;
                }
                match answer {
                    Ok(reply) => {
                        let mut readings = reply.predictions.into_iter().map(Reading::from);
                        match windows {
                            None => whole.set(readings.next()),
                            Some(_) => line.set(readings.collect()),
                        }
                        notes.update(|notes| {
                            for warning in reply.warnings {
                                if !notes.contains(&warning) {
                                    notes.push(warning);
                                }
                            }
                        });
                    }
                    Err(error) => {
                        trouble.set(Some(error.to_string()));
                        break;
                    }
                }
            }
            busy.set(None);
        });
    };
    let take = move |files: Option<FileList>| {
        let Some(file) = files.and_then(|files| files.get(0)) else {
            return;
        };
        match open(&file) {
            Ok(new) => {
                let old = opened.get_untracked();
                opened.set(Some(new.clone()));
                if let Some(old) = old {
                    let _ = Url::revoke_object_url(&old.address);
                }
                hear(new);
            }
            Err(error) => trouble.set(Some(error)),
        }
    };
    on_cleanup(move || {
        turn.set_value(u32::MAX);
        if let Some(Some(old)) = opened.try_get_untracked() {
            let _ = Url::revoke_object_url(&old.address);
        }
    });
    let chosen = move |event: ev::Event| {
        let input = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(input) = input {
            take(input.files());
            // So that the same file can be chosen again.
            input.set_value("");
        }
    };
    let over = RwSignal::new(false);
    let dropped = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        take(event.data_transfer().and_then(|data| data.files()));
    };
    let dragged = move |event: DragEvent| {
        event.prevent_default();
        over.set(true);
    };
    let again = move |event| {
        window.set(event_target_value(&event));
        if let Some(opened) = opened.get_untracked() {
            hear(opened);
        }
    };
    let player = NodeRef::<html::Audio>::new();
    let head = move || {
        let opened = opened.get()?;
        let name = opened.name.clone();
        Some(view! {
            <div class="bar plain heard">
                <strong class="name">{name}</strong>
                <audio node_ref=player controls src=opened.address aria-label="The recording"></audio>
            </div>
        })
    };
    let list = move || {
        let opened = opened.get()?;
        let all = line.with(|line| passages(line));
        let more = all.len().saturating_sub(LISTED);
        let item = |passage: &super::reading::Passage| {
            let (from, to) = (passage.start, passage.end);
            let sound = Sound {
                addresses: vec![format!("{}#t={from:.2},{to:.2}", opened.address)],
                name: format!("{}, {} to {}", opened.name, clock(from), clock(to)),
            };
            view! {
                <li>
                    <PlayButton sound />
                    <span class="number soft">{format!("{} – {}", clock(from), clock(to))}</span>
                    <span class="grow name">{passage.class.clone()}</span>
                    <span class="soft">{format!("{:.0} % sure", passage.sure * 100.0)}</span>
                </li>
            }
        };
        let items = all.iter().take(LISTED).map(item).collect_view();
        let more = (more > 0)
            .then(|| view! { <li class="soft">{format!("and {more} more: see the chart")}</li> });
        Some(view! { <ol class="cliplist" aria-label="Passages">{items}{more}</ol> })
    };
    let series = Signal::derive(move || line.with(|line| lines(line)));
    let file = Signal::derive(move || {
        opened.with(|opened| {
            let name = opened.as_ref().map_or("recording", |opened| &opened.name);
            format!("{name}-time-line")
        })
    });
    view! {
        <section
            class="panel recording"
            class:over=move || over.get()
            aria-labelledby="recording-title"
            on:drop=dropped
            on:dragover=dragged
            on:dragleave=move |_| over.set(false)
        >
            <div class="bar">
                <h3 id="recording-title" class="grow">"A recording"</h3>
                <label class="choice">
                    "Window"
                    <select id="try-window" on:change=again prop:value=move || window.get()>
                        <option value="0.5">"0.5 s"</option>
                        <option value="1">"1 s"</option>
                        <option value="2" selected>"2 s"</option>
                        <option value="5">"5 s"</option>
                        <option value="10">"10 s"</option>
                    </select>
                </label>
                <label class="button">
                    "Open"
                    <input class="unseen" id="try-file" type="file" accept="audio/*,.flac,.caf,.aif,.aiff" on:change=chosen />
                </label>
            </div>
            <div class="scroll" tabindex="0" role="region" aria-label="What the model says of the recording">
                {head}
                <p class="hint" role="status" hidden=move || busy.get().is_none()>{move || busy.get()}</p>
                {move || trouble.get().map(|text| view! { <p class="hint error-text" role="alert"><Words text /></p> })}
                {move || notes.get().into_iter().map(|text| view! { <p class="hint warning-text">"▲ "<Words text /></p> }).collect_view()}
                <Show when=move || busy.get().is_none() && trouble.get().is_none() || whole.with(Option::is_some)>
                    <Scores reading=whole empty="Drop a recording here, or open one: what the model makes of it as a whole, and over time." />
                </Show>
                <Show when=move || line.with(|line| line.len() >= LINE)>
                    <LineChart title="Over time" across="s" series name=file />
                    {list}
                </Show>
            </div>
        </section>
    }
}

/// Takes hold of a file.
fn open(file: &File) -> Result<Opened, String> {
    if file.size() > LARGEST {
        return Err(format!(
            "`{}` has {}: a recording to be tried has {} at most. Longer ones are for `voxtune predict`.",
            file.name(),
            bytes(file.size() as u64),
            bytes(LARGEST as u64)
        ));
    }
    let address = Url::create_object_url_with_blob(file)
        .map_err(|_| format!("`{}` cannot be read.", file.name()))?;
    Ok(Opened {
        name: file.name(),
        address,
        blob: StoredValue::new_local(file.clone().unchecked_into()),
    })
}

/// Seconds as `1:05.2`.
fn clock(seconds: f64) -> String {
    let minutes = (seconds / 60.0).floor();
    format!("{minutes}:{:04.1}", seconds - minutes * 60.0)
}
