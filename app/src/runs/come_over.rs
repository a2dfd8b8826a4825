//! The button by which a run of the runner goes on in this tab.

use super::Queue;
use crate::{
    backend::{Carrying, Link, Place, come_over},
    shell::{PickedDevice, Route, go},
    ui::{Toaster, bytes},
};
use leptos::{prelude::*, task::spawn_local};
use shared::protocol::JobState;
use std::rc::Rc;

/// The button, where the run has ended early.
#[component]
pub(super) fn ComeOver(id: StoredValue<String>, state: Signal<JobState>) -> impl IntoView {
    let (link, toaster, queue) = (Link::here(), Toaster::here(), Queue::here());
    let device = PickedDevice::here();
    let carried = RwSignal::new(None::<(f64, f64)>);
    let come = move |_| {
        carried.set(Some((0.0, 0.0)));
        let told: Carrying = Rc::new(move |done, all| {
            let _ = carried.try_set(Some((done, all)));
        });
        spawn_local(async move {
            let (runner, tab) = (link.runner(), link.tab());
            let id = id.get_value();
            match come_over(&*runner, &*tab, &id, device.in_tab(), told).await {
                Ok(job) => {
                    toaster.say("It goes on in this tab. What is on the runner stays.");
                    link.pick(Place::Tab);
                    let id = job.id.clone();
                    queue.put(job);
                    go(&Route::Run(id));
                }
                Err(trouble) => toaster.fail(trouble.to_string()),
            }
            let _ = carried.try_set(None);
        });
    };
    let is_there = move || {
        link.place.get() == Place::Runner
            && matches!(state.get(), JobState::Cancelled | JobState::Failed)
    };
    view! {
        <Show when=is_there>
            <button type="button" id="come-over" title="Recordings, model and checkpoints are fetched into this browser" disabled=move || carried.with(Option::is_some) on:click=come>
                {move || match carried.get() {
                    Some((done, all)) => format!("{} of {}", bytes(done as u64), bytes(all as u64)),
                    None => "Continue in this tab".to_owned(),
                }}
            </button>
        </Show>
    }
}
