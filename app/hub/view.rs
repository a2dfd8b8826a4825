//! The form of `hub.html`.

use crate::fetch::{Told, fetch};
use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, HtmlInputElement};

/// Where the hub is that the document names.
fn endpoint() -> String {
    let named = document().query_selector("meta[name=hub]").ok().flatten();
    let address = named.and_then(|meta| meta.get_attribute("content"));
    address.unwrap_or_default().trim_end_matches('/').to_owned()
}

fn element(id: &str) -> Option<Element> {
    document().get_element_by_id(id)
}

fn say(id: &str, text: &str) {
    if let Some(element) = element(id) {
        element.set_text_content(Some(text));
    }
}

/// Sets an attribute, or removes it.
fn set(id: &str, name: &str, value: Option<&str>) {
    if let Some(element) = element(id) {
        let _ = match value {
            Some(value) => element.set_attribute(name, value),
            None => element.remove_attribute(name),
        };
    }
}

/// Listens to the form.
pub(super) fn open() {
    let submit = Closure::<dyn Fn(Event)>::new(|event: Event| {
        event.prevent_default();
        let name = element("name").map(|field| field.unchecked_into::<HtmlInputElement>().value());
        spawn_local(get(name.unwrap_or_default()));
    });
    if let Some(form) = element("ask") {
        let _ = form.add_event_listener_with_callback("submit", submit.as_ref().unchecked_ref());
    }
    // It lives as long as the document.
    submit.forget();
    // Whoever sends somebody here may say what for.
    let wanted = window().location().hash().unwrap_or_default();
    if let (Some(field), Some(name)) = (element("name"), wanted.strip_prefix('#'))
        && let Ok(name) = js_sys::decode_uri_component(name)
    {
        field
            .unchecked_into::<HtmlInputElement>()
            .set_value(&String::from(name));
    }
    set("get", "disabled", None);
}

async fn get(name: String) {
    set("get", "disabled", Some(""));
    set("share", "hidden", None);
    say("wrong", "");
    say("said", "Asking the hub\u{2026}");
    let file = std::cell::RefCell::new(String::new());
    let told = |told: Told<'_>| match told {
        Told::File(name) => {
            file.replace(name.to_owned());
        }
        Told::Bytes(done, all) => {
            set("share", "value", Some(&(done / all.max(1.0)).to_string()));
            let file = file.borrow();
            say(
                "said",
                &format!("{file}: {:.1} of {:.1} MB", done / 1e6, all / 1e6),
            );
        }
    };
    match fetch(&endpoint(), &name, &told).await {
        Ok(model) => {
            keep::tell();
            say(
                "said",
                &format!(
                    "`{}` is in this browser now. In the other tab, pick it under where training runs.",
                    model.name
                ),
            );
        }
        Err(why) => {
            say("said", "");
            say("wrong", &why);
        }
    }
    set("share", "hidden", Some(""));
    set("get", "disabled", None);
}
