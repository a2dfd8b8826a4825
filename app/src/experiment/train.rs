//! From the text to a run.

use super::document::Document;
use crate::{
    backend::{Link, Place, State},
    runs::Queue,
    shell::{PickedDevice, Route, go},
    ui::Toaster,
};
use leptos::{prelude::*, task::spawn_local};
use shared::protocol::{CreateJob, ProblemKind};

/// What is needed to start a run.
#[derive(Clone, Copy)]
pub(super) struct Trainer {
    document: Document,
    link: Link,
    queue: Queue,
    device: PickedDevice,
    toaster: Toaster,
    /// Whether a request is on its way.
    busy: RwSignal<bool>,
}

impl Trainer {
    pub(super) fn new(document: Document) -> Self {
        Self {
            document,
            link: Link::here(),
            queue: Queue::here(),
            device: PickedDevice::here(),
            toaster: Toaster::here(),
            busy: RwSignal::new(false),
        }
    }

    /// Why it can't be trained now.
    pub(super) fn obstacle(self) -> Option<&'static str> {
        match self.link.state.get() {
            _ if !self.document.is_complete() => {
                Some("The experiment has errors: mend them first.")
            }
            State::Here(..) => None,
            State::Asking => Some("Looking for a runner."),
            State::Locked => Some("The runner wants a token: see at the top."),
            State::Lost => Some("The runner does not answer."),
            State::None => Some("There is no runner behind this page: `voxtune serve` starts one."),
        }
    }

    /// Queues a run of the text as it is, and shows it.
    pub(super) fn start(self) {
        if self.busy.get_untracked() {
            return;
        }
        if let Some(obstacle) = untrack(|| self.obstacle()) {
            self.toaster.fail(obstacle);
            return;
        }
        self.busy.set(true);
        let device = self.device.now(self.link);
        let job = CreateJob {
            text: self.document.text.get_untracked(),
            device,
            ..CreateJob::default()
        };
        spawn_local(async move {
            match self.link.backend().train(job).await {
                Ok(job) => {
                    let id = job.id.clone();
                    self.queue.put(job);
                    go(&Route::Run(id));
                }
                Err(trouble) => {
                    if trouble.kind() == Some(ProblemKind::Unavailable)
                        && self.link.place.get_untracked() == Place::Tab
                    {
                        self.device.ask();
                    }
                    self.toaster.fail(trouble.to_string());
                }
            }
            let _ = self.busy.try_set(false);
        });
    }
}

/// The button.
#[component]
pub(super) fn Train(trainer: Trainer) -> impl IntoView {
    let why = move || {
        trainer
            .obstacle()
            .unwrap_or("Queue a run of this experiment (Ctrl+Enter)")
            .replace('`', "")
    };
    view! {
        <button
            type="button"
            id="train"
            class="primary"
            aria-disabled=move || trainer.obstacle().is_some().to_string()
            class:off=move || trainer.obstacle().is_some()
            disabled=move || trainer.busy.get()
            title=why
            on:click=move |_| trainer.start()
        >
            "Train"
        </button>
    }
}
