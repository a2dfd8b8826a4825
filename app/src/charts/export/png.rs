//! A picture in pixels, drawn by the browser.

use super::figure::Picture;
use crate::browser;
use leptos::prelude::document;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement, Url,
};

/// Pixels of a saved PNG for each of the screen.
const DENSITY: f64 = 2.0;

/// Gives the picture to the user.
pub(super) fn save(name: String, picture: &Picture) -> Result<(), JsValue> {
    let (width, height) = (picture.width, picture.height);
    let options = BlobPropertyBag::new();
    options.set_type("image/svg+xml;charset=utf-8");
    let parts = js_sys::Array::of1(&picture.text.as_str().into());
    let blob = Blob::new_with_str_sequence_and_options(&parts, &options)?;
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
