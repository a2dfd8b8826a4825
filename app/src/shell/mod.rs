//! What stands around the places.

mod header;
mod model;
mod models;
mod offer;
mod place;
mod route;
mod stored;

pub(crate) use place::PickedDevice;
pub(crate) use route::{Route, go};

use crate::{
    backend::Link,
    browser,
    data::{Data, Recordings},
    experiment::{self, Experiment},
    results::Results,
    runs::{Queue, RunList, RunPage},
    trial::Trial,
    ui::{Player, Toaster, Toasts, later},
};
use header::Header;
use leptos::{ev, prelude::*, task::spawn_local};
use offer::Offers;
use wasm_bindgen::JsCast;

/// What comes in from elsewhere, however often the panel is closed meanwhile.
#[derive(Clone, Copy)]
struct Outside {
    /// Bytes that are here, and of all.
    coming: RwSignal<Option<(f64, f64)>>,
}

impl Outside {
    fn here() -> Self {
        expect_context()
    }
}

/// The whole page.
#[component]
pub(crate) fn App() -> impl IntoView {
    let route = route::follow();
    let toaster = Toaster::provide();
    Player::provide(toaster);
    let link = Link::provide();
    Queue::provide(link);
    PickedDevice::provide();
    provide_context(Outside {
        coming: RwSignal::new(None),
    });
    let document = experiment::restore();
    provide_context(document);
    let rows = Recordings::restore();
    let place = Memo::new(move |_| route.with(Route::place));
    Effect::new(move || {
        leptos::prelude::document().set_title(&format!("{} – Voxtune", place.get()))
    });
    // The place comes in a task of its own, and so does what the editor's place must know of its text: together they would
    // take longer than a picture, and the header is seen sooner.
    let begun = RwSignal::new(false);
    spawn_local(async move {
        browser::turn().await;
        if route.get_untracked() == Route::Experiment {
            document.checked.with_untracked(|_| ());
            browser::turn().await;
        }
        begun.set(true);
    });
    let content = move || match route.get() {
        _ if !begun.get() => ().into_any(),
        Route::Data => view! { <Data rows document /> }.into_any(),
        Route::Runs => view! { <RunList /> }.into_any(),
        Route::Run(id) => view! { <RunPage id /> }.into_any(),
        Route::Try(id) => view! { <Trial id /> }.into_any(),
        Route::Results(ids) => view! { <Results ids /> }.into_any(),
        Route::Experiment => view! { <Experiment document /> }.into_any(),
    };
    view! {
        <a class="skip" href="#main" on:click=skip>"To the content"</a>
        <Header route />
        {later(2, || view! { <Offers /> }.into_any())}
        <main id="main" tabindex="-1">{content}</main>
        <Toasts toaster />
    }
}

/// The address's part behind `#` is the place, so that a link into the page must not change it.
fn skip(event: ev::MouseEvent) {
    event.prevent_default();
    if let Some(main) = document().get_element_by_id("main") {
        let _ = main.unchecked_into::<web_sys::HtmlElement>().focus();
    }
}
