//! What the engine asks of the browser.

use js_sys::{Date, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::DedicatedWorkerGlobalScope;

#[wasm_bindgen]
extern "C" {
    type MessageChannel;
    #[wasm_bindgen(constructor, catch)]
    fn new() -> Result<MessageChannel, JsValue>;
    #[wasm_bindgen(method, getter)]
    fn port1(this: &MessageChannel) -> MessagePort;
    #[wasm_bindgen(method, getter)]
    fn port2(this: &MessageChannel) -> MessagePort;

    type MessagePort;
    #[wasm_bindgen(method, setter)]
    fn set_onmessage(this: &MessagePort, listener: &Function);
    #[wasm_bindgen(method, js_name = postMessage)]
    fn post_message(this: &MessagePort, message: &JsValue);

    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(done: &Function, milliseconds: f64);

    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn milliseconds() -> f64;
}

/// The worker.
pub(crate) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Seconds since the worker was started.
pub(crate) fn seconds() -> f64 {
    milliseconds() / 1000.0
}

/// The time of day in RFC 3339, to the millisecond.
pub(crate) fn time() -> String {
    String::from(Date::new_0().to_iso_string())
}

/// Comes back when the messages that wait have been heard. Not by a timer: browsers slow timers down.
pub(crate) async fn turn() {
    let promise = Promise::new(&mut |done: Function, _| {
        let Ok(channel) = MessageChannel::new() else {
            let _ = done.call0(&JsValue::NULL);
            return;
        };
        channel.port1().set_onmessage(&done);
        channel.port2().post_message(&JsValue::NULL);
    });
    let _ = JsFuture::from(promise).await;
}

/// Comes back after so many milliseconds, or later where the browser slows timers down.
pub(crate) async fn sleep(milliseconds: f64) {
    let promise = Promise::new(&mut |done: Function, _| set_timeout(&done, milliseconds));
    let _ = JsFuture::from(promise).await;
}

/// Bytes of the program's memory, which never shrinks.
pub(crate) fn heap() -> u64 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    let buffer: js_sys::ArrayBuffer = memory.buffer().unchecked_into();
    u64::from(buffer.byte_length())
}

/// A value of an object; undefined where it has none.
pub(crate) fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}
