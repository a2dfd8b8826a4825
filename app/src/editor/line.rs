//! The coloured copy behind the text field.

use crate::document::Document;
use leptos::{html, prelude::*};
use shared::config::{Checked, diagnostics::Severity, span::Span};

/// What a stretch of a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Comment,
    Section,
    Key,
    Value,
    /// Delimiters, white space, and what can't be read.
    Other,
}

impl Kind {
    fn class(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Section => "section",
            Self::Key => "key",
            Self::Value => "value",
            Self::Other => "other",
        }
    }
}

/// A stretch of a line that is drawn in one way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Piece {
    text: String,
    kind: Kind,
    mark: Option<Severity>,
}

/// The text once more, coloured and marked; the text field over it has transparent letters.
#[component]
pub(super) fn Copy(document: Document, node: NodeRef<html::Pre>) -> impl IntoView {
    let lines = Memo::new(move |_| {
        document
            .text
            .with(|text| document.checked.with(|checked| paint(text, checked)))
    });
    // Only lines that changed are made anew.
    let numbered = move || lines.get().into_iter().enumerate().collect::<Vec<_>>();
    view! {
        <pre class="behind" aria-hidden="true" node_ref=node>
            <For each=numbered key=|line| line.clone() let((_, pieces))>
                <div>
                    {pieces.into_iter().map(|piece| view! { <Painted piece /> }).collect_view()}
                    // Gives an empty line its height.
                    "\n"
                </div>
            </For>
        </pre>
    }
}

#[component]
fn Painted(piece: Piece) -> impl IntoView {
    let class = piece.kind.class();
    match piece.mark {
        Some(severity) => {
            view! { <mark class=format!("{class} {}", severity.word())>{piece.text}</mark> }
                .into_any()
        }
        None => view! { <span class=class>{piece.text}</span> }.into_any(),
    }
}

/// The lines of `text` in pieces.
fn paint(text: &str, checked: &Checked) -> Vec<Vec<Piece>> {
    let kinds = kinds(checked);
    let marks: Vec<(Span, Severity)> = checked
        .diagnostics
        .iter()
        .map(|finding| (finding.span, finding.severity))
        .collect();
    let mut lines = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        let span = Span::new(start, start + line.len());
        let marks = within(&marks, span);
        lines.push(if line.trim_start().starts_with(['#', ';']) {
            pieces(text, span, &[(span, Kind::Comment)], &marks)
        } else {
            pieces(text, span, &within(&kinds, span), &marks)
        });
        start = span.end + 1;
    }
    lines
}

/// Those stretches that lie in `line`, cut to it.
fn within<T: Copy>(stretches: &[(Span, T)], line: Span) -> Vec<(Span, T)> {
    let cut = |(span, what): &(Span, T)| {
        (
            Span::new(span.start.max(line.start), span.end.min(line.end)),
            *what,
        )
    };
    stretches
        .iter()
        .filter(|(span, _)| span.start < line.end && span.end > line.start)
        .map(cut)
        .collect()
}

/// Cuts a line where its kind or its marks change.
fn pieces(
    text: &str,
    line: Span,
    kinds: &[(Span, Kind)],
    marks: &[(Span, Severity)],
) -> Vec<Piece> {
    let mut cuts = vec![line.start, line.end];
    cuts.extend(kinds.iter().flat_map(|(span, _)| [span.start, span.end]));
    cuts.extend(marks.iter().flat_map(|(span, _)| [span.start, span.end]));
    cuts.sort_unstable();
    cuts.dedup();
    let holds = |span: &Span, at: usize| span.start <= at && at < span.end;
    let piece = |cut: &[usize]| Piece {
        text: Span::new(cut[0], cut[1]).of(text).to_owned(),
        kind: kinds
            .iter()
            .find(|(span, _)| holds(span, cut[0]))
            .map_or(Kind::Other, |(_, kind)| *kind),
        mark: marks
            .iter()
            .filter(|(span, _)| holds(span, cut[0]))
            .map(|(_, severity)| *severity)
            .min(),
    };
    cuts.windows(2).map(piece).collect()
}

/// What the parser read where.
fn kinds(checked: &Checked) -> Vec<(Span, Kind)> {
    let mut kinds = Vec::new();
    for section in checked.document.sections() {
        kinds.push((section.header, Kind::Section));
        for entry in &section.entries {
            kinds.push((entry.key_span, Kind::Key));
            kinds.push((entry.value_span, Kind::Value));
        }
    }
    kinds
}
