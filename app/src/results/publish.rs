//! Bringing a model to the hub.

use super::Look;
use crate::{
    backend::{Link, State},
    shell::{Route, go},
    ui::{Dialog, Toaster, Words},
};
use leptos::{ev, prelude::*, task::spawn_local};
use shared::{config::HubModel, protocol::PublishRequest};

/// The button and its window.
#[component]
pub(super) fn Publish(look: Look) -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <button type="button" class="small" on:click=move |_| open.set(true)>"Publish…"</button>
        <Dialog open title="Publish the model"><Order look open /></Dialog>
    }
}

#[component]
fn Order(look: Look, open: RwSignal<bool>) -> impl IntoView {
    let (link, toaster) = (Link::here(), Toaster::here());
    let (to, public, busy) = (
        RwSignal::new(String::new()),
        RwSignal::new(false),
        RwSignal::new(false),
    );
    let wrong = RwSignal::new(None::<String>);
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let name = to.get_untracked().trim().to_owned();
        if let Err(error) = HubModel::parse(&name) {
            wrong.set(Some(error.to_string()));
            return;
        }
        busy.set(true);
        wrong.set(None);
        let request = PublishRequest {
            to: name,
            public: public.get_untracked(),
            run: look.record().map(|record| record.run),
        };
        let id = look.id.get_value();
        spawn_local(async move {
            match link.backend().publish(&id, request).await {
                Ok(publication) => {
                    toaster.say(format!(
                        "`{}` is on its way. The run's course tells when it is there.",
                        publication.to
                    ));
                    let _ = open.try_set(false);
                    go(&Route::Run(id));
                }
                Err(trouble) => {
                    let _ = wrong.try_set(Some(trouble.to_string()));
                }
            }
            let _ = busy.try_set(false);
        });
    };
    let can = move || {
        link.state
            .with(|state| matches!(state, State::Here(session, _) if session.can_publish))
    };
    move || {
        if !can() {
            return view! {
                <p>"The runner has no token for the hub. On the machine that trains, make one at the hub (it must be allowed to write), then:"</p>
                <pre class="source">"HF_TOKEN=hf_... voxtune serve"</pre>
                <p class="soft">"Its model folder can be downloaded under Files without one."</p>
            }
            .into_any();
        }
        view! {
            <form class="token" on:submit=send>
                <p>"Model, card and settings are uploaded by the runner, with its own token. Recordings are not."</p>
                <label class="soft" for="publish-to">"Repository, as owner/name"</label>
                <input id="publish-to" type="text" autocomplete="off" spellcheck="false" bind:value=to />
                <label class="choice"><input type="checkbox" bind:checked=public />"everybody may see it"</label>
                {move || wrong.get().map(|text| view! { <p class="error-text" role="alert"><Words text /></p> })}
                <button type="submit" class="primary" disabled=move || busy.get()>"Publish"</button>
            </form>
        }
        .into_any()
    }
}
