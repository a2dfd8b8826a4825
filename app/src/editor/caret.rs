//! Where the caret is, and what is wrong there.

use super::position::to_byte;
use crate::document::Document;
use leptos::prelude::*;
use shared::config::span::LineIndex;

/// The line below the text.
#[component]
pub(super) fn Caret(document: Document, caret: RwSignal<u32>) -> impl IntoView {
    let place = Memo::new(move |_| {
        document
            .text
            .with(|text| LineIndex::new(text).position(text, to_byte(text, caret.get())))
    });
    let finding = move || {
        let line = place.get().line;
        document.findings(|findings| {
            let here = findings.iter().find(|finding| finding.start.line == line)?;
            let mends = here.fix.as_ref().is_some_and(|fix| !fix.edits.is_empty());
            let hint = if mends { " (Alt+Enter mends it)" } else { "" };
            Some(format!("{}: {}{hint}", here.severity.word(), here.message))
        })
    };
    view! {
        <footer class="bar caret">
            <p class="what" id="here">{finding}</p>
            <p>{move || format!("line {}, column {}", place.get().line, place.get().column)}</p>
            <p class="keys"><kbd>"F8"</kbd>" next problem"</p>
        </footer>
    }
}
