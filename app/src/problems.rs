//! What the checker found.

use crate::{
    document::{Document, sign},
    editor,
};
use leptos::{html, prelude::*};
use shared::config::diagnostics::{Diagnostic, Fix, Severity};

/// The list of findings; each goes to its place, and some can be mended here.
#[component]
pub(crate) fn Problems(document: Document, field: NodeRef<html::Textarea>) -> impl IntoView {
    let complete = move || {
        document.findings(|findings| !findings.iter().any(|it| it.severity == Severity::Error))
    };
    let items = move || {
        document.findings(|findings| {
            let item =
                |finding: &Diagnostic| view! { <Item document field finding=finding.clone() /> };
            findings.iter().map(item).collect_view()
        })
    };
    view! {
        <section class="problems" aria-labelledby="problems-title">
            <div class="bar">
                <h2 id="problems-title">"Problems"</h2>
                <p id="counts" class="what" role="status">{move || document.findings(counts)}</p>
            </div>
            <ol>{items}</ol>
            <Show when=complete>
                <p class="empty">
                    "This is a complete experiment. Whether its files are there, "
                    <code>"voxtune check"</code>
                    " says on the machine that has them."
                </p>
            </Show>
        </section>
    }
}

#[component]
fn Item(document: Document, field: NodeRef<html::Textarea>, finding: Diagnostic) -> impl IntoView {
    let severity = finding.severity;
    let place = format!("{}:{}", finding.start.line, finding.start.column);
    let (code, message) = (finding.code.word(), words(&finding.message));
    let advice = finding
        .fix
        .clone()
        .map(|fix| view! { <Advice document field fix /> });
    let jump = move |_| {
        if let Some(field) = field.get_untracked() {
            editor::reveal(document, &field, &finding);
        }
    };
    view! {
        <li class=severity.word()>
            <button type="button" class="jump" on:click=jump>
                <span class="severity">
                    <span class="sign" aria-hidden="true">{sign(severity)}</span>
                    {severity.word()}
                </span>
                <span class="place">{place}</span>
                <span class="code">{code}</span>
                <span class="message">{message}</span>
            </button>
            {advice}
        </li>
    }
}

/// What to do: a button where the page can do it.
#[component]
fn Advice(document: Document, field: NodeRef<html::Textarea>, fix: Fix) -> impl IntoView {
    let message = words(&fix.message);
    if fix.edits.is_empty() {
        return view! { <p class="advice">{message}</p> }.into_any();
    }
    let apply = move |_| {
        if let Some(field) = field.get_untracked() {
            editor::apply(document, &field, &fix);
        }
    };
    view! { <button type="button" class="fix" on:click=apply>{message}</button> }.into_any()
}

/// A message, with what stands in backquotes set as code.
fn words(message: &str) -> impl IntoView + use<> {
    let part = |(i, part): (usize, &str)| {
        let part = part.to_owned();
        if i % 2 == 1 {
            view! { <code>{part}</code> }.into_any()
        } else {
            part.into_any()
        }
    };
    message.split('`').enumerate().map(part).collect_view()
}

/// How many there are of each severity, in words.
fn counts(findings: &[Diagnostic]) -> String {
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
