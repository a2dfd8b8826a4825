//! Messages between the page and the engine.

use crate::browser::scope;
use js_sys::{Array, Object, Reflect};
use serde::Serialize;
use wasm_bindgen::JsValue;

/// Posts `answer` to the page, as JSON text.
pub(crate) fn post(answer: &impl Serialize) {
    // Neither can fail: these are plain numbers and texts, and a text can always be cloned.
    let text = serde_json::to_string(answer).unwrap_or_default();
    let _ = scope().post_message(&text.into());
}

/// Posts `answer` with files beside it, an array of `[path, blob]`; without files as [`post`].
pub(crate) fn post_with(answer: &impl Serialize, files: &Array) {
    if files.length() == 0 {
        return post(answer);
    }
    let text = serde_json::to_string(answer).unwrap_or_default();
    let message = Object::new();
    let _ = Reflect::set(&message, &"text".into(), &text.into());
    let _ = Reflect::set(&message, &"files".into(), files);
    let _ = scope().post_message(&message);
}

/// A message's text, and the files beside it: a text, or an object with `text` and `files`.
pub(crate) fn parts(message: &JsValue) -> Option<(String, JsValue)> {
    if let Some(text) = message.as_string() {
        return Some((text, JsValue::UNDEFINED));
    }
    let field = |name: &str| Reflect::get(message, &name.into()).ok();
    Some((field("text")?.as_string()?, field("files")?))
}
