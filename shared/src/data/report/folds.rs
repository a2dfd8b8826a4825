//! The folds of a cross validation side by side.

use super::text::counts;
use crate::data::{Dataset, Part};
use std::fmt::Write;

/// Speakers of a test part that are named; more are only counted.
const NAMED: usize = 6;

/// One line a fold: how many utterances each part has, and who and what is tested on.
#[must_use]
pub fn folds_report(folds: &[Dataset]) -> String {
    let mut text = format!("{} folds, each with a training of its own\n", folds.len());
    for (number, fold) in folds.iter().enumerate() {
        let _ = write!(text, "  fold {number}:");
        for part in Part::ALL {
            let rows = fold.part(part).len();
            if rows > 0 {
                let _ = write!(text, " {rows} {}", part.word());
            }
        }
        let test = &fold.report.parts.test;
        match test.speakers.len() {
            0 => {}
            count if count <= NAMED => {
                let names: Vec<&str> = test.speakers.keys().map(String::as_str).collect();
                let _ = write!(text, "; tested on {}", names.join(", "));
            }
            count => {
                let _ = write!(text, "; tested on {count} speakers");
            }
        }
        if !test.classes.is_empty() {
            let _ = write!(text, "; {}", counts(&test.classes));
        }
        text.push('\n');
    }
    text
}
