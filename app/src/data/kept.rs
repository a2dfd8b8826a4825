//! The table across a reload: in blocks of rows, so that an edit writes one block; what was edited
//! since the last block was written stands in a list that is written at once.

use super::sheet::Sheet;
use crate::{
    browser::{pause, turn},
    store::{self, large},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, io};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::File;

/// Rows of a block.
const BLOCK: usize = 500;
/// Where edits are listed until their block is written.
const EDITS: &str = "recordings.edits";
/// Milliseconds in which edits gather.
const GATHER: u32 = 200;

/// Which of the tables that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The one that is open.
    Open,
    /// The one that was closed last.
    Closed,
}

impl Place {
    fn word(self) -> &'static str {
        match self {
            Self::Open => "recordings",
            Self::Closed => "closed",
        }
    }
}

/// What stands before the blocks.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Head {
    name: String,
    columns: Vec<String>,
    blocks: usize,
    /// Paths of recordings that were made here, and are kept themselves.
    takes: Vec<String>,
}

/// A value that was edited: row, column, value.
pub(super) type Edit = (usize, usize, String);

/// What is to be written.
#[derive(Debug, Default)]
pub(super) struct Keeping {
    blocks: BTreeSet<usize>,
    /// Whether there are other rows or columns.
    all: bool,
    running: bool,
    edits: Vec<Edit>,
    /// Rises with each call.
    changes: u64,
}

impl Keeping {
    /// Notes that all is another. Whether somebody must write.
    pub(super) fn all(&mut self) -> bool {
        self.all = true;
        self.changes += 1;
        !std::mem::replace(&mut self.running, true)
    }

    /// Notes an edit. Whether somebody must write.
    pub(super) fn edit(&mut self, edit: Edit) -> bool {
        self.blocks.insert(edit.0 / BLOCK);
        self.edits.push(edit);
        self.changes += 1;
        store::save(EDITS, &self.edits);
        !std::mem::replace(&mut self.running, true)
    }
}

/// Writes what [`Keeping`] notes until there is nothing left.
///
/// # Errors
/// There is no room for it, or the browser keeps nothing.
pub(super) async fn write(
    keeping: impl Fn(&mut dyn FnMut(&mut Keeping)),
    sheet: impl Fn(&mut dyn FnMut(&Sheet, &[String])),
) -> io::Result<()> {
    loop {
        pause(GATHER).await;
        let (mut all, mut blocks, mut begun) = (false, BTreeSet::new(), 0);
        keeping(&mut |own| {
            all = std::mem::take(&mut own.all);
            blocks = std::mem::take(&mut own.blocks);
            begun = own.changes;
        });
        let mut changes = Vec::new();
        let mut head = Head::default();
        sheet(&mut |sheet, takes| {
            head = Head {
                name: sheet.name.clone(),
                columns: sheet.columns.clone(),
                blocks: sheet.rows.len().div_ceil(BLOCK),
                takes: takes.to_vec(),
            };
        });
        if all {
            blocks = (0..head.blocks).collect();
        }
        for block in blocks {
            sheet(&mut |sheet, _| changes.push(change(Place::Open, sheet, block)));
            turn().await;
        }
        changes.push(head.change(Place::Open));
        let outcome = large::save(changes).await;
        let mut done = false;
        keeping(&mut |own| {
            if own.changes == begun || outcome.is_err() {
                own.running = false;
                done = true;
                if outcome.is_ok() {
                    own.edits.clear();
                    store::save(EDITS, &own.edits);
                } else {
                    own.all = true;
                }
            }
        });
        if done {
            return outcome;
        }
        // What changed while it was written is written again.
    }
}

/// Writes a whole table.
///
/// # Errors
/// As [`write`].
pub(super) async fn put(place: Place, sheet: &Sheet, takes: &[String]) -> io::Result<()> {
    let blocks = sheet.rows.len().div_ceil(BLOCK);
    let mut changes = Vec::new();
    for block in 0..blocks {
        changes.push(change(place, sheet, block));
        turn().await;
    }
    let head = Head {
        name: sheet.name.clone(),
        columns: sheet.columns.clone(),
        blocks,
        takes: takes.to_vec(),
    };
    changes.push(head.change(place));
    large::save(changes).await
}

/// Reads a table, with the recordings that were made here; `None` where none is kept.
///
/// # Errors
/// The browser keeps nothing.
pub(super) async fn get(place: Place) -> io::Result<Option<(Sheet, Vec<(String, File)>)>> {
    let word = place.word();
    let found = large::load(&[word.to_owned()]).await?;
    let Some(head) = found.first().and_then(parsed::<Head>) else {
        return Ok(None);
    };
    let names: Vec<String> = (0..head.blocks)
        .map(|block| format!("{word}/{block}"))
        .collect();
    let mut sheet = Sheet {
        name: head.name,
        columns: head.columns,
        rows: Vec::new(),
    };
    for block in large::load(&names).await? {
        sheet
            .rows
            .extend(parsed::<Vec<Vec<String>>>(&block).unwrap_or_default());
        turn().await;
    }
    if place == Place::Open {
        for (row, column, value) in store::load::<Vec<Edit>>(EDITS).unwrap_or_default() {
            if let Some(cell) = sheet.rows.get_mut(row).and_then(|row| row.get_mut(column)) {
                *cell = value;
            }
        }
    }
    let names: Vec<String> = head
        .takes
        .iter()
        .map(|path| format!("take/{path}"))
        .collect();
    let files = large::load(&names).await?.into_iter().zip(head.takes);
    let takes = files.filter_map(|(file, path)| Some((path, file?.dyn_into().ok()?)));
    Ok(Some((sheet, takes.collect())))
}

/// Takes away what belongs to no table any more. Whether there is one that was closed.
///
/// # Errors
/// The browser keeps nothing.
pub(super) async fn tidy() -> io::Result<bool> {
    let heads = [Place::Open, Place::Closed].map(|place| place.word().to_owned());
    let found = large::load(&heads).await?;
    let mut used: BTreeSet<String> = heads.iter().cloned().collect();
    for (word, head) in heads.iter().zip(&found) {
        if let Some(head) = parsed::<Head>(head) {
            used.extend((0..head.blocks).map(|block| format!("{word}/{block}")));
            used.extend(head.takes.iter().map(|path| format!("take/{path}")));
        }
    }
    let own = |name: &String| {
        let kinds = ["recordings/", "closed/", "take/"];
        kinds.iter().any(|kind| name.starts_with(kind)) && !used.contains(name)
    };
    let names = large::names().await?.into_iter().filter(own);
    let changes: Vec<large::Change> = names.map(|name| (name, None)).collect();
    if !changes.is_empty() {
        large::save(changes).await?;
    }
    Ok(found.get(1).is_some_and(Option::is_some))
}

/// Keeps a recording that was made here.
///
/// # Errors
/// As [`write`].
pub(super) async fn put_take(path: &str, file: &File) -> io::Result<()> {
    large::save(vec![(format!("take/{path}"), Some(file.into()))]).await
}

fn change(place: Place, sheet: &Sheet, block: usize) -> large::Change {
    let rows = sheet.rows.chunks(BLOCK).nth(block).unwrap_or_default();
    // Texts in a list are always JSON.
    let json = serde_json::to_string(rows).unwrap_or_default();
    (format!("{}/{block}", place.word()), Some(json.into()))
}

impl Head {
    fn change(&self, place: Place) -> large::Change {
        let json = serde_json::to_string(self).unwrap_or_default();
        (place.word().to_owned(), Some(json.into()))
    }
}

fn parsed<T: serde::de::DeserializeOwned>(value: &Option<JsValue>) -> Option<T> {
    serde_json::from_str(&value.as_ref()?.as_string()?).ok()
}
