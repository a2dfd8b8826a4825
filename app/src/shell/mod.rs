//! What stands around the places.

mod header;
mod route;

pub(crate) use route::{Route, go};

use crate::{
    experiment::{self, Experiment},
    ui::{Toaster, Toasts},
};
use header::Header;
use leptos::prelude::*;

/// The whole page.
#[component]
pub(crate) fn App() -> impl IntoView {
    let route = route::follow();
    let toaster = Toaster::provide();
    let document = experiment::restore();
    provide_context(document);
    let place = Memo::new(move |_| route.with(Route::place));
    Effect::new(move || {
        leptos::prelude::document().set_title(&format!("{} – Voxtune", place.get()))
    });
    let content = move || match route.get() {
        _ => view! { <Experiment document /> }.into_any(),
    };
    view! {
        <a class="skip" href="#main" on:click=skip>"To the content"</a>
        <Header route />
        <main id="main" tabindex="-1">{content}</main>
        <Toasts toaster />
    }
}

/// The address's part behind `#` is the place, so that a link into the page must not change it.
fn skip(event: leptos::ev::MouseEvent) {
    event.prevent_default();
    if let Ok(Some(main)) = document().query_selector("main") {
        use wasm_bindgen::JsCast;
        let _ = main.unchecked_into::<web_sys::HtmlElement>().focus();
    }
}
