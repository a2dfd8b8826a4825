//! What the page asks of the browser itself.

use gloo::file::{File, futures::read_as_text};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{Blob, BlobPropertyBag, Element, FileList, HtmlAnchorElement, ResizeObserver, Url};

/// Reads the first of `files` as text and hands its name and text, or what went wrong, on.
pub(crate) fn read_first(
    files: Option<FileList>,
    then: impl FnOnce(String, Result<String, String>) + 'static,
) {
    let Some(file) = files.and_then(|files| files.get(0)) else {
        return;
    };
    let file = File::from(file);
    leptos::task::spawn_local(async move {
        let text = read_as_text(&file).await;
        then(file.name(), text.map_err(|error| error.to_string()));
    });
}

/// Gives `text` to the user as a file.
pub(crate) fn download(name: &str, kind: &str, text: &str) {
    let parts = js_sys::Array::of1(&text.into());
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    if let Ok(blob) = Blob::new_with_str_sequence_and_options(&parts, &options) {
        download_blob(name, &blob);
    }
}

/// Gives bytes to the user as a file.
pub(crate) fn download_blob(name: &str, blob: &Blob) {
    let save = || -> Result<(), JsValue> {
        let url = Url::create_object_url_with_blob(blob)?;
        let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
        link.set_href(&url);
        link.set_download(name);
        link.click();
        // The browser must have begun to read it by then.
        gloo::timers::callback::Timeout::new(10_000, move || {
            let _ = Url::revoke_object_url(&url);
        })
        .forget();
        Ok(())
    };
    if let Err(error) = save() {
        leptos::logging::error!("{name}: {error:?}");
    }
}

/// Calls `act` whenever an element has another size, and once soon, until what the caller is part of goes.
pub(crate) fn on_resize(element: &Element, act: impl Fn() + 'static) {
    let act = Closure::<dyn Fn()>::new(act);
    if let Ok(observer) = ResizeObserver::new(act.as_ref().unchecked_ref()) {
        observer.observe(element);
        let kept = StoredValue::new_local((observer, act));
        on_cleanup(move || kept.with_value(|(observer, _)| observer.disconnect()));
    }
}

/// Milliseconds since the page began to load.
pub(crate) fn now() -> f64 {
    window().performance().map_or(0.0, |clock| clock.now())
}

/// Lets the page be opened again without a network. Browsers allow it only on `https` and on the
/// machine itself, so that it may fail, and nothing else depends on it.
pub(crate) fn start_offline() {
    if window().is_secure_context() {
        let _ = window()
            .navigator()
            .service_worker()
            .register("./offline.js");
    }
}

/// Comes back when the events that wait have been heard, so that long work lets the page answer.
pub(crate) async fn turn() {
    let promise = js_sys::Promise::new(&mut |done: js_sys::Function, _| {
        // Not a timer: browsers slow those down that follow each other.
        match web_sys::MessageChannel::new() {
            Ok(channel) => {
                channel.port1().set_onmessage(Some(&done));
                let _ = channel.port2().post_message(&JsValue::NULL);
            }
            Err(_) => {
                let _ = done.call0(&JsValue::NULL);
            }
        }
    });
    let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
}

/// Comes back after so many milliseconds.
pub(crate) async fn pause(milliseconds: u32) {
    gloo::timers::future::TimeoutFuture::new(milliseconds).await;
}
