//! What differs from the newest run.

use super::{
    diff::{Change, lines},
    document::Document,
};
use crate::{backend::Link, runs::Queue, ui::Words};
use leptos::{prelude::*, task::spawn_local};

/// Lines around a change that are shown.
const AROUND: usize = 2;

/// The panel.
#[component]
pub(super) fn Changes(document: Document) -> impl IntoView {
    let (link, queue) = (Link::here(), Queue::here());
    let newest = Memo::new(move |_| queue.newest());
    let last = RwSignal::new(None::<Result<(String, String), String>>);
    Effect::new(move || {
        let Some(id) = newest.get() else { return };
        spawn_local(async move {
            let job = link.backend().job(&id).await;
            let found = job.map(|job| (job.name, job.text.unwrap_or_default()));
            let _ = last.try_set(Some(found.map_err(|trouble| trouble.to_string())));
        });
    });
    move || {
        match last.get() {
        None if newest.with(Option::is_none) => {
            view! { <p class="hint">"Here stands what you changed since the last run, as soon as there is one."</p> }.into_any()
        }
        None => view! { <p class="hint" role="status">"Asking for the last run…"</p> }.into_any(),
        Some(Err(error)) => view! { <p class="hint error-text"><Words text=error /></p> }.into_any(),
        Some(Ok((name, old))) => {
            let changes = document.text.with(|text| lines(&old, text));
            if changes.iter().all(|change| matches!(change, Change::Same(_))) {
                return view! { <p class="hint">"The same as the last run, "<strong>{name}</strong>"."</p> }.into_any();
            }
            let shown = shortened(&changes).into_iter().map(|change| match change {
                None => view! { <li class="more">"⋯"</li> }.into_any(),
                Some(Change::Same(line)) => view! { <li>"  "{line}</li> }.into_any(),
                Some(Change::Gone(line)) => view! { <li class="gone"><span class="unseen">"taken out: "</span>"- "{line}</li> }.into_any(),
                Some(Change::New(line)) => view! { <li class="new"><span class="unseen">"new: "</span>"+ "{line}</li> }.into_any(),
            });
            view! {
                <div>
                    <div class="bar"><p class="soft grow">"Since the last run, "<strong>{name}</strong></p></div>
                    <ol class="scroll changes" tabindex="0" aria-label="Changes since the last run">{shown.collect_view()}</ol>
                </div>
            }
            .into_any()
        }
    }
    }
}

/// The changes with some lines around; `None` is a gap.
fn shortened(changes: &[Change]) -> Vec<Option<Change>> {
    let near = |at: usize| {
        let from = at.saturating_sub(AROUND);
        let to = (at + AROUND + 1).min(changes.len());
        changes[from..to]
            .iter()
            .any(|change| !matches!(change, Change::Same(_)))
    };
    let mut shown: Vec<Option<Change>> = Vec::new();
    for (at, change) in changes.iter().enumerate() {
        if near(at) {
            shown.push(Some(change.clone()));
        } else if !matches!(shown.last(), Some(None)) {
            shown.push(None);
        }
    }
    shown
}
