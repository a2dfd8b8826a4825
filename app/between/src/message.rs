//! Messages between a page and its workers: plain objects, of which `kind` says what they are.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

/// A message.
#[must_use]
pub fn object(kind: &str, parts: &[(&str, JsValue)]) -> Object {
    let message = Object::new();
    // Setting a property of a plain object cannot fail.
    let _ = Reflect::set(&message, &"kind".into(), &kind.into());
    for (name, value) in parts {
        let _ = Reflect::set(&message, &(*name).into(), value);
    }
    message
}

/// A part of a message; undefined where it has none of that name.
#[must_use]
pub fn get(message: &JsValue, name: &str) -> JsValue {
    Reflect::get(message, &name.into()).unwrap_or_default()
}

/// A part that is text; empty where it is none.
#[must_use]
pub fn text(message: &JsValue, name: &str) -> String {
    get(message, name).as_string().unwrap_or_default()
}

/// A part that is a number; 0 where it is none.
#[must_use]
pub fn number(message: &JsValue, name: &str) -> f64 {
    get(message, name).as_f64().unwrap_or_default()
}
