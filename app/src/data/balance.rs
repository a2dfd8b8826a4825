//! How many recordings there are of each class, speaker, sex, part.

use super::rows::Rows;
use crate::{experiment::Document, ui::count};
use leptos::prelude::*;

/// Values that are listed.
const LISTED: usize = 12;

/// Bars of the values of a column; each filters the table by its value.
#[component]
pub(super) fn Balance(rows: Rows, document: Document) -> impl IntoView {
    let picked = RwSignal::new(None::<String>);
    let columns = Memo::new(move |_| rows.columns());
    let column = Memo::new(move |_| {
        let columns = columns.get();
        let place = |name: &str| columns.iter().position(|own| own == name);
        let target = document
            .setting("DATA", "target")
            .map(|setting| setting.value);
        let usual = [
            picked.get(),
            target,
            Some("emotion".to_owned()),
            Some("label".to_owned()),
        ];
        usual
            .into_iter()
            .flatten()
            .find_map(|name| place(&name))
            // The last column with few different values is most often the label.
            .or_else(|| {
                (1..columns.len())
                    .rev()
                    .find(|&at| rows.values(at, LISTED).is_some())
            })
            .unwrap_or(0)
    });
    let counts = Memo::new(move |_| rows.counts(column.get()));
    let options = move || {
        let option = |(at, name): (usize, String)| view! { <option value=name.clone() selected=move || column.get() == at>{name.clone()}</option> };
        columns
            .get()
            .into_iter()
            .enumerate()
            .skip(1)
            .map(option)
            .collect_view()
    };
    let bars = move || {
        let name = columns.get().get(column.get()).cloned().unwrap_or_default();
        let counts = counts.get();
        let most = counts.first().map_or(1, |(_, n)| *n) as f64;
        let more = counts.len().saturating_sub(LISTED);
        let bar = |(value, n): &(String, usize)| {
            let shown = if value.is_empty() {
                "(empty)".to_owned()
            } else {
                value.clone()
            };
            let (name, value) = (name.clone(), value.clone());
            let (own, same) = (name.clone(), value.clone());
            view! {
                <li>
                    <button
                        type="button"
                        class="quiet name"
                        title="Show only these"
                        aria-pressed=move || rows.filter.has(&own, &same).to_string()
                        on:click=move |_| rows.filter.toggle(&name, &value)
                    >
                        {shown}
                    </button>
                    <svg class="bar-svg" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width=*n as f64 / most * 100.0 height="8" /></svg>
                    <span class="number">{count(*n as u64)}</span>
                </li>
            }
        };
        let more = (more > 0)
            .then(|| view! { <li class="soft">{format!("and {} more", count(more as u64))}</li> });
        view! { {counts.iter().take(LISTED).map(bar).collect_view()} {more} }
    };
    view! {
        <section class="panel" aria-labelledby="balance-title">
            <div class="bar">
                <h2 id="balance-title" class="grow">"Balance"</h2>
                <label class="choice">"by"<select on:change=move |event| picked.set(Some(event_target_value(&event)))>{options}</select></label>
            </div>
            <ol class="bars">{bars}</ol>
        </section>
    }
}
