//! Going to findings and mending them.

use super::position::{to_byte, to_units};
use crate::{
    browser,
    document::{Document, combine},
};
use leptos::prelude::*;
use shared::config::{
    diagnostics::{Diagnostic, Fix},
    span::LineIndex,
};
use web_sys::HtmlTextAreaElement;

/// Selects what `finding` is about and brings it into view.
pub(crate) fn reveal(document: Document, field: &HtmlTextAreaElement, finding: &Diagnostic) {
    let _ = field.focus();
    document.text.with_untracked(|text| {
        let _ = field.set_selection_range(
            to_units(text, finding.span.start),
            to_units(text, finding.span.end),
        );
        let lines = text.split('\n').count();
        let height = f64::from(field.scroll_height()) / lines as f64;
        let middle =
            (finding.start.line as f64 - 0.5) * height - f64::from(field.client_height()) / 2.0;
        field.set_scroll_top(middle.max(0.0) as i32);
    });
}

/// Makes the edits of `fix` as one step of the field's undo.
pub(crate) fn apply(document: Document, field: &HtmlTextAreaElement, fix: &Fix) {
    let edit = document.text.with_untracked(|text| {
        let edit = combine(text, &fix.edits)?;
        Some((
            to_units(text, edit.span.start),
            to_units(text, edit.span.end),
            edit.text,
        ))
    });
    let Some((start, end, text)) = edit else {
        return;
    };
    let _ = field.focus();
    let _ = field.set_selection_range(start, end);
    browser::type_text(field, &text);
}

/// Goes to the next finding after the caret, or to the one before it; round at the ends.
pub(super) fn step(document: Document, field: &HtmlTextAreaElement, back: bool) -> bool {
    let caret = caret(document, field);
    document.findings_now(|findings| {
        let found = if back {
            findings
                .iter()
                .rev()
                .find(|finding| finding.span.start < caret)
                .or(findings.last())
        } else {
            findings
                .iter()
                .find(|finding| finding.span.start > caret)
                .or(findings.first())
        };
        if let Some(finding) = found {
            reveal(document, field, finding);
        }
        found.is_some()
    })
}

/// Applies the first fix that there is on the caret's line.
pub(super) fn fix_at_caret(document: Document, field: &HtmlTextAreaElement) -> bool {
    let caret = caret(document, field);
    let line = document
        .text
        .with_untracked(|text| LineIndex::new(text).position(text, caret).line);
    let fix = document.findings_now(|findings| {
        let fixes = findings
            .iter()
            .filter(|finding| finding.start.line == line)
            .filter_map(|it| it.fix.as_ref());
        fixes.into_iter().find(|fix| !fix.edits.is_empty()).cloned()
    });
    if let Some(fix) = &fix {
        apply(document, field, fix);
    }
    fix.is_some()
}

fn caret(document: Document, field: &HtmlTextAreaElement) -> usize {
    let units = field.selection_start().ok().flatten().unwrap_or(0);
    document.text.with_untracked(|text| to_byte(text, units))
}
