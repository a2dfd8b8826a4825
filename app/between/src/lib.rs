//! What the page and its workers have in common: messages, and files that the browser holds.

mod blobs;
pub mod message;

pub use blobs::Blobs;

use std::io;
use wasm_bindgen::JsValue;

/// What the browser complains of, in the terms of files.
#[must_use]
pub fn problem(error: &JsValue) -> io::Error {
    let (kind, text) = match message::text(error, "name").as_str() {
        "NotFoundError" => (io::ErrorKind::NotFound, "no such file".to_owned()),
        "QuotaExceededError" => (
            io::ErrorKind::StorageFull,
            "the browser's storage for this site is full".to_owned(),
        ),
        "NotReadableError" => (
            io::ErrorKind::PermissionDenied,
            "it was changed or moved since it was given to the page; drop it again".to_owned(),
        ),
        "NoModificationAllowedError" => (
            io::ErrorKind::ResourceBusy,
            "another tab of this page has it open".to_owned(),
        ),
        "" | "Error" => (io::ErrorKind::Other, words(error)),
        name => (io::ErrorKind::Other, format!("{name}: {}", words(error))),
    };
    io::Error::new(kind, text)
}

/// Anything that was thrown, as words.
#[must_use]
pub fn words(error: &JsValue) -> String {
    let text = message::get(error, "message").as_string();
    text.or_else(|| error.as_string())
        .unwrap_or_else(|| format!("{error:?}"))
}
