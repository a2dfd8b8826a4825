//! The table of recordings: only the rows that are seen are on the page.

use super::{
    lines::{Here, Lines, ROW, cell_id},
    rows::Rows,
    viewer::Viewer,
};
use crate::browser;
use leptos::{ev, html, prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, Node};

/// Rows beyond what is seen, so that quick scrolling shows no gaps.
const MARGIN: usize = 6;
/// Rows that a page has for the keys.
const PAGE: i64 = 20;

/// Which cell the keys act on, and whether it is being edited.
#[derive(Clone, Copy)]
struct Cursor {
    rows: Rows,
    column: RwSignal<usize>,
    /// What is being written, from which on.
    editing: RwSignal<Option<String>>,
    host: NodeRef<html::Div>,
}

impl Cursor {
    /// Goes to another row.
    fn go(self, by: i64) {
        let shown = self.rows.shown.get_untracked();
        let chosen = self.rows.chosen.get_untracked();
        let here = chosen.and_then(|at| shown.binary_search(&at).ok());
        let next = here.map_or(0, |here| {
            (here as i64)
                .saturating_add(by)
                .clamp(0, (shown.len() as i64 - 1).max(0))
        }) as usize;
        let Some(&at) = shown.get(next) else { return };
        self.rows.chosen.set(Some(at));
        if let Some(host) = self.host.get_untracked() {
            let (y, height) = (next as f64 * ROW, f64::from(host.client_height()) - ROW);
            if y < f64::from(host.scroll_top()) {
                host.set_scroll_top(y as i32);
            } else if y + ROW > f64::from(host.scroll_top()) + height {
                host.set_scroll_top((y + ROW - height) as i32);
            }
        }
    }

    fn sideways(self, by: i64) {
        let last = self.rows.columns().len().saturating_sub(1) as i64;
        self.column
            .update(|column| *column = (*column as i64 + by).clamp(0, last) as usize);
    }

    /// Begins to edit, with a text of its own or with what is there.
    fn edit(self, text: Option<String>) {
        let Some(at) = self.rows.chosen.get_untracked() else {
            return;
        };
        let column = self.column.get_untracked();
        if column > 0 {
            let text = text.unwrap_or_else(|| untrack(|| self.rows.cell(at, column)));
            self.editing.set(Some(text));
        }
    }

    /// Ends it, and keeps what was written if so wished.
    fn end(self, keep: bool) {
        let Some(text) = self.editing.get_untracked() else {
            return;
        };
        self.editing.set(None);
        if let Some(at) = self.rows.chosen.get_untracked().filter(|_| keep) {
            self.rows.set(at, self.column.get_untracked(), text);
        }
    }

    fn focus(self) {
        if let Some(host) = self.host.get_untracked() {
            let _ = host.focus();
        }
    }
}

/// The table.
#[component]
pub(super) fn TableView(rows: Rows, viewer: Viewer) -> impl IntoView {
    let host = NodeRef::<html::Div>::new();
    let cursor = Cursor {
        rows,
        column: RwSignal::new(1),
        editing: RwSignal::new(None),
        host,
    };
    // The first row that is seen, and how many are; none before that is known.
    let (top, count) = (RwSignal::new(0), RwSignal::new(0));
    Effect::new(move || {
        if let Some(element) = host.get() {
            browser::on_resize(&element, move || {
                // Not within the picture that is being made: the first time many rows come.
                spawn_local(async move {
                    browser::turn().await;
                    if let Some(Some(host)) = host.try_get_untracked() {
                        count.set((f64::from(host.client_height()).max(200.0) / ROW) as usize);
                    }
                });
            });
        }
    });
    let scrolled = move || {
        if let Some(host) = host.get_untracked() {
            let now = (f64::from(host.scroll_top()) / ROW) as usize;
            if top.get_untracked() != now {
                top.set(now);
            }
        }
    };
    let columns = Memo::new(move |_| rows.columns());
    let is_edited = Memo::new(move |_| cursor.editing.with(Option::is_some));
    let body = NodeRef::<html::Div>::new();
    let lines = StoredValue::new_local(Lines::default());
    Effect::new(move || {
        let (Some(body), count @ 1..) = (body.get(), count.get()) else {
            return;
        };
        let shown = rows.shown.get();
        let first = top.get().saturating_sub(MARGIN).min(shown.len());
        let last = (first + count + 2 * MARGIN).min(shown.len());
        let column = cursor.column.get();
        let edited = is_edited.get();
        let here = rows.chosen.get().map(|row| Here {
            row,
            column,
            edited: cursor.editing.get_untracked().filter(|_| edited),
        });
        let shown = shown.get(first..last).unwrap_or_default();
        lines.update_value(|lines| {
            if let Err(error) = lines.show(&body, rows, first, shown, here.as_ref()) {
                leptos::logging::error!("the table: {error:?}");
            }
        });
    });
    let click = move |event: ev::MouseEvent| {
        let found =
            target::<Node>(&event).and_then(|target| lines.with_value(|lines| lines.find(&target)));
        let Some((row, column)) = found else { return };
        let was = (
            rows.chosen.get_untracked(),
            Some(cursor.column.get_untracked()),
        );
        if is_edited.get_untracked() && was == (Some(row), column) {
            return;
        }
        cursor.end(true);
        rows.chosen.set(Some(row));
        if let Some(column) = column {
            cursor.column.set(column);
            if event.detail() == 2 {
                cursor.edit(None);
            }
        }
    };
    // There is no other field in it than that of the cell that is edited.
    let typed = move |event: ev::Event| {
        if let Some(field) = target::<HtmlInputElement>(&event) {
            cursor.editing.set(Some(field.value()));
        }
    };
    let left = move |event: ev::FocusEvent| {
        if target::<HtmlInputElement>(&event).is_some() {
            cursor.end(true);
        }
    };
    // With another filter the rows begin anew.
    Effect::watch(
        move || rows.shown.with(|shown| shown.len()),
        move |_, _, _| scrolled(),
        false,
    );
    let active = move || {
        let at = rows.chosen.get()?;
        Some(cell_id(at, cursor.column.get()))
    };
    let labels = move || columns.with(|columns| columns.len().saturating_sub(1));
    let grid = move || {
        let labels = "minmax(0, 1fr) ".repeat(labels());
        format!("minmax(0, 3fr) {labels}64px minmax(0, 1.8fr)")
    };
    let least = move || format!("{}px", 340 + 90 * labels());
    let head = move || {
        let title = |name: String| view! { <span role="columnheader">{name}</span> };
        columns.get().into_iter().map(title).collect_view()
    };
    view! {
        <div
            class="virtual scroll"
            node_ref=host
            tabindex="0"
            role="grid"
            aria-label="Recordings. Arrow keys choose, Enter edits, Space plays, Control and Z takes an edit back."
            aria-rowcount=move || rows.shown.with(|shown| shown.len()) + 1
            aria-colcount=move || columns.with(Vec::len) + 2
            aria-activedescendant=active
            on:scroll=move |_| scrolled()
            on:keydown=move |event| keys(cursor, viewer, &event)
            on:click=click
            on:input=typed
            on:focusout=left
        >
            <div class="tall" node_ref=body role="rowgroup" style=("--grid", grid) style:min-width=least style:height=move || format!("{}px", (rows.shown.with(|shown| shown.len()) + 1) as f64 * ROW)>
                <div role="row" class="row header" aria-rowindex="1">
                    {head}
                    <span role="columnheader" class="number">"Length"</span>
                    <span role="columnheader">"Sound"</span>
                </div>
            </div>
        </div>
    }
}

/// What an event happened to, if it is of this kind.
fn target<T: JsCast>(event: &ev::Event) -> Option<T> {
    event.target()?.dyn_into().ok()
}

fn keys(cursor: Cursor, viewer: Viewer, event: &ev::KeyboardEvent) {
    let rows = cursor.rows;
    let command = event.ctrl_key() || event.meta_key();
    if cursor.editing.with_untracked(Option::is_some) {
        match event.key().as_str() {
            "Enter" | "Tab" => {
                cursor.end(true);
                cursor.focus();
                match event.key().as_str() {
                    "Tab" => cursor.sideways(if event.shift_key() { -1 } else { 1 }),
                    _ => cursor.go(1),
                }
            }
            "Escape" => {
                cursor.end(false);
                cursor.focus();
            }
            _ => return,
        }
        event.prevent_default();
        return;
    }
    match event.key().as_str() {
        "z" if command => {
            rows.undo();
        }
        _ if command || event.alt_key() => return,
        "ArrowDown" => cursor.go(1),
        "ArrowUp" => cursor.go(-1),
        "PageDown" => cursor.go(PAGE),
        "PageUp" => cursor.go(-PAGE),
        "Home" => cursor.go(i64::MIN),
        "End" => cursor.go(i64::MAX),
        "ArrowLeft" => cursor.sideways(-1),
        "ArrowRight" => cursor.sideways(1),
        "Enter" | "F2" => cursor.edit(None),
        " " => viewer.toggle(),
        "Delete" | "Backspace" => {
            cursor.edit(Some(String::new()));
            cursor.end(true);
        }
        // A letter begins to write, as in a spreadsheet.
        letter if letter.chars().count() == 1 => cursor.edit(Some(letter.to_owned())),
        _ => return,
    }
    event.prevent_default();
}
