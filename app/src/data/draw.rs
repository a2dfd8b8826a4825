//! Waveform and spectrogram on canvases.

use super::viewer::Picture;
use leptos::prelude::*;
use shared::audio::Tile;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

/// Colours of the page's style sheet.
struct Ink {
    line: String,
    soft: String,
    dark: bool,
}

impl Ink {
    fn of(canvas: &HtmlCanvasElement) -> Self {
        let style = window().get_computed_style(canvas).ok().flatten();
        let get = |name: &str| {
            style
                .as_ref()
                .and_then(|style| style.get_property_value(name).ok())
                .unwrap_or_default()
        };
        let dark = window()
            .match_media("(prefers-color-scheme: dark)")
            .ok()
            .flatten()
            .is_some_and(|query| query.matches());
        Self {
            line: get("color"),
            soft: get("outline-color"),
            dark,
        }
    }
}

fn prepared(canvas: &HtmlCanvasElement) -> Result<(CanvasRenderingContext2d, f64, f64), JsValue> {
    let density = window().device_pixel_ratio();
    let (width, height) = (
        f64::from(canvas.client_width()),
        f64::from(canvas.client_height()),
    );
    let (pixels, lines) = ((width * density) as u32, (height * density) as u32);
    if canvas.width() != pixels || canvas.height() != lines {
        canvas.set_width(pixels);
        canvas.set_height(lines);
    }
    let context: CanvasRenderingContext2d = canvas
        .get_context("2d")?
        .ok_or(JsValue::NULL)?
        .unchecked_into();
    context.set_transform(density, 0.0, 0.0, density, 0.0, 0.0)?;
    context.clear_rect(0.0, 0.0, width, height);
    Ok((context, width, height))
}

/// The outline.
pub(super) fn waveform(canvas: &HtmlCanvasElement, picture: &Picture) -> Result<(), JsValue> {
    let (context, width, height) = prepared(canvas)?;
    let ink = Ink::of(canvas);
    let middle = height / 2.0;
    context.set_fill_style_str(&ink.soft);
    context.fill_rect(0.0, middle, width, 1.0);
    context.set_fill_style_str(&ink.line);
    let columns = picture.min.len().max(1) as f64;
    let scale = (middle - 2.0) / 32_768.0;
    for (at, (min, max)) in picture.min.iter().zip(&picture.max).enumerate() {
        let top = middle - f64::from(*max) * scale;
        let bottom = middle - f64::from(*min) * scale;
        context.fill_rect(
            at as f64 / columns * width,
            top,
            (width / columns).max(1.0),
            (bottom - top).max(1.0),
        );
    }
    Ok(())
}

/// The spectrogram: the strongest that is seen is black (in the dark, white), and what is weaker by
/// `range` dB is white.
pub(super) fn spectrogram(
    canvas: &HtmlCanvasElement,
    picture: &Picture,
    range: f64,
) -> Result<(), JsValue> {
    let (context, width, height) = prepared(canvas)?;
    let rows = picture.rows;
    let columns = picture.levels.len().checked_div(rows).unwrap_or(0);
    if columns == 0 {
        return Ok(());
    }
    let dark = Ink::of(canvas).dark;
    let strongest = picture.levels.iter().copied().max();
    let strongest = strongest.map_or(0.0, Tile::decibels);
    // One colour a level, of which there are only 256.
    let shades: Vec<[u8; 4]> = (0..=u8::MAX)
        .map(|level| {
            let below = (strongest - Tile::decibels(level)) / range;
            let shade = (below.clamp(0.0, 1.0) * 255.0) as u8;
            let shade = if dark { 255 - shade } else { shade };
            [shade, shade, shade, 255]
        })
        .collect();
    let mut pixels = vec![[0u8; 4]; columns * rows];
    for (column, levels) in picture.levels.chunks_exact(rows).enumerate() {
        let places = pixels[column..].iter_mut().step_by(columns);
        for (pixel, level) in places.zip(levels.iter().rev()) {
            *pixel = shades[usize::from(*level)];
        }
    }
    let image = ImageData::new_with_u8_clamped_array_and_sh(
        Clamped(pixels.as_flattened()),
        columns as u32,
        rows as u32,
    )?;
    let small: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
    small.set_width(columns as u32);
    small.set_height(rows as u32);
    let own: CanvasRenderingContext2d = small
        .get_context("2d")?
        .ok_or(JsValue::NULL)?
        .unchecked_into();
    own.put_image_data(&image, 0.0, 0.0)?;
    context.draw_image_with_html_canvas_element_and_dw_and_dh(&small, 0.0, 0.0, width, height)
}
