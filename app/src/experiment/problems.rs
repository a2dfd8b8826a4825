//! What the checker found.

use super::document::Document;
use crate::ui::Words;
use leptos::prelude::*;
use shared::config::diagnostics::{Diagnostic, Fix, Severity};

/// The list of findings; each goes to its place, and some can be mended here.
#[component]
pub(super) fn Problems(document: Document) -> impl IntoView {
    let items = move || {
        document.findings(|findings| {
            let item = |finding: &Diagnostic| view! { <Item document finding=finding.clone() /> };
            findings.iter().map(item).collect_view()
        })
    };
    view! {
        <section class="panel problems" aria-labelledby="problems-title" data-check-ms=move || format!("{:.2}", document.check_time.get())>
            <div class="bar">
                <h2 id="problems-title">"Problems"</h2>
                <p id="counts" class="soft" role="status">{move || document.findings(counts)}</p>
            </div>
            <ol class="scroll">{items}</ol>
            <Show when=move || document.findings(<[_]>::is_empty)>
                <p class="hint">"A complete experiment. In the text, Ctrl+Space completes sections, keys and values, and the pointer over a key says what it does."</p>
            </Show>
        </section>
    }
}

#[component]
fn Item(document: Document, finding: Diagnostic) -> impl IntoView {
    let severity = finding.severity;
    let place = format!("{}:{}", finding.start.line, finding.start.column);
    let (code, message, span) = (finding.code.word(), finding.message.clone(), finding.span);
    let advice = finding
        .fix
        .clone()
        .map(|fix| view! { <Advice document fix /> });
    view! {
        <li class=severity.word()>
            <button type="button" class="jump" on:click=move |_| document.reveal(span)>
                <span class="severity">
                    <span class="sign" aria-hidden="true">{sign(severity)}</span>
                    {severity.word()}
                </span>
                <span class="place">{place}</span>
                <span class="code">{code}</span>
                <span class="message"><Words text=message /></span>
            </button>
            {advice}
        </li>
    }
}

/// What to do: a button where the page can do it.
#[component]
fn Advice(document: Document, fix: Fix) -> impl IntoView {
    let message = fix.message.clone();
    if fix.edits.is_empty() {
        return view! { <p class="advice"><Words text=message /></p> }.into_any();
    }
    let apply = move |_| document.apply(&fix.edits);
    view! { <button type="button" class="fix" on:click=apply><Words text=message /></button> }
        .into_any()
}

/// The sign that stands for a severity beside its word and colour.
fn sign(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "✕",
        Severity::Warning => "▲",
        Severity::Info => "●",
    }
}

/// How many there are of each severity, in words.
pub(super) fn counts(findings: &[Diagnostic]) -> String {
    let count = |(severity, one, many): (Severity, &str, &str)| {
        let n = findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count();
        (n > 0).then(|| format!("{n} {}", if n == 1 { one } else { many }))
    };
    let names = [
        (Severity::Error, "error", "errors"),
        (Severity::Warning, "warning", "warnings"),
        (Severity::Info, "info", "infos"),
    ];
    let counts: Vec<String> = names.into_iter().filter_map(count).collect();
    if counts.is_empty() {
        "none".to_owned()
    } else {
        counts.join(", ")
    }
}
