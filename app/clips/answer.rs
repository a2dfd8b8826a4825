//! What the page asks, one message a question, and what it is answered.

use crate::{open, unpack};
use between::{
    Blobs,
    message::{get, object, text},
    words,
};
use js_sys::Array;
use sha2::{Digest, Sha256};
use shared::{
    audio::{Inspection, Limits, inspect},
    data::database_table,
    files::Files,
};
use std::io::Read;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

/// Bytes that are hashed at once.
const PIECE: usize = 1 << 20;

/// The parts of an answer.
pub(crate) type Parts = Vec<(&'static str, JsValue)>;

/// The worker.
pub(crate) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Answers until the worker is ended.
pub(crate) fn serve() {
    let listener = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        let message = event.data();
        let id = get(&message, "id");
        let answer = match answer(&message) {
            Ok(mut parts) => {
                parts.push(("id", id));
                object("answer", &parts)
            }
            Err(error) => object("answer", &[("id", id), ("error", error.into())]),
        };
        post(&answer);
    });
    scope().set_onmessage(Some(listener.into_js_value().unchecked_ref()));
}

/// Tells the page something.
pub(crate) fn post(message: &JsValue) {
    if let Err(error) = scope().post_message(message) {
        // Only if a message is no data at all; the page waits for none then.
        web_sys::console::error_1(&error);
    }
}

fn answer(message: &JsValue) -> Result<Parts, String> {
    match text(message, "kind").as_str() {
        "open" => open::open(message),
        "view" => open::view(message),
        "sound" => open::sound(message),
        "look" => look(message),
        "database" => database(message),
        "unpack" => unpack::unpack(message),
        "hash" => hash(message),
        other => Err(format!("nothing is known of {other}")),
    }
}

/// What recordings are: a list of inspections and errors.
fn look(message: &JsValue) -> Result<Parts, String> {
    let pairs: Array = get(message, "files")
        .dyn_into()
        .map_err(|_| "no files were given")?;
    let inspected = |pair: JsValue| -> Result<Inspection, String> {
        let path = Array::from(&pair).get(0).as_string().unwrap_or_default();
        let files = Blobs::read(&Array::of1(&pair))?;
        inspect(&files, &path, &Limits::default()).map_err(|error| error.to_string())
    };
    let all: Vec<_> = pairs.iter().map(inspected).collect();
    let json = serde_json::to_string(&all).map_err(|error| error.to_string())?;
    Ok(vec![("found", json.into())])
}

/// An audformat database as one table.
fn database(message: &JsValue) -> Result<Parts, String> {
    let files = Blobs::read(&get(message, "files"))?;
    let table =
        database_table(&files, &text(message, "folder")).map_err(|error| error.to_string())?;
    let json = serde_json::to_string(&(table.columns, table.rows, table.warnings))
        .map_err(|error| error.to_string())?;
    Ok(vec![("table", json.into())])
}

/// The SHA-256 of a file.
fn hash(message: &JsValue) -> Result<Parts, String> {
    let mut files = Blobs::default();
    let blob = get(message, "file").dyn_into::<Blob>();
    files.insert(
        "file",
        blob.map_err(|other| format!("{} is no file", words(&other)))?,
    );
    let mut reader = files.open("file").map_err(|error| error.to_string())?;
    let mut sum = Sha256::new();
    let mut piece = vec![0; PIECE];
    loop {
        let count = reader.read(&mut piece).map_err(|error| error.to_string())?;
        if count == 0 {
            break;
        }
        sum.update(&piece[..count]);
    }
    let digits: String = sum
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(vec![("sha256", digits.into())])
}
