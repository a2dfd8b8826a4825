//! What is found about the text where its files are: paths that lead nowhere, columns that a table
//! has not. It takes a question to the runner, and comes when typing rests.

use super::document::Document;
use crate::backend::Link;
use gloo::timers::callback::Timeout;
use leptos::{prelude::*, task::spawn_local};
use shared::{
    config::{
        diagnostics::Diagnostic,
        span::{LineIndex, Span},
    },
    protocol::CheckRequest,
};

/// After so many milliseconds without typing it is asked.
const REST: u32 = 500;

/// The findings about a text.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Seen {
    text: String,
    findings: Vec<Diagnostic>,
}

impl Seen {
    /// The findings of the checker in the page about `text`, with those of here that still hold.
    pub(super) fn merged(&self, text: &str, own: &[Diagnostic]) -> Vec<Diagnostic> {
        let mut all = own.to_vec();
        let shift = Shift::new(&self.text, text);
        for finding in &self.findings {
            let Some(finding) = shift.finding(finding, text) else {
                continue;
            };
            let known = |other: &Diagnostic| {
                (other.span, other.code, &other.message)
                    == (finding.span, finding.code, &finding.message)
            };
            if !own.iter().any(known) {
                all.push(finding);
            }
        }
        shared::sorting::by_key(&mut all, |finding| finding.span.start);
        all
    }
}

/// How places move from one text to another: what stands before the change stays, what stands
/// behind it moves, and what is within it is gone.
struct Shift {
    head: usize,
    tail: usize,
    old: usize,
    new: usize,
}

impl Shift {
    fn new(old: &str, new: &str) -> Self {
        let alike = |pair: &(u8, u8)| pair.0 == pair.1;
        let head = old.bytes().zip(new.bytes()).take_while(alike).count();
        let most = old.len().min(new.len()) - head;
        let backwards = old.bytes().rev().zip(new.bytes().rev());
        let tail = backwards.take(most).take_while(alike).count();
        Self {
            head,
            tail,
            old: old.len(),
            new: new.len(),
        }
    }

    fn span(&self, span: Span) -> Option<Span> {
        if span.end <= self.head {
            return Some(span);
        }
        let behind = span.start + self.tail >= self.old;
        let moved = |at: usize| at + self.new - self.old;
        behind.then(|| Span::new(moved(span.start), moved(span.end)))
    }

    fn finding(&self, finding: &Diagnostic, text: &str) -> Option<Diagnostic> {
        let mut moved = finding.clone();
        moved.span = self.span(finding.span)?;
        if let Some(fix) = &mut moved.fix {
            for edit in &mut fix.edits {
                edit.span = self.span(edit.span)?;
            }
        }
        if moved.span != finding.span {
            let index = LineIndex::new(text);
            (moved.start, moved.end) = (
                index.position(text, moved.span.start),
                index.position(text, moved.span.end),
            );
        }
        Some(moved)
    }
}

/// Asks about the text as it is, and whenever it has changed. To be called where the place is built.
pub(super) fn ask(document: Document) {
    let link = Link::here();
    let open = Memo::new(move |_| link.is_open());
    let rest = StoredValue::new_local(None::<Timeout>);
    Effect::new(move || {
        document.text.track();
        if !open.get() || !document.is_whole() {
            return;
        }
        let timer = Timeout::new(REST, move || {
            spawn_local(async move {
                let text = document.text.get_untracked();
                let request = CheckRequest {
                    text: text.clone(),
                    set: Vec::new(),
                };
                // Where there is no answer, what is known stays; the place of training says so.
                if let Ok(reply) = link.backend().check(request).await {
                    let _ = document.seen.try_set(Seen {
                        text,
                        findings: reply.diagnostics,
                    });
                }
            });
        });
        rest.set_value(Some(timer));
    });
    on_cleanup(move || rest.set_value(None));
}
