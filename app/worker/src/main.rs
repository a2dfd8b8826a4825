//! The tensor engine in the tab. It runs in a dedicated module worker: there alone may it be busy
//! for long, and there WebGPU is opened without blocking.

#![recursion_limit = "256"]

#[cfg(feature = "parity")]
mod bench;
mod browser;
mod disk;
mod host;
mod look;
mod message;
#[cfg(feature = "parity")]
mod parity;
mod room;
mod shelf;
#[cfg(target_feature = "atomics")]
mod threads;
mod train;

use between::Blobs;
use message::{parts, post};
use shared::protocol::tab::{FromEngine, ToEngine};
use std::cell::Cell;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::MessageEvent;

thread_local! {
    /// Whether a job is at work.
    static BUSY: Cell<bool> = const { Cell::new(false) };
}

fn main() {
    // A panic ends the program: who waits for an answer must hear of it.
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        let message = panic.payload_as_str().unwrap_or("no message").to_owned();
        post(&FromEngine::Broken {
            message,
            failure: None,
        });
    }));
    let receive = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
        if let Err(message) = hear(&event.data()) {
            post(&FromEngine::Broken {
                message,
                failure: None,
            });
        }
    });
    browser::scope().set_onmessage(Some(receive.as_ref().unchecked_ref()));
    // It lives as long as the worker.
    receive.forget();
    // With threads it is ready when all of them are there.
    #[cfg(not(target_feature = "atomics"))]
    post(&FromEngine::Ready);
}

/// Does what a message asks for.
fn hear(message: &JsValue) -> Result<(), String> {
    #[cfg(feature = "parity")]
    if parity::hear(message) || bench::hear(message) {
        return Ok(());
    }
    #[cfg(all(feature = "parity", target_feature = "atomics"))]
    if threads::hear(message) {
        return Ok(());
    }
    let (text, files) = parts(message).ok_or("a message has no text")?;
    let message: ToEngine = serde_json::from_str(&text)
        .map_err(|error| format!("a message cannot be read: {error}"))?;
    match message {
        ToEngine::Start(job) => {
            if BUSY.replace(true) {
                return Err("a job is at work already".to_owned());
            }
            let files = Blobs::read(&files)?;
            spawn_local(async {
                train::train(job, files).await;
                BUSY.set(false);
            });
        }
        ToEngine::Pause => host::pause(),
        ToEngine::Continue => host::go_on(),
        ToEngine::Cancel => host::stop(),
        ToEngine::Check { question, request } => {
            let files = Blobs::read(&files)?;
            spawn_local(async move {
                room::ask().await;
                let answer = look::check(&request, &files);
                post(&FromEngine::Check { question, answer });
            });
        }
        ToEngine::Data { question, request } => {
            let files = Blobs::read(&files)?;
            let answer = look::look(&request, &files);
            post(&FromEngine::Data { question, answer });
        }
    }
    Ok(())
}
