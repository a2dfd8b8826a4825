//! What holds in the end: every key with its value and where that comes from.

use super::document::Document;
use leptos::prelude::*;
use shared::config::{Origin, Setting};

/// The table of effective settings.
#[component]
pub(super) fn Settings(document: Document) -> impl IntoView {
    let all = RwSignal::new(false);
    let shown = Memo::new(move |_| {
        let all = all.get();
        document
            .checked
            .with(|checked| sections(&checked.settings, all))
    });
    let bodies = move || {
        let body = |(name, settings)| view! { <Section name settings /> };
        shown.get().into_iter().map(body).collect_view()
    };
    view! {
        <div class="settings">
            <div class="bar">
                <p class="soft grow">"What a run would use, and where each value comes from."</p>
                <label class="choice"><input id="defaults" type="checkbox" bind:checked=all />"with defaults"</label>
            </div>
            <div class="scroll" tabindex="0" role="region" aria-label="Settings in effect">
                <table class="dense">
                    <thead><tr><th scope="col">"Key"</th><th scope="col">"Value"</th><th scope="col">"From"</th></tr></thead>
                    {bodies}
                </table>
            </div>
        </div>
    }
}

#[component]
fn Section(name: String, settings: Vec<Setting>) -> impl IntoView {
    view! {
        <tbody>
            <tr class="group"><th scope="rowgroup" colspan="3">{format!("[{name}]")}</th></tr>
            {settings.into_iter().map(|setting| view! { <Row setting /> }).collect_view()}
        </tbody>
    }
}

#[component]
fn Row(setting: Setting) -> impl IntoView {
    view! {
        <tr class:default=setting.origin == Origin::Default>
            <td class="key">{setting.key}</td>
            <td class="value">{setting.value}</td>
            <td class="from">{from(setting.origin)}</td>
        </tr>
    }
}

/// Where a value comes from, in a word.
pub(super) fn from(origin: Origin) -> &'static str {
    match origin {
        Origin::File => "file",
        Origin::Default => "default",
        Origin::Alias => "other name",
        Origin::Roots => "root_folders",
    }
}

/// Settings by section, in their order.
fn sections(settings: &[Setting], with_defaults: bool) -> Vec<(String, Vec<Setting>)> {
    let mut sections: Vec<(String, Vec<Setting>)> = Vec::new();
    for setting in settings
        .iter()
        .filter(|setting| with_defaults || setting.origin != Origin::Default)
    {
        match sections
            .iter_mut()
            .find(|(name, _)| *name == setting.section)
        {
            Some((_, settings)) => settings.push(setting.clone()),
            None => sections.push((setting.section.clone(), vec![setting.clone()])),
        }
    }
    sections
}
