//! The bridge to the text editor, which is CodeMirror, bundled from `app/editor`.

use super::{
    document::{Document, combine},
    position::{to_byte, to_units},
};
use crate::browser;
use js_sys::{Object, Promise, Reflect};
use leptos::prelude::*;
use serde::Serialize;
use serde_json::json;
use shared::config::{assist, diagnostics::Diagnostic};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

#[wasm_bindgen(raw_module = "./editor-start.js")]
extern "C" {
    /// Loads the editor's modules.
    #[wasm_bindgen(js_name = editor, catch)]
    async fn load() -> Result<JsValue, JsValue>;
}

#[wasm_bindgen]
extern "C" {
    type Module;
    type Editor;

    #[wasm_bindgen(method)]
    fn create(
        this: &Module,
        host: &HtmlElement,
        page: &JsValue,
        label: &str,
        text: &str,
        saved: Option<&str>,
    ) -> Editor;

    #[wasm_bindgen(method)]
    fn furnish(this: &Editor) -> Promise;
    #[wasm_bindgen(method)]
    fn snapshot(this: &Editor) -> String;
    #[wasm_bindgen(method)]
    fn open(this: &Editor, text: &str);
    #[wasm_bindgen(method)]
    fn edit(this: &Editor, from: u32, to: u32, insert: &str);
    #[wasm_bindgen(method)]
    fn diagnose(this: &Editor, findings: &str);
    #[wasm_bindgen(method)]
    fn reveal(this: &Editor, from: u32, to: u32);
    #[wasm_bindgen(method)]
    fn destroy(this: &Editor);
}

/// A text editor on the page.
pub(super) struct View {
    editor: Editor,
    // What the editor calls; it must live as long.
    _callbacks: Vec<JsValue>,
}

/// Where the caret is: line and column, from 1.
pub(super) type Caret = RwSignal<(u32, u32)>;

impl View {
    /// Puts an editor for `document` into `host`; `save` and `train` are called by its keys. `None` where the host is gone
    /// until then.
    ///
    /// # Errors
    /// Its modules do not come.
    pub(super) async fn new(
        host: &HtmlElement,
        document: Document,
        caret: Caret,
        save: fn(Document),
        train: impl Fn() + 'static,
    ) -> Result<Option<Self>, JsValue> {
        let module: Module = load().await?.unchecked_into();
        // The modules have taken their share of this task.
        browser::turn().await;
        if !host.is_connected() {
            return Ok(None);
        }
        let page = Object::new();
        let mut callbacks = Vec::new();
        let mut add = |name: &str, function: JsValue| {
            let _ = Reflect::set(&page, &name.into(), &function);
            callbacks.push(function);
        };
        add(
            "complete",
            Closure::<dyn Fn(String, u32, bool) -> String>::new(complete).into_js_value(),
        );
        add(
            "hover",
            Closure::<dyn Fn(String, u32) -> String>::new(hover).into_js_value(),
        );
        let changed = move |text: String| {
            if document.text.with_untracked(|own| *own != text) {
                document.text.set(text);
            }
        };
        add(
            "changed",
            Closure::<dyn Fn(String)>::new(changed).into_js_value(),
        );
        let moved = move |line: u32, column: u32, _: u32| caret.set((line, column));
        add(
            "moved",
            Closure::<dyn Fn(u32, u32, u32)>::new(moved).into_js_value(),
        );
        add(
            "save",
            Closure::<dyn Fn()>::new(move || save(document)).into_js_value(),
        );
        add("train", Closure::<dyn Fn()>::new(train).into_js_value());
        let text = document.text.get_untracked();
        let editor = module.create(
            host,
            &page,
            "Text of the experiment",
            &text,
            document.state().as_deref(),
        );
        Ok(Some(Self {
            editor,
            _callbacks: callbacks,
        }))
    }

    /// Adds what else an editor has, in tasks of their own; until the promise comes true there are no findings to be shown.
    pub(super) fn furnish(&self) -> Promise {
        self.editor.furnish()
    }

    pub(super) fn snapshot(&self) -> String {
        self.editor.snapshot()
    }

    pub(super) fn open(&self, text: &str) {
        self.editor.open(text);
    }

    pub(super) fn edit(&self, from: u32, to: u32, insert: &str) {
        self.editor.edit(from, to, insert);
    }

    pub(super) fn reveal(&self, from: u32, to: u32) {
        self.editor.reveal(from, to);
    }

    /// Shows findings about `text`.
    pub(super) fn diagnose(&self, text: &str, findings: &[Diagnostic]) {
        let marks: Vec<Mark> = findings.iter().map(|finding| mark(text, finding)).collect();
        self.editor
            .diagnose(&serde_json::to_string(&marks).unwrap_or_else(|_| "[]".to_owned()));
    }

    pub(super) fn close(&self) {
        self.editor.destroy();
    }
}

/// A finding as the editor takes it.
#[derive(Serialize)]
struct Mark {
    from: u32,
    to: u32,
    severity: &'static str,
    message: String,
    advice: Option<String>,
    fix: Option<serde_json::Value>,
}

fn mark(text: &str, finding: &Diagnostic) -> Mark {
    let fix = finding.fix.as_ref();
    let edit = fix.and_then(|fix| combine(text, &fix.edits));
    let advice = fix
        .filter(|fix| fix.edits.is_empty())
        .map(|fix| fix.message.clone());
    Mark {
        from: to_units(text, finding.span.start),
        to: to_units(text, finding.span.end),
        severity: finding.severity.word(),
        message: finding.message.clone(),
        advice,
        fix: edit.zip(fix).map(|(edit, fix)| {
            json!({
                "name": fix.message.replace('`', ""),
                "from": to_units(text, edit.span.start),
                "to": to_units(text, edit.span.end),
                "insert": edit.text,
            })
        }),
    }
}

fn complete(text: String, at: u32, _explicit: bool) -> String {
    let Some(found) = assist::complete(&text, to_byte(&text, at)) else {
        return String::new();
    };
    let offers = json!({"from": to_units(&text, found.span.start), "options": found.offers});
    offers.to_string()
}

fn hover(text: String, at: u32) -> String {
    let Some(found) = assist::help(&text, to_byte(&text, at)) else {
        return String::new();
    };
    let help = json!({
        "from": to_units(&text, found.span.start),
        "to": to_units(&text, found.span.end),
        "title": found.title,
        "doc": found.doc,
        "facts": found.facts,
    });
    help.to_string()
}
