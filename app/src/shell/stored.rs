//! What this browser keeps for experiments to read: models and recordings, with their sizes, to begin with or to delete.

use super::models::begin_with;
use crate::{
    backend::{Link, Stored},
    experiment::Document,
    ui::{Toaster, bytes, isolated},
};
use leptos::{prelude::*, task::spawn_local};

/// The list, and the way to more.
#[component]
pub(super) fn StoredList() -> impl IntoView {
    let link = Link::here();
    let all = RwSignal::new(Vec::<Stored>::new());
    let look = move || {
        spawn_local(async move {
            if let Ok(found) = link.tab().stored().await {
                let _ = all.try_set(found);
            }
        });
    };
    look();
    keep::told(look);
    let item = |one| view! { <Item one /> };
    let none = || view! { <p class="hint">"No models and no recordings."</p> };
    view! {
        <h3>"Kept in this browser"</h3>
        {move || all.with(Vec::is_empty).then(none)}
        <ul id="stored">
            {move || all.get().into_iter().map(item).collect_view()}
        </ul>
        <a class="button small" href="./hub.html" target="_blank" rel="noopener">"Get one from the hub\u{2026}"</a>
    }
}

/// One of them.
#[component]
fn Item(one: Stored) -> impl IntoView {
    let (link, toaster) = (Link::here(), Toaster::here());
    let document = expect_context::<Document>();
    let asked = RwSignal::new(false);
    let (path, name) = (StoredValue::new(one.path), isolated(&one.name));
    let size = bytes(one.bytes);
    let kind = if one.is_model { "model" } else { "recordings" };
    let begin = one.is_model.then(|| {
        let begin = move |_| begin_with(document, toaster, &path.get_value());
        view! { <button type="button" class="small" data-model=path.get_value() on:click=begin>"Begin with it"</button> }
    });
    let delete = move |_| {
        // That it is gone the list hears as all others do.
        asked.set(false);
        spawn_local(async move {
            if let Err(trouble) = link.tab().remove_stored(&path.get_value()).await {
                toaster.fail(trouble.to_string());
            }
        });
    };
    let warning = match one.readers.as_slice() {
        [] => None,
        readers => Some(format!(
            "\u{25b2} Not finished, and reading it: {}. Without it they cannot go on.",
            readers
                .iter()
                .map(|name| isolated(name))
                .collect::<Vec<_>>()
                .join(", ")
        )),
    };
    let question = format!("Delete {name}, {size}, for good?");
    let label = format!("Delete {name}");
    let shown = name.clone();
    view! {
        <li data-path=path.get_value()>
            <p class="grow"><strong>{shown}</strong>" "<span class="soft">{kind}", "{size}</span></p>
            {begin}
            <button type="button" class="small" aria-label=label aria-expanded=move || asked.get().to_string() on:click=move |_| asked.update(|asked| *asked = !*asked)>"Delete\u{2026}"</button>
            {move || asked.get().then(|| view! {
                <div class="question" role="group" aria-label="Deleting">
                    <p>{question.clone()}</p>
                    {warning.clone().map(|text| view! { <p class="warning-text">{text}</p> })}
                    <button type="button" class="small danger" on:click=delete>"Delete for good"</button>
                    <button type="button" class="small" on:click=move |_| asked.set(false)>"Keep it"</button>
                </div>
            })}
        </li>
    }
}
