//! What survives a reload: small texts in the browser's storage for this site.

pub(crate) mod large;

use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use web_sys::Storage;

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// What was kept under `name`; `None` where nothing was, or it is of an older form.
pub(crate) fn load<T: DeserializeOwned>(name: &str) -> Option<T> {
    let text = storage()?.get_item(&format!("voxtune.{name}")).ok()??;
    shared::json::read(&text).ok()
}

/// Keeps `value` under `name`. Says whether the browser took it: it doesn't in some private windows,
/// nor where its storage is full.
pub(crate) fn save<T: Serialize>(name: &str, value: &T) -> bool {
    let Ok(text) = serde_json::to_string(value) else {
        return false;
    };
    storage().is_some_and(|storage| storage.set_item(&format!("voxtune.{name}"), &text).is_ok())
}

/// A signal whose value is kept under `name`.
pub(crate) fn kept<T>(name: &'static str, initial: T) -> RwSignal<T>
where
    T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
{
    let signal = RwSignal::new(load(name).unwrap_or(initial));
    Effect::watch(
        move || signal.get(),
        move |value, _, _| {
            save(name, value);
        },
        false,
    );
    signal
}
