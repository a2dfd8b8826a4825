//! Several panels in one place.

use leptos::{ev, prelude::*};
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// One of the panels.
#[derive(Clone)]
pub(crate) struct Tab {
    name: &'static str,
    content: Arc<dyn Fn() -> AnyView + Send + Sync>,
}

impl Tab {
    /// A panel with its name.
    pub(crate) fn new<V: IntoView + 'static>(
        name: &'static str,
        content: impl Fn() -> V + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            content: Arc::new(move || content().into_any()),
        }
    }
}

/// Panels of which one is shown: arrow keys go from one to the next.
#[component]
pub(crate) fn Tabs(
    /// What the group is called.
    #[prop(into)]
    label: String,
    /// The panels.
    tabs: Vec<Tab>,
    /// The name of the one that is shown.
    chosen: RwSignal<String>,
) -> impl IntoView {
    let names: Vec<&'static str> = tabs.iter().map(|tab| tab.name).collect();
    let first = names.first().copied().unwrap_or_default();
    let known = names.clone();
    let current = Memo::new(move |_| {
        let chosen = chosen.get();
        known
            .iter()
            .copied()
            .find(|name| *name == chosen)
            .unwrap_or(first)
    });
    let keys = move |event: ev::KeyboardEvent| {
        let at = names
            .iter()
            .position(|name| *name == current.get_untracked())
            .unwrap_or(0);
        let next = match event.key().as_str() {
            "ArrowRight" => (at + 1) % names.len(),
            "ArrowLeft" => (at + names.len() - 1) % names.len(),
            "Home" => 0,
            "End" => names.len() - 1,
            _ => return,
        };
        event.prevent_default();
        chosen.set(names[next].to_owned());
        let button = document().get_element_by_id(&id("tab", names[next]));
        if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
            let _ = button.focus();
        }
    };
    let buttons = tabs.iter().map(|tab| tab.name).map(|name| {
        let here = move || current.get() == name;
        view! {
            <button
                type="button"
                role="tab"
                id=id("tab", name)
                aria-controls=id("panel", name)
                aria-selected=move || here().to_string()
                tabindex=move || if here() { "0" } else { "-1" }
                on:click=move |_| chosen.set(name.to_owned())
            >
                {name}
            </button>
        }
    });
    let buttons = buttons.collect_view();
    let panel = move || {
        let name = current.get();
        let content = tabs
            .iter()
            .find(|tab| tab.name == name)
            .map(|tab| (tab.content)());
        view! { <div role="tabpanel" class="tabpanel" id=id("panel", name) aria-labelledby=id("tab", name)>{content}</div> }
    };
    view! {
        <section class="panel tabs" aria-label=label>
            <div class="bar tablist" role="tablist" aria-label="Panels" on:keydown=keys>{buttons}</div>
            {panel}
        </section>
    }
}

fn id(kind: &str, name: &str) -> String {
    format!("{kind}-{}", name.to_lowercase().replace(' ', "-"))
}
