//! The table of recordings: only the rows that are seen are on the page.

use super::{rows::Rows, trouble::Trouble, viewer::Viewer};
use crate::ui::duration;
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// Height of a row in pixels, as in the style sheet.
const ROW: f64 = 28.0;
/// Rows beyond what is seen, so that quick scrolling shows no gaps.
const MARGIN: usize = 10;
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
    let top = RwSignal::new(0.0);
    let columns = Memo::new(move |_| rows.columns());
    let window = Memo::new(move |_| {
        let height = host
            .get()
            .map_or(600.0, |host| f64::from(host.client_height()).max(200.0));
        let first = ((top.get() / ROW) as usize).saturating_sub(MARGIN);
        let count = (height / ROW) as usize + 2 * MARGIN;
        let all = rows.shown.with(|shown| shown.len());
        (first.min(all), (first + count).min(all))
    });
    let seen = move || {
        let (first, last) = window.get();
        rows.shown.with(|shown| {
            (first..last)
                .filter_map(|place| Some((place, *shown.get(place)?)))
                .collect::<Vec<_>>()
        })
    };
    // With another filter the rows begin anew.
    Effect::watch(
        move || rows.shown.with(|shown| shown.len()),
        move |_, _, _| {
            if let Some(host) = host.get_untracked() {
                top.set(f64::from(host.scroll_top()));
            }
        },
        false,
    );
    let active = move || {
        let at = rows.chosen.get()?;
        Some(format!("grid-{at}-{}", cursor.column.get()))
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
            on:scroll=move |_| { if let Some(host) = host.get_untracked() { top.set(f64::from(host.scroll_top())) } }
            on:keydown=move |event| keys(cursor, viewer, &event)
        >
            <div class="tall" role="rowgroup" style=("--grid", grid) style:min-width=least style:height=move || format!("{}px", (rows.shown.with(|shown| shown.len()) + 1) as f64 * ROW)>
                <div role="row" class="row header" aria-rowindex="1">
                    {head}
                    <span role="columnheader" class="number">"Length"</span>
                    <span role="columnheader">"Sound"</span>
                </div>
                <For each=seen key=|pair| *pair children=move |(place, at)| view! { <Line cursor place at columns /> } />
            </div>
        </div>
    }
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

/// What is known of the sound of a row, in words.
#[derive(Debug, Clone, Default, PartialEq)]
struct Heard {
    here: bool,
    wrong: bool,
    length: String,
    sound: String,
}

impl Heard {
    fn of(rows: Rows, at: usize) -> Self {
        let known = rows.known(at);
        let found = known
            .as_ref()
            .and_then(|known| known.found.as_ref()?.as_ref().ok());
        let (start, end) = rows.stretch(at);
        let length = end
            .or(found.map(|found| found.seconds))
            .map(|end| end - start);
        let troubles = rows.troubles(at);
        let word = |trouble: &Trouble| match trouble {
            Trouble::Resampled => found.map_or(String::new(), |found| {
                format!("{} kHz", f64::from(found.rate) / 1000.0)
            }),
            Trouble::Mixed => "→ mono".to_owned(),
            trouble if trouble.is_wrong() => format!("▲ {}", trouble.word()),
            trouble => trouble.word().to_owned(),
        };
        Self {
            here: known.is_some(),
            wrong: troubles.iter().any(|trouble| trouble.is_wrong()),
            length: match length {
                Some(seconds) if seconds < 60.0 => format!("{seconds:.2} s"),
                Some(seconds) => duration(seconds),
                None => String::new(),
            },
            sound: troubles.iter().map(word).collect::<Vec<_>>().join(" · "),
        }
    }
}

/// A row.
#[component]
fn Line(cursor: Cursor, place: usize, at: usize, columns: Memo<Vec<String>>) -> impl IntoView {
    let rows = cursor.rows;
    let is_chosen = Memo::new(move |_| rows.chosen.get() == Some(at));
    let cell = move |column: usize| {
        let value = Memo::new(move |_| rows.cell(at, column));
        let here = move || is_chosen.get() && cursor.column.get() == column;
        let content = move || {
            if here() && cursor.editing.with(Option::is_some) {
                view! { <Field cursor /> }.into_any()
            } else {
                value.get().into_any()
            }
        };
        let click = move |event: ev::MouseEvent| {
            if cursor.editing.with_untracked(Option::is_some) && untrack(here) {
                return;
            }
            cursor.end(true);
            rows.chosen.set(Some(at));
            cursor.column.set(column);
            if event.detail() == 2 {
                cursor.edit(None);
            }
        };
        view! { <span role="gridcell" id=format!("grid-{at}-{column}") class:here=here on:click=click>{content}</span> }
    };
    let heard = Memo::new(move |_| Heard::of(rows, at));
    view! {
        <div
            role="row"
            class="row"
            class:chosen=move || is_chosen.get()
            class:odd={place % 2 == 1}
            class:silent=move || !heard.with(|heard| heard.here)
            aria-rowindex=place + 2
            aria-selected=move || is_chosen.get().to_string()
            style:top=format!("{}px", (place + 1) as f64 * ROW)
        >
            {move || (0..columns.with(Vec::len)).map(cell).collect_view()}
            <span role="gridcell" class="number soft" on:click=move |_| rows.chosen.set(Some(at))>{move || heard.with(|heard| heard.length.clone())}</span>
            <span role="gridcell" class="soft" class:error-text=move || heard.with(|heard| heard.wrong) on:click=move |_| rows.chosen.set(Some(at))>{move || heard.with(|heard| heard.sound.clone())}</span>
        </div>
    }
}

/// The field in a cell that is edited.
#[component]
fn Field(cursor: Cursor) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    Effect::new(move || {
        if let Some(field) = field.get() {
            let _ = field.focus();
            let end = field.value().encode_utf16().count() as u32;
            let _ = field.set_selection_range(end, end);
        }
    });
    let typed = move |event: ev::Event| {
        let input = event
            .target()
            .map(|target| target.unchecked_into::<web_sys::HtmlInputElement>());
        cursor.editing.set(input.map(|input| input.value()));
    };
    let name = move || {
        let column = cursor.column.get();
        cursor
            .rows
            .columns()
            .get(column)
            .cloned()
            .unwrap_or_default()
    };
    let text = cursor.editing.get_untracked().unwrap_or_default();
    view! {
        <input type="text" class="in-cell" aria-label=name node_ref=field value=text on:input=typed on:blur=move |_| cursor.end(true) />
    }
}
