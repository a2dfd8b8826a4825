//! The first place: the text of an experiment, with all that can be known of it before it runs.

mod bar;
mod changes;
mod diff;
mod document;
mod form;
mod outlook;
mod position;
mod problems;
mod seen;
mod settings;
mod templates;
mod train;
mod view;

pub(crate) use document::Document;

use crate::{
    browser, store,
    ui::{Tab, Tabs, Toaster, later},
};
use bar::Bar;
use changes::Changes;
use form::Form;
use leptos::{ev, html, prelude::*, task::spawn_local};
use outlook::Preview;
use problems::Problems;
use settings::Settings;
use templates::Templates;
use train::{Train, Trainer};
use view::View;
use wasm_bindgen_futures::JsFuture;

/// The experiment that was open, or the demo.
pub(crate) fn restore() -> Document {
    let (name, text) = templates::first();
    Document::restore(name, &text)
}

/// The place.
#[component]
pub(crate) fn Experiment(document: Document) -> impl IntoView {
    let templates = RwSignal::new(false);
    let caret = RwSignal::new((1, 1));
    let host = NodeRef::<html::Div>::new();
    let over = RwSignal::new(false);
    let chosen = store::kept("experiment-tab", "Form".to_owned());

    let toaster = Toaster::here();
    let trainer = Trainer::new(document);
    let ready = RwSignal::new(false);
    Effect::new(move || {
        let Some(host) = host.get() else { return };
        spawn_local(async move {
            // A task of its own: beside the rest of the place it would take longer than a picture.
            browser::turn().await;
            let train = move || trainer.start();
            let furnished = match View::new(&host, document, caret, Document::download, train).await
            {
                Ok(Some(view)) => {
                    let furnished = view.furnish();
                    document.attach(Some(view));
                    JsFuture::from(furnished).await
                }
                Ok(None) => return,
                Err(error) => Err(error),
            };
            match furnished {
                Ok(_) => {
                    browser::turn().await;
                    let _ = ready.try_set(true);
                }
                Err(error) => toaster.fail(format!(
                    "The text editor did not come: {}. Load the page anew.",
                    between::words(&error)
                )),
            }
        });
    });
    Effect::new(move || {
        if !ready.get() {
            return;
        }
        let text = document
            .checked
            .with(|checked| checked.document.text().to_owned());
        document.findings(|findings| {
            document.with_view(|view| view.diagnose(&text, findings));
        });
    });
    seen::ask(document);
    on_cleanup(move || document.attach(None));

    let dropped = move |event: ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        bar::open(
            document,
            event.data_transfer().and_then(|data| data.files()),
        );
    };
    let dragged = move |event: ev::DragEvent| {
        event.prevent_default();
        over.set(true);
    };
    let tabs = vec![
        Tab::new("Form", move || view! { <Form document /> }),
        Tab::new("In effect", move || view! { <Settings document /> }),
        Tab::new("Preview", move || view! { <Preview document /> }),
        Tab::new("Changes", move || view! { <Changes document /> }),
    ];
    view! {
        <div class="place experiment">
            <section
                class="panel text"
                class:over=move || over.get()
                aria-label="Experiment"
                on:drop=dropped
                on:dragover=dragged
                on:dragleave=move |_| over.set(false)
            >
                <Bar document templates><Train trainer /></Bar>
                <div class="editor" node_ref=host></div>
                <footer class="bar foot">
                    <p id="here" class="soft">{move || { let (line, column) = caret.get(); format!("Line {line}, column {column}") }}</p>
                    <p class="soft keys">
                        <kbd>"Ctrl+Space"</kbd>" completes, "<kbd>"F8"</kbd>" next problem, "<kbd>"Alt+Enter"</kbd>" mends it, "<kbd>"Ctrl+F"</kbd>" finds"
                    </p>
                </footer>
            </section>
            <div class="side">
                {later(1, move || view! { <Problems document /> }.into_any())}
                {later(2, move || view! { <Tabs label="About the experiment" tabs=tabs.clone() chosen /> }.into_any())}
            </div>
            {later(3, move || view! { <Templates document open=templates /> }.into_any())}
        </div>
    }
}
