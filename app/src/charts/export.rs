//! Saving charts: as SVG, as PNG, and their numbers as CSV.

use crate::browser;
use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, Element, HtmlCanvasElement, HtmlImageElement,
    Url,
};

/// What of an element's computed style a saved picture needs.
const STYLES: [&str; 10] = [
    "fill",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "stroke-linejoin",
    "font-size",
    "font-family",
    "font-weight",
    "text-anchor",
    "opacity",
];

/// Pixels of a saved PNG for each of the screen.
const DENSITY: f64 = 2.0;

/// Buttons that save the chart in `host`.
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
    let svg = move || {
        let chart = host.get_untracked()?.query_selector("svg.chart").ok()??;
        standalone(&chart)
    };
    let save_svg = move |_| {
        if let Some((text, _, _)) = svg() {
            browser::download(
                &format!("{}.svg", name.get_untracked()),
                "image/svg+xml",
                &text,
            );
        }
    };
    let save_png = move |_| {
        if let Some((text, width, height)) = svg() {
            let _ = png(
                format!("{}.png", name.get_untracked()),
                &text,
                width,
                height,
            );
        }
    };
    let save_csv = move |_| {
        browser::download(
            &format!("{}.csv", name.get_untracked()),
            "text/csv;charset=utf-8",
            &csv.run(()),
        );
    };
    view! {
        <span class="exports" role="group" aria-label="Save this chart">
            <button type="button" class="quiet small" on:click=save_svg>"SVG"</button>
            <button type="button" class="quiet small" on:click=save_png>"PNG"</button>
            <button type="button" class="quiet small" on:click=save_csv>"CSV"</button>
        </span>
    }
}

/// A chart as a file of its own, with its size: the page's style sheet is written into it.
fn standalone(chart: &Element) -> Option<(String, f64, f64)> {
    let copy: Element = chart.clone_node_with_deep(true).ok()?.unchecked_into();
    for (shown, saved) in all(chart).iter().zip(all(&copy)) {
        let Ok(Some(style)) = window().get_computed_style(shown) else {
            continue;
        };
        for name in STYLES {
            let value = style.get_property_value(name).unwrap_or_default();
            let _ = saved.set_attribute(name, &value);
        }
        let _ = saved.remove_attribute("class");
    }
    let place = chart.get_bounding_client_rect();
    let paper = background(chart);
    let _ = copy.set_attribute("xmlns", "http://www.w3.org/2000/svg");
    let _ = copy.set_attribute("width", &place.width().to_string());
    let _ = copy.set_attribute("height", &place.height().to_string());
    let back = format!("<rect width=\"100%\" height=\"100%\" fill=\"{paper}\"/>");
    let text = copy.outer_html();
    let inside = text.find('>')? + 1;
    Some((
        format!("{}{back}{}", &text[..inside], &text[inside..]),
        place.width(),
        place.height(),
    ))
}

/// An element and all that is in it.
fn all(root: &Element) -> Vec<Element> {
    let mut found = vec![root.clone()];
    let mut child = root.first_element_child();
    while let Some(element) = child {
        found.extend(all(&element));
        child = element.next_element_sibling();
    }
    found
}

/// The colour behind an element.
fn background(of: &Element) -> String {
    let mut element = Some(of.clone());
    while let Some(here) = element {
        let colour = window()
            .get_computed_style(&here)
            .ok()
            .flatten()
            .and_then(|style| style.get_property_value("background-color").ok())
            .unwrap_or_default();
        if !colour.is_empty() && !colour.starts_with("rgba(0, 0, 0, 0") && colour != "transparent" {
            return colour;
        }
        element = here.parent_element();
    }
    "white".to_owned()
}

/// Draws a saved chart by the browser and gives it to the user.
fn png(name: String, svg: &str, width: f64, height: f64) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type("image/svg+xml;charset=utf-8");
    let blob = Blob::new_with_str_sequence_and_options(&js_sys::Array::of1(&svg.into()), &options)?;
    let address = Url::create_object_url_with_blob(&blob)?;
    let image = HtmlImageElement::new()?;
    let drawn = image.clone();
    let source = address.clone();
    let loaded = Closure::once_into_js(move || -> Result<(), JsValue> {
        let canvas: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
        canvas.set_width((width * DENSITY) as u32);
        canvas.set_height((height * DENSITY) as u32);
        let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?;
        let context: CanvasRenderingContext2d = context.unchecked_into();
        context.scale(DENSITY, DENSITY)?;
        context
            .draw_image_with_html_image_element_and_dw_and_dh(&drawn, 0.0, 0.0, width, height)?;
        let _ = Url::revoke_object_url(&source);
        let save = Closure::once_into_js(move |blob: Option<Blob>| {
            if let Some(blob) = blob {
                browser::download_blob(&name, &blob);
            }
        });
        canvas.to_blob(save.unchecked_ref())
    });
    image.set_onload(Some(loaded.unchecked_ref()));
    image.set_src(&address);
    Ok(())
}
