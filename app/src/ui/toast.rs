//! Short messages at the edge of the page.

use super::{Icon, Shape, Words};
use leptos::prelude::*;

/// How long a message that is no error stays, in milliseconds.
const STAY: u32 = 6000;

#[derive(Clone)]
struct Toast {
    id: usize,
    error: bool,
    text: String,
}

/// Where messages are put.
#[derive(Clone, Copy)]
pub(crate) struct Toaster {
    toasts: RwSignal<Vec<Toast>>,
    next: StoredValue<usize>,
}

impl Toaster {
    /// Makes the page's one, for [`Toaster::here`] everywhere below.
    pub(crate) fn provide() -> Self {
        let toaster = Self {
            toasts: RwSignal::new(Vec::new()),
            next: StoredValue::new(0),
        };
        provide_context(toaster);
        toaster
    }

    /// The page's one.
    pub(crate) fn here() -> Self {
        expect_context()
    }

    /// Says that something was done; goes away by itself.
    pub(crate) fn say(self, text: impl Into<String>) {
        let id = self.push(false, text.into());
        gloo::timers::callback::Timeout::new(STAY, move || self.close(id)).forget();
    }

    /// Says what went wrong, and to what; stays until it is closed.
    pub(crate) fn fail(self, text: impl Into<String>) {
        self.push(true, text.into());
    }

    fn push(self, error: bool, text: String) -> usize {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.toasts.update(|toasts| {
            toasts.retain(|toast| toast.text != text);
            toasts.push(Toast { id, error, text });
        });
        id
    }

    fn close(self, id: usize) {
        self.toasts
            .update(|toasts| toasts.retain(|toast| toast.id != id));
    }
}

/// The messages that there are.
#[component]
pub(crate) fn Toasts(toaster: Toaster) -> impl IntoView {
    let item = move |toast: Toast| {
        let id = toast.id;
        view! {
            <li class="toast" class:error=toast.error>
                <p><Words text=toast.text /></p>
                <button type="button" class="quiet" aria-label="Close this message" on:click=move |_| toaster.close(id)>
                    <Icon shape=Shape::Close />
                </button>
            </li>
        }
    };
    view! {
        <div role="status" aria-live="polite">
            <ol class="toasts" aria-label="Messages">
                <For each=move || toaster.toasts.get() key=|toast| toast.id children=item />
            </ol>
        </div>
    }
}
