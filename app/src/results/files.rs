//! What a run left behind, to take away.

use super::Look;
use crate::{
    backend::Link,
    ui::{bytes, clock},
};
use leptos::prelude::*;
use shared::protocol::{Artefact, ArtefactKind};

/// The kinds in the order in which one looks for them.
const KINDS: [(ArtefactKind, &str); 8] = [
    (ArtefactKind::Model, "Model"),
    (ArtefactKind::Plot, "Plots"),
    (ArtefactKind::Table, "Tables"),
    (ArtefactKind::Record, "Records"),
    (ArtefactKind::Text, "Texts"),
    (ArtefactKind::Experiment, "Experiment"),
    (ArtefactKind::Log, "Logs"),
    (ArtefactKind::Other, "Others"),
];

/// The list.
#[component]
pub(super) fn Files(look: Look) -> impl IntoView {
    let backend = Link::here().backend();
    let id = look.id.get_value();
    let files = look.found.with_value(|found| found.files.clone());
    let group = |(kind, title): (ArtefactKind, &'static str)| {
        let row = |file: &Artefact| {
            let address = backend.file_address(&id, &file.path);
            let name = file
                .path
                .rsplit('/')
                .next()
                .unwrap_or(&file.path)
                .to_owned();
            view! {
                <tr>
                    <td><a href=address download=name>{file.path.clone()}</a></td>
                    <td class="number soft">{bytes(file.size)}</td>
                    <td class="soft">{file.modified.as_deref().map(clock)}</td>
                </tr>
            }
        };
        let rows: Vec<_> = files
            .iter()
            .filter(|file| file.kind == kind)
            .map(row)
            .collect();
        (!rows.is_empty()).then(|| view! { <tbody><tr class="group"><th scope="rowgroup" colspan="3">{title}</th></tr>{rows}</tbody> })
    };
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Files of the run">
            <table class="dense files">
                <thead><tr><th scope="col">"File"</th><th scope="col" class="number">"Size"</th><th scope="col">"Changed"</th></tr></thead>
                {KINDS.map(group).collect_view()}
            </table>
        </div>
    }
}
