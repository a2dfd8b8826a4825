//! How many recordings there are of each class, speaker, sex.

use super::table::Rows;
use crate::ui::count;
use leptos::prelude::*;

/// Values that are listed.
const LISTED: usize = 12;

/// Bars of the values of a column.
#[component]
pub(super) fn Balance(rows: Rows) -> impl IntoView {
    let picked = RwSignal::new(None::<String>);
    // The last column with few different values is most often the label.
    let column = Memo::new(move |_| {
        let columns = rows.columns();
        if let Some(at) = picked
            .get()
            .and_then(|name| columns.iter().position(|own| *own == name))
        {
            return at;
        }
        let few = |at: &usize| rows.counts(*at).len() <= LISTED;
        (1..columns.len())
            .find(|at| matches!(columns[*at].as_str(), "emotion" | "label"))
            .or_else(|| (1..columns.len()).rev().find(few))
            .unwrap_or(0)
    });
    let options = move || {
        let here = column.get();
        let option = |(at, name): (usize, String)| view! { <option value=name.clone() selected=at == here>{name.clone()}</option> };
        rows.columns()
            .into_iter()
            .enumerate()
            .skip(1)
            .map(option)
            .collect_view()
    };
    let bars = move || {
        let counts = rows.counts(column.get());
        let most = counts.first().map_or(1, |(_, n)| *n) as f64;
        let more = counts.len().saturating_sub(LISTED);
        let bar = |(name, n): &(String, usize)| {
            let name = if name.is_empty() {
                "(empty)".to_owned()
            } else {
                name.clone()
            };
            view! {
                <li>
                    <span class="name">{name}</span>
                    <svg class="bar-svg" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width=*n as f64 / most * 100.0 height="8" /></svg>
                    <span class="number">{count(*n as u64)}</span>
                </li>
            }
        };
        let more = (more > 0).then(|| view! { <li class="soft">{format!("and {more} more")}</li> });
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
