//! The table of recordings: only the rows that are seen are on the page.

use super::collect;
use crate::{browser, store};
use leptos::{ev, html, prelude::*};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, fmt::Write as _};
use wasm_bindgen::JsCast;
use web_sys::File;

/// Height of a row in pixels, as in the style sheet.
const ROW: f64 = 28.0;
/// Rows beyond what is seen, so that quick scrolling shows no gaps.
const MARGIN: usize = 10;
/// Endings of what is taken for a recording.
const AUDIO: [&str; 12] = [
    "wav", "flac", "mp3", "ogg", "oga", "opus", "m4a", "mp4", "aac", "webm", "aif", "aiff",
];

/// Columns and rows, as they are kept across a reload.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Table {
    name: String,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// All recordings that are open, with their labels.
#[derive(Clone, Copy)]
pub(crate) struct Rows {
    table: RwSignal<Table>,
    /// Rows that the filter leaves, by number.
    pub(super) shown: Memo<Vec<usize>>,
    pub(super) filter: RwSignal<String>,
    /// The row that is looked at.
    pub(super) chosen: RwSignal<Option<usize>>,
    /// Files by path. After a reload there are none, until they are dropped again.
    files: StoredValue<HashMap<String, File>, LocalStorage>,
    /// Rises when there are other files.
    version: RwSignal<u32>,
}

impl Rows {
    /// What was open before, without its sound.
    pub(crate) fn restore() -> Self {
        let table = RwSignal::new(store::load::<Table>("recordings").unwrap_or_default());
        let filter = RwSignal::new(String::new());
        let shown = Memo::new(move |_| {
            let wanted = filter.get().to_lowercase();
            table.with(|table| {
                let has = |row: &Vec<String>| {
                    wanted.is_empty()
                        || row
                            .iter()
                            .any(|value| value.to_lowercase().contains(&wanted))
                };
                (0..table.rows.len())
                    .filter(|&at| has(&table.rows[at]))
                    .collect()
            })
        });
        Self {
            table,
            shown,
            filter,
            chosen: RwSignal::new(None),
            files: StoredValue::new_local(HashMap::new()),
            version: RwSignal::new(0),
        }
    }

    /// How many rows there are.
    pub(super) fn count(self) -> usize {
        self.table.with(|table| table.rows.len())
    }

    pub(super) fn columns(self) -> Vec<String> {
        self.table.with(|table| table.columns.clone())
    }

    pub(super) fn row(self, at: usize) -> Vec<String> {
        self.table
            .with(|table| table.rows.get(at).cloned().unwrap_or_default())
    }

    /// How often each value of a column is there, the most frequent first.
    pub(super) fn counts(self, column: usize) -> Vec<(String, usize)> {
        let mut counts: HashMap<String, usize> = HashMap::new();
        self.table.with(|table| {
            for row in &table.rows {
                *counts
                    .entry(row.get(column).cloned().unwrap_or_default())
                    .or_default() += 1;
            }
        });
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        counts
    }

    /// The recording of a row, if it is here.
    pub(super) fn file(self, at: usize) -> Option<File> {
        self.version.track();
        let path = self
            .table
            .with(|table| table.rows.get(at)?.first().cloned())?;
        self.files.with_value(|files| find(files, &path))
    }

    /// All files with their paths, and the table itself, for another machine.
    pub(super) fn everything(self) -> (String, Vec<(String, File)>) {
        let mut used: Vec<(String, File)> = Vec::new();
        self.table.with_untracked(|table| {
            self.files.with_value(|files| {
                for path in table.rows.iter().filter_map(|row| row.first()) {
                    if let Some(file) = find(files, path)
                        && !used.iter().rev().take(1).any(|(other, _)| other == path)
                    {
                        used.push((path.clone(), file));
                    }
                }
            });
        });
        used.sort_by(|a, b| a.0.cmp(&b.0));
        used.dedup_by(|a, b| a.0 == b.0);
        (self.csv(), used)
    }

    /// Takes files in: tables, and recordings. Says what came of it.
    pub(super) async fn add(self, files: Vec<(String, File)>) -> Result<String, String> {
        let ending = |path: &str| {
            path.rsplit_once('.')
                .map(|(_, ending)| ending.to_lowercase())
                .unwrap_or_default()
        };
        let (tables, others): (Vec<_>, Vec<_>) = files
            .into_iter()
            .partition(|(path, _)| ending(path) == "csv");
        let audio: Vec<(String, File)> = others
            .into_iter()
            .filter(|(path, _)| AUDIO.contains(&ending(path).as_str()))
            .collect();
        let found = audio.len();
        self.files
            .update_value(|known| known.extend(audio.iter().cloned()));
        let mut said = Vec::new();
        let mut wrong = Vec::new();
        for (path, file) in &tables {
            let text = collect::text(file)
                .await
                .map_err(|_| format!("`{path}` cannot be read any more."))?;
            match read(path, &text) {
                Ok(table) => {
                    said.push(format!("`{path}` has {} rows", table.rows.len()));
                    self.table.set(table);
                }
                Err(error) => wrong.push(format!("`{path}`: {error}")),
            }
        }
        self.version.update(|version| *version += 1);
        if tables.is_empty() {
            self.table.update(|table| {
                if table.columns.is_empty() {
                    table.columns = ["file", "speaker", "label"].map(str::to_owned).into();
                    table.name = "recordings.csv".to_owned();
                }
                let known: Vec<String> = table
                    .rows
                    .iter()
                    .filter_map(|row| row.first().cloned())
                    .collect();
                let width = table.columns.len();
                for (path, _) in &audio {
                    // A table that is open names its recordings by itself.
                    let there = known
                        .iter()
                        .any(|own| own == path || path.ends_with(&format!("/{own}")));
                    if !there {
                        let mut row = vec![String::new(); width];
                        row[0].clone_from(path);
                        table.rows.push(row);
                    }
                }
            });
        }
        self.keep();
        if found > 0 {
            said.push(format!("{found} recordings are here"));
        }
        if !wrong.is_empty() {
            return Err(wrong.join(" "));
        }
        if said.is_empty() {
            return Err("There was no recording and no table among these files.".to_owned());
        }
        Ok(said.join(", ") + ".")
    }

    /// Gives a cell another value.
    pub(super) fn set(self, at: usize, column: usize, value: String) {
        self.table.update(|table| {
            if let Some(cell) = table.rows.get_mut(at).and_then(|row| row.get_mut(column)) {
                *cell = value;
            }
        });
        self.keep();
    }

    fn keep(self) {
        self.table
            .with_untracked(|table| store::save("recordings", table));
    }

    /// Closes all.
    pub(super) fn clear(self) {
        self.chosen.set(None);
        self.filter.set(String::new());
        self.table.set(Table::default());
        self.files.set_value(HashMap::new());
        self.keep();
    }

    /// Gives the table to the user.
    pub(super) fn save(self) {
        let name = self.table.with_untracked(|table| table.name.clone());
        let name = name.rsplit('/').next().unwrap_or(&name).to_owned();
        browser::download(&name, "text/csv;charset=utf-8", &self.csv());
    }

    fn csv(self) -> String {
        let field = |text: &String| {
            if text.contains(['"', ',', '\n', '\r']) {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text.clone()
            }
        };
        let line = |row: &Vec<String>| row.iter().map(field).collect::<Vec<_>>().join(",");
        self.table.with_untracked(|table| {
            let mut out = line(&table.columns) + "\n";
            for row in &table.rows {
                let _ = writeln!(out, "{}", line(row));
            }
            out
        })
    }
}

/// A table names its recordings from its own folder on, a drop from the dropped folder on.
fn find(files: &HashMap<String, File>, path: &str) -> Option<File> {
    let path = path.trim_start_matches("./");
    if let Some(file) = files.get(path) {
        return Some(file.clone());
    }
    let end = format!("/{path}");
    let by_end = files.iter().find(|(known, _)| known.ends_with(&end));
    let name = path.rsplit('/').next().unwrap_or(path);
    by_end
        .map(|(_, file)| file.clone())
        .or_else(|| files.get(name).cloned())
}

fn read(path: &str, text: &str) -> Result<Table, String> {
    let head = text.lines().next().unwrap_or_default();
    let separator = [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|sign| head.bytes().filter(|byte| byte == sign).count())
        .unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut columns: Vec<String> = reader
        .headers()
        .map_err(|error| error.to_string())?
        .iter()
        .map(str::to_owned)
        .collect();
    let file = columns
        .iter()
        .position(|name| name.trim_start_matches('\u{feff}') == "file");
    let Some(file) = file else {
        return Err("a table of recordings has a column `file`, and this one has none.".to_owned());
    };
    columns.swap(0, file);
    columns[0] = "file".to_owned();
    let mut rows = Vec::new();
    for record in reader.records() {
        let mut row: Vec<String> = record
            .map_err(|error| error.to_string())?
            .iter()
            .map(str::to_owned)
            .collect();
        row.resize(columns.len(), String::new());
        row.swap(0, file);
        rows.push(row);
    }
    Ok(Table {
        name: path.to_owned(),
        columns,
        rows,
    })
}

/// The table with its filter.
#[component]
pub(super) fn TableView(rows: Rows) -> impl IntoView {
    let host = NodeRef::<html::Div>::new();
    let top = RwSignal::new(0.0);
    let scrolled = move |_: ev::Event| {
        if let Some(host) = host.get_untracked() {
            top.set(f64::from(host.scroll_top()));
        }
    };
    let window = Memo::new(move |_| {
        let height = host
            .get()
            .map_or(600.0, |host| f64::from(host.client_height()).max(200.0));
        let first = ((top.get() / ROW) as usize).saturating_sub(MARGIN);
        let count = (height / ROW) as usize + 2 * MARGIN;
        let all = rows.shown.with(Vec::len);
        (first.min(all), (first + count).min(all))
    });
    let seen = move || {
        let (first, last) = window.get();
        rows.shown.with(|shown| {
            (first..last)
                .map(|place| (place, shown[place]))
                .collect::<Vec<_>>()
        })
    };
    let go = move |by: i64| {
        let shown = rows.shown.get_untracked();
        let here = rows
            .chosen
            .get_untracked()
            .and_then(|at| shown.iter().position(|own| *own == at));
        let next = here.map_or(0, |here| {
            (here as i64 + by).clamp(0, shown.len() as i64 - 1)
        }) as usize;
        let Some(&at) = shown.get(next) else { return };
        rows.chosen.set(Some(at));
        if let Some(host) = host.get_untracked() {
            let (y, height) = (next as f64 * ROW, f64::from(host.client_height()) - ROW);
            if y < f64::from(host.scroll_top()) {
                host.set_scroll_top(y as i32);
            } else if y + ROW > f64::from(host.scroll_top()) + height {
                host.set_scroll_top((y + ROW - height) as i32);
            }
        }
    };
    let keys = move |event: ev::KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowDown" => 1,
            "ArrowUp" => -1,
            "PageDown" => 20,
            "PageUp" => -20,
            "Home" => i64::MIN / 2,
            "End" => i64::MAX / 2,
            _ => return,
        };
        event.prevent_default();
        go(by);
    };
    let line = move |(place, at): (usize, usize)| {
        let values = move || {
            rows.row(at)
                .into_iter()
                .map(|value| view! { <span role="cell">{value}</span> })
                .collect_view()
        };
        let silent = move || rows.file(at).is_none();
        view! {
            <div
                role="row"
                class="row"
                class:chosen=move || rows.chosen.get() == Some(at)
                class:silent=silent
                aria-rowindex=place + 2
                style:top=format!("{}px", (place + 1) as f64 * ROW)
                on:click=move |_| rows.chosen.set(Some(at))
            >
                {values}
            </div>
        }
    };
    let head = move || {
        rows.columns()
            .into_iter()
            .map(|name| view! { <span role="columnheader">{name}</span> })
            .collect_view()
    };
    let typed = move |event: ev::Event| {
        if let Some(host) = host.get_untracked() {
            host.set_scroll_top(0);
        }
        rows.filter.set(
            event
                .target()
                .map(|target| target.unchecked_into::<web_sys::HtmlInputElement>().value())
                .unwrap_or_default(),
        );
    };
    view! {
        <div class="bar plain"><input type="search" class="grow" placeholder="Filter: any word of a row" aria-label="Filter" prop:value=move || rows.filter.get() on:input=typed /></div>
        <div
            class="virtual scroll"
            node_ref=host
            tabindex="0"
            role="table"
            aria-label="Recordings; arrow keys choose"
            aria-rowcount=move || rows.shown.with(Vec::len) + 1
            on:scroll=scrolled
            on:keydown=keys
        >
            <div class="tall" role="rowgroup" style:height=move || format!("{}px", (rows.shown.with(Vec::len) + 1) as f64 * ROW)>
                <div role="row" class="row header" aria-rowindex="1">{head}</div>
                <For each=seen key=|pair| *pair children=line />
            </div>
        </div>
    }
}
