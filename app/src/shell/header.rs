//! Name, places, and where training runs.

use super::{Route, place::Where};
use crate::ui::{Icon, Shape, later};
use leptos::prelude::*;

/// The strip at the top; in narrow windows the places are at the bottom.
#[component]
pub(super) fn Header(route: RwSignal<Route>) -> impl IntoView {
    let link = move |(to, shape): (Route, Shape)| {
        let (name, href) = (to.place(), to.href());
        let here = move || route.with(Route::place) == name;
        view! {
            <a href=href aria-current=move || here().then_some("page")>
                <Icon shape />
                <span>{name}</span>
            </a>
        }
    };
    let places = [
        (Route::Experiment, Shape::Experiment),
        (Route::Data, Shape::Data),
        (Route::Runs, Shape::Runs),
        (Route::Results(Vec::new()), Shape::Results),
        (Route::Try(None), Shape::Try),
    ];
    view! {
        <header class="top">
            <img src="./icon.svg" alt="" width="24" height="24" />
            <h1>"Voxtune " <small id="version">{env!("CARGO_PKG_VERSION")}</small></h1>
            <nav aria-label="Places">{places.into_iter().map(link).collect_view()}</nav>
            {later(1, || view! { <Where /> }.into_any())}
        </header>
    }
}
