//! All recordings that are open, with their labels: what the place's parts share.

use super::{
    files::{self, Files, Known},
    filter::Filter,
    kept::{self, Keeping, Place},
    sheet::Sheet,
    trouble::Trouble,
};
use crate::{browser, ui::Toaster};
use leptos::{prelude::*, task::spawn_local};
use std::{collections::HashMap, sync::Arc};
use web_sys::File;

/// The recordings that are open.
#[derive(Clone, Copy)]
pub(crate) struct Rows {
    sheet: RwSignal<Sheet>,
    /// Whether what was open before is here again.
    pub(super) restored: RwSignal<bool>,
    /// Rows that the filter leaves, by number.
    pub(super) shown: Memo<Arc<Vec<usize>>>,
    pub(super) filter: Filter,
    /// The row that is looked at.
    pub(super) chosen: RwSignal<Option<usize>>,
    /// After a reload there are none but those that were made here, until they are dropped again.
    files: StoredValue<Files, LocalStorage>,
    /// Rises when there are other files, or more is known of them.
    pub(super) version: RwSignal<u32>,
    keeping: StoredValue<Keeping, LocalStorage>,
    /// Why the browser does not keep the table, if it doesn't.
    pub(super) unkept: RwSignal<Option<String>>,
    /// Values before they were edited, for undo.
    before: StoredValue<Vec<kept::Edit>>,
    /// Whether there is a table that was closed.
    pub(super) closed: RwSignal<bool>,
    /// The zip that all of this came from, as long as nothing in it was changed.
    archive: StoredValue<Option<File>, LocalStorage>,
    /// Paths of recordings that were made here.
    takes: StoredValue<Vec<String>>,
}

impl Rows {
    /// What was open before, without sound that was dropped.
    pub(crate) fn restore() -> Self {
        let sheet = RwSignal::new(Sheet::default());
        let filter = Filter::default();
        let files = StoredValue::new_local(Files::default());
        let version = RwSignal::new(0);
        let shown = Memo::new(move |_| {
            if filter.needs_sound() {
                version.track();
            }
            let passes = filter.now();
            let shown = sheet.with(|sheet| {
                files.with_value(|files| {
                    (0..sheet.rows.len())
                        .filter(|&row| passes.row(sheet, row, files.of_row(row)))
                        .collect::<Vec<_>>()
                })
            });
            Arc::new(shown)
        });
        let rows = Self {
            sheet,
            restored: RwSignal::new(false),
            shown,
            filter,
            chosen: RwSignal::new(None),
            files,
            version,
            keeping: StoredValue::new_local(Keeping::default()),
            unkept: RwSignal::new(None),
            before: StoredValue::new(Vec::new()),
            closed: RwSignal::new(false),
            archive: StoredValue::new_local(None),
            takes: StoredValue::new(Vec::new()),
        };
        spawn_local(async move {
            match kept::get(Place::Open).await {
                Ok(Some((sheet, takes))) => {
                    rows.takes
                        .set_value(takes.iter().map(|(path, _)| path.clone()).collect());
                    rows.files.update_value(|files| files.add(takes));
                    rows.sheet.set(sheet);
                    rows.resolve();
                }
                Ok(None) => {}
                Err(error) => rows.unkept.set(Some(error.to_string())),
            }
            // Before anything is written.
            rows.closed.set(kept::tidy().await.unwrap_or(false));
            rows.restored.set(true);
        });
        rows
    }

    /// How many rows there are.
    pub(super) fn count(self) -> usize {
        self.sheet.with(|sheet| sheet.rows.len())
    }

    pub(super) fn columns(self) -> Vec<String> {
        self.sheet.with(|sheet| sheet.columns.clone())
    }

    pub(super) fn cell(self, at: usize, column: usize) -> String {
        self.sheet.with(|sheet| {
            let cell = sheet.rows.get(at).and_then(|row| row.get(column));
            cell.cloned().unwrap_or_default()
        })
    }

    /// Lets somebody read the values of a row.
    pub(super) fn with_row(self, at: usize, read: impl FnOnce(&[String])) {
        self.sheet
            .with(|sheet| read(sheet.rows.get(at).map_or(&[], Vec::as_slice)));
    }

    /// The stretch of its recording that a row is about, in seconds.
    pub(super) fn stretch(self, at: usize) -> (f64, Option<f64>) {
        self.sheet.with(|sheet| {
            let start = sheet.seconds(at, "start").unwrap_or(0.0);
            (start, sheet.seconds(at, "end").filter(|end| *end > start))
        })
    }

    /// How often each value of a column is there among the rows that are shown, the most frequent first.
    pub(super) fn counts(self, column: usize) -> Vec<(String, usize)> {
        let shown = self.shown.get();
        self.sheet.with(|sheet| {
            let mut counts: HashMap<&str, usize> = HashMap::new();
            for row in shown.iter().filter_map(|&at| sheet.rows.get(at)) {
                *counts
                    .entry(row.get(column).map_or("", String::as_str))
                    .or_default() += 1;
            }
            let mut counts: Vec<(String, usize)> = counts
                .into_iter()
                .map(|(value, n)| (value.to_owned(), n))
                .collect();
            shared::sorting::by(&mut counts, |a, b| {
                b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0))
            });
            counts
        })
    }

    /// The values of a column, in their alphabetical order, if they are not more than `most`.
    pub(super) fn values(self, column: usize, most: usize) -> Option<Vec<String>> {
        self.sheet.with(|sheet| {
            let mut values = std::collections::BTreeSet::new();
            for row in &sheet.rows {
                let value = row.get(column).map_or("", String::as_str);
                if !values.contains(value) {
                    if values.len() == most {
                        return None;
                    }
                    values.insert(value);
                }
            }
            Some(values.into_iter().map(str::to_owned).collect())
        })
    }

    /// The recording of a row, if it is here.
    pub(super) fn known(self, at: usize) -> Option<Known> {
        self.version.track();
        self.sheet.track();
        self.files.with_value(|files| files.of_row(at).cloned())
    }

    /// Lets somebody read or change the recordings.
    pub(super) fn with_files<T>(self, change: impl FnOnce(&mut Files) -> T) -> Option<T> {
        self.files.try_update_value(change)
    }

    /// The zip that all of this came from, if it can be sent as it is.
    pub(super) fn archive(self) -> Option<File> {
        self.archive.get_value()
    }

    /// The table, and the recordings of its rows with the paths by which it names them: below the
    /// table's folder, whatever disk or folder they had before.
    pub(super) fn everything(self) -> (String, Vec<(String, File)>) {
        let mut sheet = self.sheet.get_untracked();
        for path in sheet.rows.iter_mut().filter_map(|row| row.first_mut()) {
            *path = files::inside(path);
        }
        let mut used: Vec<(String, File)> = self.files.with_value(|files| {
            let file = |(at, row): (usize, &Vec<String>)| {
                Some((row.first()?.clone(), files.of_row(at)?.file.clone()))
            };
            sheet.rows.iter().enumerate().filter_map(file).collect()
        });
        shared::sorting::by(&mut used, |a, b| a.0.cmp(&b.0));
        used.dedup_by(|a, b| a.0 == b.0);
        (sheet.csv(), used)
    }

    /// Puts a table in the place of what is open, which can be brought back.
    pub(super) async fn open(self, sheet: Sheet) {
        self.set_aside().await;
        self.chosen.set(None);
        self.filter.clear();
        self.before.set_value(Vec::new());
        self.sheet.set(sheet);
        self.resolve();
        self.keep_all();
    }

    /// Adds recordings. With `list`, those that no row names get one.
    pub(super) fn add(self, found: Vec<(String, File)>, list: bool) {
        let paths: Vec<String> = found.iter().map(|(path, _)| path.clone()).collect();
        self.files.update_value(|files| files.add(found));
        self.archive.set_value(None);
        if list {
            self.resolve();
            let have = self.files.with_value(|files| {
                let rows = files.rows().map(|place| files.list[place].path.clone());
                rows.collect::<std::collections::HashSet<_>>()
            });
            self.sheet.update(|sheet| {
                if sheet.columns.is_empty() {
                    sheet.columns = ["file", "speaker", "label"].map(str::to_owned).into();
                    sheet.name = "recordings.csv".to_owned();
                }
                let width = sheet.columns.len();
                for path in paths.into_iter().filter(|path| !have.contains(path)) {
                    let mut row = vec![String::new(); width];
                    row[0] = path;
                    sheet.rows.push(row);
                }
            });
            self.keep_all();
        }
        self.resolve();
    }

    /// Notes that all that is open came from this zip.
    pub(super) fn came_from(self, archive: File) {
        self.archive.set_value(Some(archive));
    }

    /// Adds a recording that was made here, with what is known of it, and looks at it.
    pub(super) async fn take(self, path: String, file: File, known: &[(String, String)]) {
        if let Err(error) = kept::put_take(&path, &file).await {
            self.unkept.set(Some(error.to_string()));
        }
        self.takes.update_value(|takes| takes.push(path.clone()));
        self.add(vec![(path, file)], true);
        let at = self
            .sheet
            .with_untracked(|sheet| sheet.rows.len().saturating_sub(1));
        self.sheet.update(|sheet| {
            for (name, value) in known.iter().filter(|(_, value)| !value.is_empty()) {
                let column = sheet.column(name);
                sheet.rows[at][column].clone_from(value);
            }
        });
        self.keep_all();
        self.chosen.set(Some(at));
    }

    fn resolve(self) {
        self.sheet.with_untracked(|sheet| {
            let paths = sheet
                .rows
                .iter()
                .map(|row| row.first().map_or("", String::as_str));
            self.files.update_value(|files| files.resolve(paths));
        });
        self.version.update(|version| *version += 1);
    }

    /// Gives a cell another value.
    pub(super) fn set(self, at: usize, column: usize, value: String) {
        let before = self.cell_untracked(at, column);
        if before == value {
            return;
        }
        self.before
            .update_value(|edits| edits.push((at, column, before)));
        self.put(at, column, value);
    }

    fn cell_untracked(self, at: usize, column: usize) -> String {
        untrack(|| self.cell(at, column))
    }

    fn put(self, at: usize, column: usize, value: String) {
        self.sheet.update(|sheet| {
            if let Some(cell) = sheet.rows.get_mut(at).and_then(|row| row.get_mut(column)) {
                cell.clone_from(&value);
            }
        });
        self.archive.set_value(None);
        let edit = (at, column, value);
        if self.keeping.try_update_value(|keeping| keeping.edit(edit)) == Some(true) {
            self.write();
        }
        if column == 0 {
            self.resolve();
        }
    }

    /// Takes the last edit back; says whether there was one.
    pub(super) fn undo(self) -> bool {
        let last = self.before.try_update_value(Vec::pop).flatten();
        let Some((at, column, value)) = last else {
            return false;
        };
        self.put(at, column, value);
        self.chosen.set(Some(at));
        true
    }

    /// Adds a column.
    pub(super) fn add_column(self, name: &str) {
        self.sheet.update(|sheet| {
            sheet.column(name);
        });
        self.archive.set_value(None);
        self.keep_all();
    }

    fn keep_all(self) {
        if self.keeping.try_update_value(Keeping::all) == Some(true) {
            self.write();
        }
    }

    fn write(self) {
        spawn_local(async move {
            let outcome = kept::write(
                |change| self.keeping.update_value(|keeping| change(keeping)),
                |read| {
                    let takes = self.takes.get_value();
                    self.sheet.with_untracked(|sheet| read(sheet, &takes));
                },
            )
            .await;
            self.unkept
                .set(outcome.err().map(|error| error.to_string()));
        });
    }

    async fn set_aside(self) {
        let sheet = self.sheet.get_untracked();
        if !sheet.rows.is_empty()
            && kept::put(Place::Closed, &sheet, &self.takes.get_value())
                .await
                .is_ok()
        {
            self.closed.set(true);
        }
    }

    /// Closes all; it can be brought back.
    pub(super) async fn clear(self) {
        self.set_aside().await;
        self.chosen.set(None);
        self.filter.clear();
        self.before.set_value(Vec::new());
        self.sheet.set(Sheet::default());
        self.files.set_value(Files::default());
        self.archive.set_value(None);
        self.takes.set_value(Vec::new());
        self.resolve();
        self.keep_all();
    }

    /// Brings back what was closed last.
    pub(super) async fn bring_back(self, toaster: Toaster) {
        match kept::get(Place::Closed).await {
            Ok(Some((sheet, takes))) => {
                let names = takes.iter().map(|(path, _)| path.clone()).collect();
                self.takes.set_value(names);
                self.files.update_value(|files| files.add(takes));
                self.open(sheet).await;
            }
            Ok(None) => toaster.fail("There is nothing that could be brought back."),
            Err(error) => toaster.fail(format!("What was closed cannot be read: {error}")),
        }
    }

    /// Gives the table to the user.
    pub(super) fn save(self) {
        self.sheet.with_untracked(|sheet| {
            let name = files::name(&sheet.name);
            let name = if files::ending(name) == "csv" {
                name
            } else {
                "recordings.csv"
            };
            browser::download(name, "text/csv;charset=utf-8", &sheet.csv());
        });
    }

    /// What is wrong with the sound of a row, or must be done to it.
    pub(super) fn troubles(self, at: usize) -> Vec<Trouble> {
        self.version.track();
        self.sheet.with(|sheet| {
            self.files
                .with_value(|files| Trouble::of(sheet, at, files.of_row(at)))
        })
    }
}
