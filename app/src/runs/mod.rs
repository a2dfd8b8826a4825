//! The third place: queue and history, and what a run says while it works.

mod come_over;
mod job;
mod list;
mod live;
mod queue;

pub(crate) use job::RunPage;
pub(crate) use list::{RunList, Unknown};
pub(crate) use queue::Queue;

use crate::{backend::Link, ui::Toaster};
use leptos::{prelude::*, task::spawn_local};
use shared::protocol::{JobState, MoveJob};

/// The sign and class of a state, beside its word.
pub(crate) fn badge(state: JobState) -> (&'static str, &'static str) {
    match state {
        JobState::Queued => ("◷", "waiting"),
        JobState::Running => ("▶", "running"),
        JobState::Cancelling => ("◌", "running"),
        JobState::Finished => ("✓", "good"),
        JobState::Cancelled => ("■", "ended"),
        JobState::Failed => ("✕", "bad"),
    }
}

/// A job's state as a word with its sign.
#[component]
pub(crate) fn Badge(#[prop(into)] state: Signal<JobState>) -> impl IntoView {
    view! {
        <span class=move || format!("badge {}", badge(state.get()).1)>
            <span aria-hidden="true">{move || badge(state.get()).0}</span>
            {move || state.get().word()}
        </span>
    }
}

/// What can be done to a job.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Action {
    Cancel,
    Resume,
    Delete,
}

/// Moves a job that waits by one place.
pub(crate) fn shift(id: String, up: bool) {
    let (link, toaster, queue) = (Link::here(), Toaster::here(), Queue::here());
    let waiting = queue.waiting();
    let Some(at) = waiting.iter().position(|own| *own == id) else {
        return;
    };
    // In front of the one before, or of the one behind the next; behind all there is none.
    let before = if up {
        at.checked_sub(1).and_then(|at| waiting.get(at))
    } else {
        waiting.get(at + 2)
    };
    if up && before.is_none() {
        return;
    }
    let place = MoveJob {
        before: before.cloned(),
        priority: None,
    };
    spawn_local(async move {
        match link.backend().move_job(&id, place).await {
            // The others have other places now, too.
            Ok(_) => queue.refresh(link),
            Err(trouble) => toaster.fail(trouble.to_string()),
        }
    });
}

/// Does it, and says what came of it.
pub(crate) fn act(action: Action, id: String, done: impl FnOnce() + 'static) {
    let (link, toaster, queue) = (Link::here(), Toaster::here(), Queue::here());
    spawn_local(async move {
        let backend = link.backend();
        let outcome = match action {
            Action::Cancel => backend.cancel(&id).await.map(Some),
            Action::Resume => backend.resume(&id).await.map(Some),
            Action::Delete => backend.delete(&id).await.map(|()| None),
        };
        match outcome {
            Ok(Some(job)) => {
                queue.put(job);
                done();
            }
            Ok(None) => {
                queue.remove(&id);
                toaster.say("The run and its files are deleted.");
                done();
            }
            Err(trouble) => toaster.fail(trouble.to_string()),
        }
    });
}
