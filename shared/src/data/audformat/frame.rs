//! A table of a database in memory.

use super::{cell::Dtype, csv, parquet};
use crate::{
    data::{DataError, drops::Objection, table},
    files::Files,
};
use indexmap::IndexMap;
use std::collections::HashMap;

/// Columns of a table as they come from its file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cells {
    /// Line of the file, or of what it would be as CSV, for each row.
    pub(super) lines: Vec<u64>,
    /// The columns that were asked for; `None` is missing.
    pub(super) columns: Vec<Vec<Option<String>>>,
}

impl Cells {
    /// So many columns without rows.
    pub(super) fn new(columns: usize) -> Self {
        Self {
            lines: Vec::new(),
            columns: vec![Vec::new(); columns],
        }
    }

    /// Reads the file of the table `id` in `folder`: parquet, else CSV, as audformat does. A pickled
    /// table is a copy of one of these, and is not looked at where there is one.
    ///
    /// # Errors
    /// There is no file that can be read, or it lacks a column.
    pub(super) fn read(
        files: &dyn Files,
        folder: &str,
        id: &str,
        fields: &[(&str, Dtype)],
    ) -> Result<Self, DataError> {
        let path = |ending: &str| table::join(&[folder, &format!("db.{id}.{ending}")]);
        let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
        let load = |path: &str| {
            files.read(path).map_err(|error| DataError::TableFile {
                path: path.to_owned(),
                reason: format!("it cannot be read: {error}"),
            })
        };
        let (parquet_path, csv_path, pickle_path) = (path("parquet"), path("csv"), path("pkl"));
        let mut cells = if files.exists(&parquet_path) {
            parquet::read(&parquet_path, &load(&parquet_path)?, fields)?
        } else if files.exists(&csv_path) {
            csv::read(&csv_path, &load(&csv_path)?, &names)?
        } else if files.exists(&pickle_path) {
            return Err(DataError::TableFile {
                path: pickle_path,
                reason: "the table is only there as a Python pickle, which can run any program and is not opened; \
                         save the database anew with audformat: \
                         audformat.Database.load(folder).save(folder, storage_format='csv')"
                    .into(),
            });
        } else {
            return Err(DataError::TableFile {
                path: csv_path,
                reason: "the table stands in db.yaml, but there is neither this file nor one that ends in .parquet".into(),
            });
        };
        for (column, (_, dtype)) in cells.columns.iter_mut().zip(fields) {
            for cell in column {
                *cell = cell.take().map(|text| dtype.normal(text));
            }
        }
        Ok(cells)
    }
}

/// Which stretch of which file: the name in the table, start and end in seconds as bits.
pub(super) type Key = (String, u64, Option<u64>);

/// What a row of a table is about.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) line: u64,
    /// The file as the table names it.
    pub(super) file: String,
    /// Seconds.
    pub(super) start: f64,
    /// Seconds; `None` is the file's end.
    pub(super) end: Option<f64>,
    /// What is wrong with it.
    pub(super) problem: Option<Objection>,
}

impl Entry {
    pub(super) fn key(&self) -> Key {
        (
            self.file.clone(),
            self.start.to_bits(),
            self.end.map(f64::to_bits),
        )
    }
}

/// A table of files or stretches.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Frame {
    pub(super) entries: Vec<Entry>,
    pub(super) columns: IndexMap<String, Vec<Option<String>>>,
    /// The first row of each stretch.
    rows: HashMap<Key, usize>,
    segmented: bool,
}

impl Frame {
    /// A table from its cells: `file`, with `segmented` also `start` and `end`, then columns of
    /// these names.
    pub(super) fn new<'n>(
        cells: Cells,
        segmented: bool,
        names: impl Iterator<Item = &'n String>,
    ) -> Self {
        let mut columns = cells.columns.into_iter();
        let mut next = || columns.next().unwrap_or_default().into_iter();
        let mut file = next();
        let (mut start, mut end) = if segmented {
            (next(), next())
        } else {
            Default::default()
        };
        let mut entries = Vec::with_capacity(cells.lines.len());
        let mut rows = HashMap::new();
        for (index, line) in cells.lines.into_iter().enumerate() {
            let name = file.next().flatten().unwrap_or_default();
            let times = (start.next().flatten(), end.next().flatten());
            let (span, problem) = match table::stretch(&name, times) {
                Ok(span) => (span, None),
                Err(problem) => ((0.0, None), Some(problem)),
            };
            let entry = Entry {
                line,
                file: name,
                start: span.0,
                end: span.1,
                problem,
            };
            if entry.problem.is_none() {
                rows.entry(entry.key()).or_insert(index);
            }
            entries.push(entry);
        }
        let columns = names.cloned().zip(columns).collect();
        Self {
            entries,
            columns,
            rows,
            segmented,
        }
    }

    /// The row of exactly this stretch.
    pub(super) fn exact(&self, key: &Key) -> Option<usize> {
        self.rows.get(key).copied()
    }

    /// The row of the stretch's whole file in a table of files.
    pub(super) fn of_file(&self, key: &Key) -> Option<usize> {
        if self.segmented {
            return None;
        }
        self.rows
            .get(&(key.0.clone(), 0.0_f64.to_bits(), None))
            .copied()
    }
}
