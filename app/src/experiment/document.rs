//! The text that is edited, and everything that follows from it.

use super::{position::to_units, seen::Seen, view::View};
use crate::{browser, store};
use gloo::timers::callback::Timeout;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use shared::{
    config::{
        Checked, Mode, Setting, check,
        diagnostics::{Diagnostic, Severity},
        ini::{self, Edit},
        span::Span,
    },
    files::Memory,
};
use std::rc::Rc;

/// After so many milliseconds without typing the text is kept; also when the page is left.
const REST: u32 = 250;

/// Undo steps larger than this are not kept across a reload; the text always is.
const MOST_UNDO: usize = 2 << 20;

/// What is kept of the text.
#[derive(Serialize, Deserialize, Clone, Default)]
struct Kept {
    name: String,
    text: String,
    crlf: bool,
    /// The editor's state with its undo steps.
    state: Option<String>,
}

/// The experiment that is open.
#[derive(Clone, Copy)]
pub(crate) struct Document {
    /// File name, which a download gets.
    pub(crate) name: RwSignal<String>,
    /// Its lines, ended by `\n` as in the editor.
    pub(crate) text: RwSignal<String>,
    /// Whether the file's lines ended in `\r\n`; a download's do so again.
    crlf: RwSignal<bool>,
    /// What the checker says about the text.
    pub(crate) checked: Memo<Checked>,
    /// What is said about it where its files are, of this text or of one before.
    pub(super) seen: RwSignal<Seen>,
    /// Both together, in the order of the text.
    problems: Memo<Vec<Diagnostic>>,
    /// How long the last check took, in milliseconds.
    pub(crate) check_time: RwSignal<f64>,
    /// Whether the browser keeps the text across a reload.
    pub(crate) kept: RwSignal<bool>,
    view: StoredValue<Option<Rc<View>>, LocalStorage>,
    state: StoredValue<Option<String>>,
    rest: StoredValue<Option<Timeout>, LocalStorage>,
}

impl Document {
    /// What was open when the page was left, or `text` as the file `name`.
    pub(crate) fn restore(name: &str, text: &str) -> Self {
        let kept: Kept = store::load("experiment").unwrap_or_else(|| Kept {
            name: name.to_owned(),
            text: text.to_owned(),
            ..Kept::default()
        });
        let text = RwSignal::new(kept.text);
        let check_time = RwSignal::new(0.0);
        let checked = move |_: Option<&Checked>| {
            let started = browser::now();
            let checked = text.with(|text| check(text, &Memory::default(), Mode::Text));
            check_time.set(browser::now() - started);
            checked
        };
        // Another text always has something new: at least the text.
        let checked = Memo::new_with_compare(checked, |_, _| true);
        let seen = RwSignal::new(Seen::default());
        let problems = Memo::new(move |_| {
            checked.with(|checked| {
                seen.with(|seen| seen.merged(checked.document.text(), &checked.diagnostics))
            })
        });
        let document = Self {
            name: RwSignal::new(kept.name),
            text,
            crlf: RwSignal::new(kept.crlf),
            checked,
            seen,
            problems,
            check_time,
            kept: RwSignal::new(true),
            view: StoredValue::new_local(None),
            state: StoredValue::new(kept.state),
            rest: StoredValue::new_local(None),
        };
        let later = move || {
            document.text.track();
            document.name.track();
        };
        Effect::watch(
            later,
            move |(), _, _| {
                let timer = Timeout::new(REST, move || document.keep());
                document.rest.set_value(Some(timer));
            },
            false,
        );
        let handle = window_event_listener_untyped("pagehide", move |_| document.keep());
        on_cleanup(move || handle.remove());
        document
    }

    /// Keeps the text and its undo steps for the next time that the page is open.
    pub(crate) fn keep(self) {
        self.note_state();
        let state = self
            .state
            .get_value()
            .filter(|state| state.len() < MOST_UNDO);
        let mut kept = Kept {
            name: self.name.get_untracked(),
            text: self.text.get_untracked(),
            crlf: self.crlf.get_untracked(),
            state,
        };
        let mut done = store::save("experiment", &kept);
        if !done && kept.state.take().is_some() {
            done = store::save("experiment", &kept);
        }
        if self.kept.get_untracked() != done {
            self.kept.set(done);
        }
    }

    fn note_state(self) {
        let snapshot = self
            .view
            .with_value(|view| view.as_ref().map(|view| view.snapshot()));
        if let Some(snapshot) = snapshot {
            self.state.set_value(Some(snapshot));
        }
    }

    /// The editor's state from before, if there was one.
    pub(super) fn state(self) -> Option<String> {
        self.state.get_value()
    }

    /// The editor that shows the text from now on; `None`: none does.
    pub(super) fn attach(self, view: Option<View>) {
        self.note_state();
        let old = self
            .view
            .try_update_value(|own| std::mem::replace(own, view.map(Rc::new)));
        if let Some(Some(old)) = old {
            old.close();
        }
    }

    /// Does something with the editor, where one is there.
    pub(super) fn with_view(self, act: impl FnOnce(&View)) {
        let view = self.view.with_value(Option::clone);
        if let Some(view) = view {
            act(&view);
        }
    }

    /// Replaces what is open; the editor's undo takes it back.
    pub(crate) fn open(self, name: &str, text: &str) {
        self.name.set(name.to_owned());
        self.crlf.set(text.contains("\r\n"));
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        self.with_view(|view| view.open(&text));
        if self.text.get_untracked() != text {
            self.text.set(text);
        }
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

    /// Gives the file to the user.
    pub(crate) fn download(self) {
        browser::download(
            &self.name.get_untracked(),
            "text/plain;charset=utf-8",
            &self.file_text(),
        );
    }

    /// What `read` makes of the findings, in the order of the text.
    pub(crate) fn findings<T>(self, read: impl FnOnce(&[Diagnostic]) -> T) -> T {
        self.problems.with(|problems| read(problems))
    }

    /// Whether the text is a complete experiment, as far as is known.
    pub(crate) fn is_complete(self) -> bool {
        self.findings(|findings| !findings.iter().any(|it| it.severity == Severity::Error))
    }

    /// Whether the text alone is a complete experiment, be its files there or not.
    pub(super) fn is_whole(self) -> bool {
        self.checked.with(|checked| checked.experiment.is_some())
    }

    /// The effective setting of a key.
    pub(crate) fn setting(self, section: &str, key: &str) -> Option<Setting> {
        let is = |setting: &&Setting| {
            let place =
                setting.section == section || (section == "FINETUNE" && setting.section == "MODEL");
            place && setting.key == key
        };
        self.checked
            .with(|checked| checked.settings.iter().find(is).cloned())
    }

    /// Gives a key a value, or, where `value` is empty, takes the key out. All else stays as it is.
    ///
    /// # Errors
    /// In words: the value can't be written in an INI.
    pub(crate) fn set_key(self, section: &str, key: &str, value: &str) -> Result<(), String> {
        self.set_written(section, key, &value.replace('%', "%%"))
    }

    /// As [`Self::set_key`], with a value as it is written in a file.
    pub(crate) fn set_written(self, section: &str, key: &str, value: &str) -> Result<(), String> {
        let edit = self.checked.with_untracked(|checked| {
            let document = &checked.document;
            let section = home(document, section, key);
            if value.is_empty() {
                return match document.removal(section, key) {
                    Ok(edit) => Ok(Some(edit)),
                    // Nothing to take out.
                    Err(_) => Ok(None),
                };
            }
            let setting = document.setting(section, key, value);
            setting.map(Some).map_err(|error| error.to_string())
        })?;
        if let Some(edit) = edit {
            self.apply(&[edit]);
        }
        Ok(())
    }

    /// Applies edits as one step, which undo takes back.
    pub(crate) fn apply(self, edits: &[Edit]) {
        let edit = self.text.with_untracked(|text| {
            let edit = combine(text, edits)?;
            let (start, end) = (
                to_units(text, edit.span.start),
                to_units(text, edit.span.end),
            );
            Some((start, end, edit.text))
        });
        let Some((start, end, text)) = edit else {
            return;
        };
        if self.view.with_value(Option::is_some) {
            self.with_view(|view| view.edit(start, end, &text));
        } else if let Some(edit) = self.text.with_untracked(|text| combine(text, edits)) {
            // The editor is not on the page; it takes the text as it finds it.
            self.text
                .update(|text| text.replace_range(edit.span.start..edit.span.end, &edit.text));
        }
    }

    /// Shows a stretch of the text.
    pub(crate) fn reveal(self, span: Span) {
        let place = self
            .text
            .with_untracked(|text| (to_units(text, span.start), to_units(text, span.end)));
        self.with_view(|view| view.reveal(place.0, place.1));
    }
}

/// The section in which a key is, or belongs: keys of fine-tuning may stand in `[MODEL]` too.
fn home<'s>(document: &ini::Document, section: &'s str, key: &str) -> &'s str {
    let has = |name| {
        document
            .section(name)
            .is_some_and(|own| own.entry(key).is_some())
    };
    let no_own = document.section("FINETUNE").is_none() && document.section("MODEL").is_some();
    if section == "FINETUNE" && !has("FINETUNE") && (has("MODEL") || no_own) {
        "MODEL"
    } else {
        section
    }
}

/// The stretch of `text` that `edits` change, and what stands there afterwards: one replacement,
/// so that one undo takes it back. `None` where there is nothing to change, or it doesn't fit.
pub(super) fn combine(text: &str, edits: &[Edit]) -> Option<Edit> {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    shared::sorting::by_key(&mut edits, |edit| edit.span);
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
