//! How fast a model is here. Only `make bench-tab` asks for it.

use crate::{browser, message::post, parity::device_and_files};
use js_sys::Reflect;
use serde::Serialize;
use shared::train::open_device;
use tests::speed::{Figures, measure};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Reply {
    Measured(Figures),
    Failed { message: String },
}

/// Takes `{samples: 64000, repetitions: 5, device: "webgpu" | "flex", files: {PATH: Uint8Array}}`. Says whether it was
/// such a message.
pub(crate) fn hear(message: &JsValue) -> bool {
    let number = |name: &str| {
        let value = Reflect::get(message, &name.into()).ok()?.as_f64()?;
        Some(value as usize)
    };
    let Some(size) = number("samples").zip(number("repetitions")) else {
        return false;
    };
    let given = device_and_files(message);
    spawn_local(async move {
        let work = async {
            let (device, files) = given?;
            let opened = open_device(device).await;
            let (device, _) = opened.map_err(|error| error.to_string())?;
            let now = || browser::seconds() * 1000.0;
            measure(&files, "", size, &device, &now).await
        };
        post(&match work.await {
            Ok(figures) => Reply::Measured(figures),
            Err(message) => Reply::Failed { message },
        });
    });
    true
}
