//! What the page asks of the browser itself.

use gloo::file::{File, futures::read_as_text};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Blob, BlobPropertyBag, FileList, HtmlAnchorElement, HtmlDocument, HtmlTextAreaElement, Url,
};

/// Reads the first of `files` as text and hands its name and text on.
pub(crate) fn read_first(files: Option<FileList>, then: impl FnOnce(String, String) + 'static) {
    let Some(file) = files.and_then(|files| files.get(0)) else {
        return;
    };
    let file = File::from(file);
    leptos::task::spawn_local(async move {
        match read_as_text(&file).await {
            Ok(text) => then(file.name(), text),
            Err(error) => leptos::logging::error!("{}: {error}", file.name()),
        }
    });
}

/// Gives `text` to the user as a file.
pub(crate) fn download(name: &str, text: &str) {
    let save = || -> Result<(), JsValue> {
        let options = BlobPropertyBag::new();
        options.set_type("text/plain;charset=utf-8");
        let blob =
            Blob::new_with_str_sequence_and_options(&js_sys::Array::of1(&text.into()), &options)?;
        let url = Url::create_object_url_with_blob(&blob)?;
        let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
        link.set_href(&url);
        link.set_download(name);
        link.click();
        Url::revoke_object_url(&url)
    };
    if let Err(error) = save() {
        leptos::logging::error!("{name}: {error:?}");
    }
}

/// Puts `text` in place of the selection, as if it were typed: the browser's undo takes it back.
pub(crate) fn type_text(field: &HtmlTextAreaElement, text: &str) {
    let _ = field.focus();
    let page: HtmlDocument = document().unchecked_into();
    let command = if text.is_empty() {
        "delete"
    } else {
        "insertText"
    };
    // Old and without a successor that undo knows of; where it is gone, the text is set directly.
    let typed = page.exec_command_with_show_ui_and_value(command, false, text);
    if !typed.unwrap_or(false)
        && field.set_range_text(text).is_ok()
        && let Ok(event) = web_sys::Event::new("input")
    {
        let _ = field.dispatch_event(&event);
    }
}
