//! What models of each database say of each: the cells of a table.

use super::{FoldLine, Manifest, Spread, Summary, summary::Measured};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// A model of one database on another one, in one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CrossCell {
    /// The database that was trained on.
    pub trained_on: String,
    /// The database that was tested on.
    pub tested_on: String,
    /// The folder of the training, below the experiment's.
    pub folder: String,
    /// Utterances that were tested on.
    pub utterances: usize,
    /// Epoch of the checkpoint that was kept, with a fraction.
    pub best_epoch: Option<f64>,
    /// Figures by name, with their intervals.
    pub metrics: IndexMap<String, Measured>,
}

impl CrossCell {
    /// The figures of `tested_on` by the model of `trained_on`, of whose training `line` tells.
    #[must_use]
    pub fn new(trained_on: &str, tested_on: &str, line: &FoldLine, summary: &Summary) -> Self {
        Self {
            trained_on: trained_on.to_owned(),
            tested_on: tested_on.to_owned(),
            folder: line.folder.clone(),
            utterances: summary.n,
            best_epoch: line.best_epoch,
            metrics: summary.metrics.clone(),
        }
    }
}

/// One figure of all cells, over the runs.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossTable {
    /// The databases, in order.
    pub names: Vec<String>,
    /// Rows are trained on, columns tested on.
    pub cells: Vec<Vec<Spread>>,
}

impl CrossTable {
    /// The figure `name` of `runs`; `None` if they are of no such experiment.
    #[must_use]
    pub fn of(runs: &[Manifest], name: &str) -> Option<Self> {
        let first = runs.iter().find(|run| !run.databases.is_empty())?;
        let mut names: Vec<String> = Vec::new();
        for cell in &first.databases {
            if !names.contains(&cell.trained_on) {
                names.push(cell.trained_on.clone());
            }
        }
        let cell = |row: &String, column: &String| {
            let cells = runs.iter().flat_map(|run| &run.databases);
            let cells = cells.filter(|cell| cell.trained_on == *row && cell.tested_on == *column);
            Spread::of(cells.map(|cell| cell.metrics.get(name)?.value))
        };
        let row = |row: &String| names.iter().map(|column| cell(row, column)).collect();
        let cells = names.iter().map(row).collect();
        Some(Self { names, cells })
    }

    /// Mean of the cells that `is_wanted` by their places.
    #[must_use]
    pub fn mean(&self, is_wanted: impl Fn(usize, usize) -> bool) -> Option<f64> {
        let mut values = Vec::new();
        for (row, cells) in self.cells.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                if is_wanted(row, column) {
                    values.push(cell.mean);
                }
            }
        }
        Spread::of(values).mean
    }
}
