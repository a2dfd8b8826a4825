//! Name and version.

use leptos::prelude::*;

/// What this page is.
#[component]
pub(crate) fn Header() -> impl IntoView {
    view! {
        <header class="bar top">
            <img src="./icon.svg" alt="" width="24" height="24" />
            <h1>"Voxtune " <small id="version">{env!("CARGO_PKG_VERSION")}</small></h1>
            <p class="what">
                "Checks the text of an experiment while you type, with the same checker as "
                <code>"voxtune check"</code>
                ". Nothing leaves this page."
            </p>
        </header>
    }
}
