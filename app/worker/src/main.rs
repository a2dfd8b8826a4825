//! The tensor engine in the tab. It runs in a dedicated module worker: there alone may it be busy
//! for long, and there WebGPU is opened without blocking.
//!
//! Today it does one thing, for the tests: it compares a small model with the reference.

#![recursion_limit = "256"]

mod message;
mod parity;

use message::{Reply, Request, post};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn main() {
    // A panic ends the program: who waits for an answer must hear of it.
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        post(&Reply::Failed {
            message: panic.to_string(),
        });
    }));
    let receive =
        Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
            match Request::read(&event.data()) {
                Ok(request) => wasm_bindgen_futures::spawn_local(async move {
                    post(&parity::compare(request).await)
                }),
                Err(message) => post(&Reply::Failed { message }),
            }
        });
    scope().set_onmessage(Some(receive.as_ref().unchecked_ref()));
    // It lives as long as the worker.
    receive.forget();
    post(&Reply::Ready);
}
