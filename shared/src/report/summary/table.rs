//! The summary as text of fixed width.

use super::{Measured, Summary};
use crate::report::metrics::Interval;
use std::fmt;

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(part) = self.part {
            let mut word = part.word().to_owned();
            word[..1].make_ascii_uppercase();
            write!(f, "{word} part: ")?;
        }
        write!(f, "{} utterances", self.n)?;
        if self.speakers > 0 {
            write!(f, ", {} speakers", self.speakers)?;
        }
        if self.unlabelled > 0 {
            write!(f, " ({} more without a label)", self.unlabelled)?;
        }
        writeln!(f, "\n")?;
        self.figures(f)?;
        if !self.classes.is_empty() {
            writeln!(f)?;
            self.per_class(f)?;
        }
        if self.confusion.is_some() {
            writeln!(f)?;
            self.matrix(f)?;
        }
        if let Some(note) = &self.note {
            writeln!(f, "\nNote: {note}")?;
        }
        Ok(())
    }
}

impl Summary {
    fn figures(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let speakers = self
            .metrics
            .values()
            .any(|measured| measured.by_speaker.is_some());
        let mut rows = vec![vec![
            String::new(),
            "value".to_owned(),
            "95 % interval".to_owned(),
        ]];
        if speakers {
            rows[0].push("by speaker".to_owned());
        }
        for (name, measured) in &self.metrics {
            let mut row = vec![
                name.to_uppercase(),
                number(measured.value),
                span(measured.interval()),
            ];
            if speakers {
                row.push(span(measured.by_speaker));
            }
            rows.push(row);
        }
        f.write_str(&aligned(&rows))
    }

    fn per_class(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["", "precision", "recall", "F1", "utterances"];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        for class in &self.classes {
            let scores = &class.scores;
            rows.push(vec![
                class.label.clone(),
                number(scores.precision),
                number(scores.recall),
                number(scores.f1),
                scores.support.to_string(),
            ]);
        }
        f.write_str(&aligned(&rows))
    }

    fn matrix(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut head = vec!["truth \\ predicted".to_owned()];
        head.extend(self.labels.iter().cloned());
        let mut rows = vec![head];
        for (label, counts) in self.labels.iter().zip(self.confusion.iter().flatten()) {
            let mut row = vec![label.clone()];
            row.extend(counts.iter().map(u64::to_string));
            rows.push(row);
        }
        f.write_str(&aligned(&rows))
    }
}

impl Measured {
    /// The 95 % interval, utterances drawn.
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        Some(Interval {
            low: self.low?,
            high: self.high?,
        })
    }
}

/// Three decimals, `-` where a figure is not defined.
pub(in crate::report) fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"))
}

/// `[low, high]` with three decimals.
pub(in crate::report) fn span(interval: Option<Interval>) -> String {
    interval.map_or_else(
        || "-".to_owned(),
        |Interval { low, high }| format!("[{low:.3}, {high:.3}]"),
    )
}

/// One line a row: the first column to the left, the others to the right, two blanks between them.
pub(in crate::report) fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
        })
        .map(|width| width.unwrap_or(0))
        .collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::from("  ");
        for (column, cell) in row.iter().enumerate() {
            let blanks = " ".repeat(widths[column] - cell.chars().count());
            if column == 0 {
                line += &format!("{cell}{blanks}");
            } else {
                line += &format!("  {blanks}{cell}");
            }
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}
