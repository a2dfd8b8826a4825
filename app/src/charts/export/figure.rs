//! A drawn chart as a file of its own: with title and legend, and the page's style sheet written into it.

use leptos::prelude::*;
use std::fmt::Write as _;
use wasm_bindgen::{JsCast, prelude::wasm_bindgen};
use web_sys::{CanvasRenderingContext2d, CssStyleDeclaration, Element, HtmlCanvasElement};

/// An SVG file and its size in pixels.
pub(super) struct Picture {
    pub(super) text: String,
    pub(super) width: f64,
    pub(super) height: f64,
}

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

/// Room for a line of text, and what an entry of the legend begins with.
const LINE: f64 = 24.0;
const SWATCH: f64 = 20.0;
const GAP: f64 = 18.0;

#[wasm_bindgen]
extern "C" {
    type XMLSerializer;
    #[wasm_bindgen(constructor)]
    fn new() -> XMLSerializer;
    #[wasm_bindgen(method, js_name = serializeToString)]
    fn text_of(this: &XMLSerializer, node: &Element) -> String;

    type Ruler;
    #[wasm_bindgen(method, structural, js_name = measureText)]
    fn measured(this: &Ruler, text: &str) -> Measured;
    type Measured;
    #[wasm_bindgen(method, structural, getter)]
    fn width(this: &Measured) -> f64;
}

/// What one can ask of colours and fonts only while drawing.
pub(super) struct Pen(CanvasRenderingContext2d);

impl Pen {
    pub(super) fn new() -> Option<Self> {
        let canvas = document().create_element("canvas").ok()?;
        let canvas: HtmlCanvasElement = canvas.unchecked_into();
        canvas.set_width(1);
        canvas.set_height(1);
        // Its one pixel is only there to be read.
        let often = js_sys::Object::new();
        let _ = js_sys::Reflect::set(&often, &"willReadFrequently".into(), &true.into());
        let context = canvas.get_context_with_context_options("2d", &often);
        let context = context.ok()??;
        Some(Self(context.unchecked_into()))
    }

    /// A colour in a form that every program reads, and whether anything is to be seen of it: style sheets may
    /// mix colours in spaces that only browsers know.
    pub(super) fn colour(&self, colour: &str) -> (String, bool) {
        self.0.clear_rect(0.0, 0.0, 1.0, 1.0);
        self.0.set_fill_style_str(colour);
        self.0.fill_rect(0.0, 0.0, 1.0, 1.0);
        match self.0.get_image_data(0.0, 0.0, 1.0, 1.0) {
            Ok(pixel) => {
                let pixel = pixel.data();
                let code = format!("#{:02x}{:02x}{:02x}", pixel[0], pixel[1], pixel[2]);
                (code, pixel[3] > 0)
            }
            Err(_) => (colour.to_owned(), true),
        }
    }

    /// How wide a text is in the font of a style, in pixels.
    pub(super) fn width(&self, text: &str, style: &CssStyleDeclaration) -> f64 {
        let get = |name| style.get_property_value(name).unwrap_or_default();
        let font = ["font-weight", "font-size", "font-family"]
            .map(get)
            .join(" ");
        self.0.set_font(&font);
        self.0.unchecked_ref::<Ruler>().measured(text).width()
    }
}

/// The chart as it is seen, with the title of its figure above it and the legend below.
pub(super) fn of_chart(chart: &Element) -> Option<Picture> {
    let pen = Pen::new()?;
    let copy: Element = chart.clone_node_with_deep(true).ok()?.unchecked_into();
    for (shown, saved) in all(chart).iter().zip(all(&copy)) {
        let Some(style) = style(shown) else { continue };
        for name in STYLES {
            let value = style.get_property_value(name).unwrap_or_default();
            let is_colour = matches!(name, "fill" | "stroke") && value != "none";
            let value = if is_colour {
                pen.colour(&value).0
            } else {
                value
            };
            let _ = saved.set_attribute(name, &value);
        }
        // What somebody points at is not of the chart.
        if shown.matches(".cursor, .drag").unwrap_or(false) {
            saved.remove();
        }
        let _ = saved.remove_attribute("class");
    }
    let place = chart.get_bounding_client_rect();
    let (width, height) = (place.width(), place.height());
    let figure = chart.closest("figure").ok().flatten();
    let head = figure.as_ref().and_then(|figure| heading(figure, &pen));
    let top = if head.is_some() { LINE } else { 0.0 };
    let legend = figure.map(|figure| legend(&figure, &pen, width));
    let (legend, rows) = legend.unwrap_or_default();
    let _ = copy.set_attribute("y", &top.to_string());
    let _ = copy.set_attribute("width", &width.to_string());
    let _ = copy.set_attribute("height", &height.to_string());
    let below = top + height;
    let inside = format!(
        "{}{}<g transform=\"translate(0 {below})\">{legend}</g>",
        head.unwrap_or_default(),
        XMLSerializer::new().text_of(&copy),
    );
    Some(sheet(chart, &pen, &inside, width, below + rows * LINE))
}

/// What was drawn, on the paper that lies behind `chart` on the page.
pub(super) fn sheet(chart: &Element, pen: &Pen, inside: &str, width: f64, height: f64) -> Picture {
    let mut element = Some(chart.clone());
    let mut paper = "#ffffff".to_owned();
    while let Some(here) = element {
        let (colour, is_seen) = pen.colour(&get(&here, "background-color"));
        if is_seen {
            paper = colour;
            break;
        }
        element = here.parent_element();
    }
    let text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\"><rect width=\"100%\" height=\"100%\" \
         fill=\"{paper}\"/>{inside}</svg>\n"
    );
    Picture {
        text,
        width,
        height,
    }
}

/// A text at a place, in the font and colour of an element.
pub(super) fn letters(
    of: &Element,
    pen: &Pen,
    text: &str,
    place: (f64, f64),
    anchor: &str,
) -> String {
    format!(
        "<text x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\" fill=\"{}\" font-family=\"{}\" font-size=\"{}\" font-weight=\"{}\">{}</text>",
        place.0,
        place.1,
        pen.colour(&get(of, "color")).0,
        escaped(&get(of, "font-family")),
        get(of, "font-size"),
        get(of, "font-weight"),
        escaped(text),
    )
}

fn heading(figure: &Element, pen: &Pen) -> Option<String> {
    let title = figure.query_selector("figcaption strong").ok()??;
    let text = title.text_content()?;
    Some(letters(&title, pen, &text, (12.0, 16.0), "start"))
}

/// The legend below a chart of so many pixels, and the lines that it takes.
fn legend(figure: &Element, pen: &Pen, width: f64) -> (String, f64) {
    let (mut out, mut x, mut row) = (String::new(), 12.0, 0.0);
    let items = figure.query_selector(".legend").ok().flatten();
    for item in items.iter().flat_map(children) {
        let Some(swatch) = item.query_selector("svg").ok().flatten() else {
            continue;
        };
        let name = children(&item)
            .into_iter()
            .find(|it| it.get_attribute("class").as_deref() == Some("name"));
        let text = name
            .and_then(|name| name.text_content())
            .unwrap_or_default();
        let long = style(&item).map_or(0.0, |style| pen.width(&text, &style));
        let whole = SWATCH + 6.0 + long;
        if x + whole > width && x > 12.0 {
            (x, row) = (12.0, row + 1.0);
        }
        let y = row * LINE + 10.0;
        let line = swatch
            .first_element_child()
            .unwrap_or_else(|| swatch.clone());
        let _ = write!(
            out,
            "<path d=\"M{x} {y}h{SWATCH}\" stroke=\"{}\" stroke-width=\"{}\" stroke-dasharray=\"{}\"/>{}",
            pen.colour(&get(&line, "stroke")).0,
            get(&line, "stroke-width"),
            get(&line, "stroke-dasharray"),
            letters(&item, pen, &text, (x + SWATCH + 6.0, y + 4.0), "start"),
        );
        x += whole + GAP;
    }
    let rows = if out.is_empty() { 0.0 } else { row + 1.0 };
    (out, rows)
}

/// An element and all that is in it.
fn all(root: &Element) -> Vec<Element> {
    let mut found = vec![root.clone()];
    for child in children(root) {
        found.extend(all(&child));
    }
    found
}

/// The elements in an element.
pub(super) fn children(of: &Element) -> Vec<Element> {
    let first = of.first_element_child();
    std::iter::successors(first, Element::next_element_sibling).collect()
}

pub(super) fn style(of: &Element) -> Option<CssStyleDeclaration> {
    window().get_computed_style(of).ok().flatten()
}

/// A property of an element's computed style.
pub(super) fn get(of: &Element, name: &str) -> String {
    let value = style(of).and_then(|style| style.get_property_value(name).ok());
    value.unwrap_or_default()
}

/// A text in an XML file; what no XML may have is left out.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\t' | '\n' | ' '.. => out.push(letter),
            _ => {}
        }
    }
    out
}
