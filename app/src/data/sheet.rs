//! A table of recordings: what is read of a file, and written to one.

use crate::browser::turn;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// Rows that are read before others have a turn.
const TURN: usize = 500;

/// Columns and rows; the first column names the recordings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Sheet {
    /// The file that it comes from, and goes back to.
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    /// Each as long as `columns`.
    pub(super) rows: Vec<Vec<String>>,
}

impl Sheet {
    /// Reads a CSV file with commas, semicolons or tabs.
    ///
    /// # Errors
    /// It has no column `file`, or is damaged.
    pub(super) async fn read(name: &str, text: &str) -> Result<Self, String> {
        let text = text.trim_start_matches('\u{feff}');
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
        let columns = reader.headers().map_err(|error| error.to_string())?;
        let mut columns: Vec<String> = columns.iter().map(str::to_owned).collect();
        let Some(file) = columns.iter().position(|name| name == "file") else {
            return Err(
                "a table of recordings has a column `file`, and this one has none.".to_owned(),
            );
        };
        let first = columns.remove(file);
        columns.insert(0, first);
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| error.to_string())?;
            let mut row: Vec<String> = record.iter().map(str::to_owned).collect();
            row.resize(columns.len().max(file + 1), String::new());
            let first = row.remove(file);
            row.insert(0, first);
            row.truncate(columns.len());
            rows.push(row);
            if rows.len().is_multiple_of(TURN) {
                turn().await;
            }
        }
        Ok(Self {
            name: name.to_owned(),
            columns,
            rows,
        })
    }

    /// Puts the rows of several tables under each other. A column `table` says where each comes from.
    pub(super) fn join(mut sheets: Vec<Self>) -> Option<Self> {
        if sheets.len() < 2 {
            return sheets.pop();
        }
        let mut all = Self {
            name: "recordings.csv".to_owned(),
            ..Self::default()
        };
        for sheet in &sheets {
            for column in &sheet.columns {
                all.column(column);
            }
        }
        let from = all.column("table");
        for sheet in sheets {
            let places: Vec<usize> = sheet.columns.iter().map(|name| all.column(name)).collect();
            let stem = super::files::name(&sheet.name)
                .trim_end_matches(".csv")
                .to_owned();
            for row in sheet.rows {
                let mut wide = vec![String::new(); all.columns.len()];
                wide[from].clone_from(&stem);
                for (value, place) in row.into_iter().zip(&places) {
                    wide[*place] = value;
                }
                all.rows.push(wide);
            }
        }
        Some(all)
    }

    /// The place of a column, which is added where there is none of that name.
    pub(super) fn column(&mut self, name: &str) -> usize {
        if let Some(at) = self.columns.iter().position(|own| own == name) {
            return at;
        }
        self.columns.push(name.to_owned());
        for row in &mut self.rows {
            row.push(String::new());
        }
        self.columns.len() - 1
    }

    /// Value of a column as seconds.
    pub(super) fn seconds(&self, row: usize, column: &str) -> Option<f64> {
        let at = self.columns.iter().position(|own| own == column)?;
        let value = self.rows.get(row)?.get(at)?.parse::<f64>().ok()?;
        (value.is_finite() && value >= 0.0).then_some(value)
    }

    /// As CSV.
    pub(super) fn csv(&self) -> String {
        let field = |text: &String| {
            if text.contains(['"', ',', '\n', '\r']) || text.trim() != text {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text.clone()
            }
        };
        let line = |row: &Vec<String>| row.iter().map(field).collect::<Vec<_>>().join(",");
        let mut out = line(&self.columns) + "\n";
        for row in &self.rows {
            let _ = writeln!(out, "{}", line(row));
        }
        out
    }
}
