//! A comparison to read.

use super::{Comparison, verdict};
use crate::report::summary::{aligned, number};
use std::fmt::Write;

/// The table of a comparison: each experiment, then the tests, then what a reader must know.
#[must_use]
pub fn comparison_text(comparison: &Comparison) -> String {
    let measure = comparison.measure.to_uppercase();
    let better = if comparison.larger_is_better {
        "larger"
    } else {
        "smaller"
    };
    let mut text = format!(
        "{measure} of the {} part ({better} is better)\n\n",
        comparison.part.word()
    );
    let head = ["experiment", "runs", "mean", "sd", "median", "min", "max"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for group in &comparison.groups {
        let spread = &group.spread;
        let mut row = vec![group.name.clone(), spread.n.to_string()];
        row.extend(
            [
                spread.mean,
                spread.sd,
                Some(group.median),
                spread.min,
                spread.max,
            ]
            .map(number),
        );
        rows.push(row);
    }
    text += &aligned(&rows);
    if let Some(overall) = &comparison.overall {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "\n{}: H = {:.3}, p = {}, {}",
            overall.test.words(),
            overall.statistic,
            probability(overall.p),
            verdict(overall.p)
        );
    }
    text.push('\n');
    text += &aligned(&pairs(comparison));
    if !comparison.notes.is_empty() {
        text.push('\n');
        for note in &comparison.notes {
            let _ = writeln!(text, "Note: {note}");
        }
    }
    text
}

fn pairs(comparison: &Comparison) -> Vec<Vec<String>> {
    let several = comparison.pairs.len() > 1;
    let mut head = vec!["comparison", "difference", "p"];
    if several {
        head.push("p (Holm)");
    }
    head.extend(["", "test"]);
    let mut rows = vec![head.into_iter().map(str::to_owned).collect::<Vec<_>>()];
    for pair in &comparison.pairs {
        let mut row = vec![
            format!("{} - {}", pair.a, pair.b),
            format!("{:+.3}", pair.difference),
            pair.outcome
                .map_or_else(|| "-".to_owned(), |outcome| probability(outcome.p)),
        ];
        if several {
            row.push(pair.p_corrected.map_or_else(|| "-".to_owned(), probability));
        }
        row.push(pair.p_corrected.map_or("no test", verdict).to_owned());
        row.push(pair.outcome.map_or_else(
            || "too few runs, or all values equal".to_owned(),
            |outcome| outcome.test.words().to_owned(),
        ));
        rows.push(row);
    }
    rows
}

/// Four decimals, fewer where they would be zeros.
fn probability(p: f64) -> String {
    if p < 0.0001 {
        "<0.0001".to_owned()
    } else {
        format!("{p:.4}")
    }
}
