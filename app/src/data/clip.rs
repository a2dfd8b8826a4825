//! One recording: what it is, how it looks and sounds, its labels.

use super::{canvases::Canvases, rows::Rows, trouble::Trouble, viewer::Viewer};
use crate::{
    experiment::Document,
    ui::{Icon, Shape, Words, duration},
};
use leptos::prelude::*;

/// Values of a column up to which they are offered while one is written.
const OFFERED: usize = 40;

/// The panel.
#[component]
pub(super) fn ClipView(rows: Rows, viewer: Viewer, document: Document) -> impl IntoView {
    // Which file of which row is open; looked at again only if that changes.
    let wanted = Memo::new(move |_| {
        let at = rows.chosen.get()?;
        let known = rows.known(at);
        Some((at, known.map(|known| known.path)))
    });
    Effect::new(move || {
        viewer.close();
        let Some((at, path)) = wanted.get() else {
            return;
        };
        let known = untrack(|| rows.known(at));
        match (path, known) {
            (Some(path), Some(known)) => viewer.open(rows, at, path, known.file),
            _ => viewer.wrong.set(Some("The recording is not here. Drop it, or the folder that it lies in, and it can be seen and heard.".to_owned())),
        }
    });
    let title = move || {
        rows.chosen
            .get()
            .map_or_else(|| "No recording chosen".to_owned(), |at| rows.cell(at, 0))
    };
    let facts = move || {
        let found = viewer.found.get()?;
        let (start, end) = viewer.stretch.get();
        let mut words = vec![duration_of(found.seconds)];
        if end - start < found.seconds - 1e-3 {
            words.push(format!("the row is {start:.2}–{end:.2} s"));
        }
        words.push(format!("{} kHz", f64::from(found.rate) / 1000.0));
        words.push(match found.channels {
            1 => "mono".to_owned(),
            2 => "stereo".to_owned(),
            n => format!("{n} channels"),
        });
        words.push(found.format.clone());
        if let Some(levels) = found.levels.filter(|levels| levels.peak > 0.0) {
            let decibels = 20.0 * levels.peak.log10();
            words.push(format!("peak {decibels:.1} dB").replace('-', "−"));
        }
        Some(words.join(" · "))
    };
    let done = move || {
        let found = viewer.found.get()?;
        let changes = found.changes();
        let item = |text: String| view! { <li>{text}</li> };
        let mut items: Vec<_> = changes.into_iter().map(item).collect();
        let at = rows.chosen.get()?;
        for trouble in rows
            .troubles(at)
            .into_iter()
            .filter(|trouble| trouble.is_wrong())
        {
            let more = match trouble {
                Trouble::Clipped => {
                    let share = found.levels.map_or(0.0, |levels| levels.clipped);
                    format!("▲ clipped: {:.2} % of the samples", share * 100.0)
                }
                Trouble::Short => "▲ too short for a model, which needs 25 ms".to_owned(),
                other => format!("▲ {}", other.word()),
            };
            items.push(item(more));
        }
        (!items.is_empty()).then(|| view! { <ul class="done" aria-label="What is done to it, and what is wrong with it">{items}</ul> })
    };
    view! {
        <section class="panel clip-view" aria-labelledby="clip-title">
            <div class="bar"><h2 id="clip-title" class="grow">{title}</h2></div>
            <Show when=move || viewer.found.with(Option::is_some)>
                <p class="clip-facts soft">{facts}</p>
                {done}
            </Show>
            {move || viewer.wrong.get().map(|text| view! { <p class="hint" role="status"><Words text /></p> })}
            <Show when=move || viewer.found.with(Option::is_some)>
                <Canvases viewer document />
            </Show>
            <Show when=move || rows.chosen.get().is_none()>
                <p class="hint">"Choose a row: click, or arrow keys in the table. Enter edits a cell there, Space plays."</p>
            </Show>
            <Labels rows />
        </section>
    }
}

fn duration_of(seconds: f64) -> String {
    if seconds < 60.0 {
        format!("{seconds:.2} s")
    } else {
        duration(seconds)
    }
}

/// The labels of the chosen row, to be edited.
#[component]
fn Labels(rows: Rows) -> impl IntoView {
    let columns = Memo::new(move |_| rows.columns());
    let is_chosen = Memo::new(move |_| rows.chosen.get().is_some());
    let fresh = RwSignal::new(String::new());
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let name = fresh.get_untracked().trim().to_owned();
        if !name.is_empty() {
            rows.add_column(&name);
            fresh.set(String::new());
        }
    };
    let field = move |(column, name): (usize, String)| {
        let (id, list) = (format!("cell-{column}"), format!("values-{column}"));
        let here = move || {
            rows.chosen
                .get()
                .map(|at| rows.cell(at, column))
                .unwrap_or_default()
        };
        let change = move |event| {
            if let Some(at) = rows.chosen.get_untracked() {
                rows.set(at, column, event_target_value(&event));
            }
        };
        // Offered once the field is entered: going through all rows for each choice would be wasted.
        let entered = RwSignal::new(false);
        let values = move || {
            entered.get().then(|| {
                let values = untrack(|| rows.values(column, OFFERED)).unwrap_or_default();
                values
                    .into_iter()
                    .map(|value| view! { <option value=value></option> })
                    .collect_view()
            })
        };
        view! {
            <div class="field">
                <label for=id.clone()>{name}</label>
                <input id=id type="text" list=list.clone() autocomplete="off" prop:value=here on:focus=move |_| entered.set(true) on:blur=move |_| entered.set(false) on:change=change />
                <datalist id=list>{values}</datalist>
            </div>
        }
    };
    view! {
        <Show when=move || is_chosen.get()>
            <div class="cells">
                {move || columns.get().into_iter().enumerate().skip(1).map(field).collect_view()}
                <form class="field" on:submit=add>
                    <label for="new-column">"New column"</label>
                    <span class="bar plain tight">
                        <input id="new-column" type="text" class="grow" autocomplete="off" bind:value=fresh />
                        <button type="submit" class="small" aria-label="Add the column"><Icon shape=Shape::Add /></button>
                    </span>
                </form>
            </div>
        </Show>
    }
}
