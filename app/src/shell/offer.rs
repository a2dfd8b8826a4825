//! What was cut off with an earlier page, offered to be gone on with.

use super::{Route, go};
use crate::{
    backend::{Link, Place},
    runs::Queue,
    store,
    ui::Toaster,
};
use leptos::{prelude::*, task::spawn_local};
use shared::protocol::Job;

/// The runs of this tab that were cut off, until each is resumed or put off.
#[component]
pub(super) fn Offers() -> impl IntoView {
    let (link, queue) = (Link::here(), Queue::here());
    let found = RwSignal::new(Vec::<Job>::new());
    let declined = store::kept("not-resumed", Vec::<String>::new());
    Effect::new(move || {
        // Whatever happens to a run may have been that it was resumed or deleted.
        queue.jobs.track();
        spawn_local(async move {
            if let Ok(jobs) = link.tab().cut_off().await {
                let _ = found.try_set(jobs);
            }
        });
    });
    let offered = move || {
        let mut jobs = found.get();
        declined.with(|declined| jobs.retain(|job| !declined.contains(&job.id)));
        jobs
    };
    view! {
        <div class="offers" role="region" aria-label="Runs that were cut off">
            <For each=offered key=|job| job.id.clone() children=move |job| view! { <Offer job declined /> } />
        </div>
    }
}

#[component]
fn Offer(job: Job, declined: RwSignal<Vec<String>>) -> impl IntoView {
    let (link, queue, toaster) = (Link::here(), Queue::here(), Toaster::here());
    let id = StoredValue::new(job.id);
    let busy = RwSignal::new(false);
    let reached = match job.progress {
        Some(progress) => format!(
            ", in epoch {} of {}",
            (progress.epoch.floor() as u32 + 1).min(progress.epochs),
            progress.epochs
        ),
        None => String::new(),
    };
    let resume = move |_| {
        busy.set(true);
        spawn_local(async move {
            match link.tab().resume(&id.get_value()).await {
                Ok(job) => {
                    link.pick(Place::Tab);
                    let id = job.id.clone();
                    queue.put(job);
                    go(&Route::Run(id));
                }
                Err(trouble) => toaster.fail(trouble.to_string()),
            }
            let _ = busy.try_set(false);
        });
    };
    let decline = move |_| declined.update(|declined| declined.push(id.get_value()));
    view! {
        <div class="notice">
            <p>
                "The run "<strong>{job.name}</strong>{format!(" was cut off when its page was closed or loaded anew{reached}. It can go on from its last checkpoint.")}
            </p>
            <button type="button" class="primary" disabled=move || busy.get() on:click=resume>"Resume"</button>
            <button type="button" title="It stays among the runs, and can be resumed there" on:click=decline>"Not now"</button>
        </div>
    }
}
