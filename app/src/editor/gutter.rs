//! Line numbers, with a mark on lines that have a finding.

use crate::document::{Document, sign};
use leptos::{html, prelude::*};
use shared::config::diagnostics::Severity;

/// The column beside the text. It scrolls with it, and says nothing that the list of problems
/// doesn't say too.
#[component]
pub(super) fn Gutter(document: Document, node: NodeRef<html::Div>) -> impl IntoView {
    let lines = Memo::new(move |_| {
        let count = document.text.with(|text| text.split('\n').count());
        let mut lines: Vec<(usize, Option<Severity>)> =
            (1..=count).map(|line| (line, None)).collect();
        document.findings(|findings| {
            for finding in findings {
                if let Some((_, worst)) = lines.get_mut(finding.start.line - 1) {
                    *worst =
                        Some(worst.map_or(finding.severity, |worst| worst.min(finding.severity)));
                }
            }
        });
        lines
    });
    view! {
        <div class="gutter" aria-hidden="true" node_ref=node>
            <For each=move || lines.get() key=|line| *line let((number, worst))>
                <div class=worst.map(Severity::word)>
                    <span class="sign">{worst.map(sign)}</span>
                    {number}
                </div>
            </For>
        </div>
    }
}
