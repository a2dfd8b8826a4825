//! Saving charts: as SVG, as PNG, and their numbers as CSV.

mod figure;
mod matrix;
mod png;

use crate::browser;
use figure::Picture;
use leptos::{html, prelude::*};

/// Buttons that save the chart in `host`: what is drawn there as `svg.chart`, or a matrix as a table.
#[component]
pub(crate) fn Exports(
    /// What the chart stands in.
    host: NodeRef<html::Div>,
    /// Name of the files, without ending.
    #[prop(into)]
    name: Signal<String>,
    /// Its numbers.
    csv: Callback<(), String>,
) -> impl IntoView {
    let picture = move || -> Option<Picture> {
        let host = host.get_untracked()?;
        let find = |css: &str| host.query_selector(css).ok().flatten();
        match find("svg.chart") {
            Some(chart) => figure::of_chart(&chart),
            None => matrix::of_table(&find("table.matrix")?),
        }
    };
    let file = move |ending: &str| format!("{}.{ending}", name.get_untracked());
    let save_svg = move |_| {
        if let Some(picture) = picture() {
            browser::download(&file("svg"), "image/svg+xml", &picture.text);
        }
    };
    let save_png = move |_| {
        if let Some(picture) = picture() {
            let _ = png::save(file("png"), &picture);
        }
    };
    let save_csv = move |_| {
        browser::download(&file("csv"), "text/csv;charset=utf-8", &csv.run(()));
    };
    view! {
        <span class="exports" role="group" aria-label="Save this chart">
            <button type="button" class="quiet small" on:click=save_svg>"SVG"</button>
            <button type="button" class="quiet small" on:click=save_png>"PNG"</button>
            <button type="button" class="quiet small" on:click=save_csv>"CSV"</button>
        </span>
    }
}

/// A cell of a CSV.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
