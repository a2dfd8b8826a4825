//! The text that is edited, and everything that follows from it.

use leptos::prelude::*;
use shared::{
    config::{
        Checked, Mode, check,
        diagnostics::{Diagnostic, Severity},
        ini::Edit,
        span::Span,
    },
    files::Memory,
};

/// The experiment that is open.
#[derive(Clone, Copy)]
pub(crate) struct Document {
    /// File name, which a download gets.
    pub(crate) name: RwSignal<String>,
    /// Its lines, ended by `\n` as in a text field.
    pub(crate) text: RwSignal<String>,
    /// Whether the file's lines ended in `\r\n`; a download's do so again.
    crlf: RwSignal<bool>,
    /// What the checker says about the text.
    pub(crate) checked: Memo<Checked>,
}

impl Document {
    /// Opens `text` as the file `name`.
    pub(crate) fn new(name: &str, text: &str) -> Self {
        let signal = RwSignal::new(String::new());
        let checked = move |_: Option<&Checked>| {
            signal.with(|text| check(text, &Memory::default(), Mode::Text))
        };
        let document = Self {
            name: RwSignal::new(String::new()),
            text: signal,
            crlf: RwSignal::new(false),
            // Another text always has something new: at least the text.
            checked: Memo::new_with_compare(checked, |_, _| true),
        };
        document.open(name, text);
        document
    }

    /// Replaces what is open.
    pub(crate) fn open(self, name: &str, text: &str) {
        self.name.set(name.to_owned());
        self.crlf.set(text.contains("\r\n"));
        self.text
            .set(text.replace("\r\n", "\n").replace('\r', "\n"));
    }

    /// The text as its file has it.
    pub(crate) fn file_text(self) -> String {
        let text = self.text.get_untracked();
        if self.crlf.get_untracked() {
            text.replace('\n', "\r\n")
        } else {
            text
        }
    }

    /// What `read` makes of the findings, in the order of the text.
    pub(crate) fn findings<T>(self, read: impl FnOnce(&[Diagnostic]) -> T) -> T {
        self.checked.with(|checked| read(&checked.diagnostics))
    }

    /// As [`Document::findings`], for handlers of events.
    pub(crate) fn findings_now<T>(self, read: impl FnOnce(&[Diagnostic]) -> T) -> T {
        self.checked
            .with_untracked(|checked| read(&checked.diagnostics))
    }
}

/// The sign that stands for a severity beside its word and colour.
pub(crate) fn sign(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "✕",
        Severity::Warning => "▲",
        Severity::Info => "●",
    }
}

/// The stretch of `text` that `edits` change, and what stands there afterwards: one replacement,
/// so that one undo takes it back. `None` where there is nothing to change, or it doesn't fit.
pub(crate) fn combine(text: &str, edits: &[Edit]) -> Option<Edit> {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| edit.span);
    let start = edits.first()?.span.start;
    let mut end = start;
    let mut changed = String::new();
    for edit in edits {
        changed += text.get(end..edit.span.start)?;
        changed += &edit.text;
        end = edit.span.end;
    }
    text.get(start..end)?;
    Some(Edit {
        span: Span::new(start, end),
        text: changed,
    })
}
