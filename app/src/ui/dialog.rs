//! A window over the page.

use super::{Icon, Shape};
use leptos::{html, prelude::*};

/// A modal window with a title, which Escape and its own button close.
#[component]
pub(crate) fn Dialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// What it is about.
    #[prop(into)]
    title: String,
    /// Its content, made each time that it is opened.
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let Some(dialog) = node.get() else { return };
        if open.get() && !dialog.open() {
            let _ = dialog.show_modal();
        } else if !open.get() && dialog.open() {
            dialog.close();
        }
    });
    let id = format!("dialog-{}", title.to_lowercase().replace(' ', "-"));
    let heading = id.clone();
    view! {
        <dialog node_ref=node aria-labelledby=id on:close=move |_| open.set(false)>
            <div class="bar">
                <h2 id=heading class="grow">{title}</h2>
                <button type="button" class="quiet" aria-label="Close" on:click=move |_| open.set(false)>
                    <Icon shape=Shape::Close />
                </button>
            </div>
            <div class="dialog-body">{move || open.get().then(|| children())}</div>
        </dialog>
    }
}
