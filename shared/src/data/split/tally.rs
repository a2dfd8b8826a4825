//! How often each value occurs in each group of rows.

use std::collections::BTreeSet;

/// Rows by value, in the values' order.
pub(super) struct Tally {
    /// Of each group.
    pub(super) counts: Vec<Vec<f64>>,
    /// Of all groups.
    pub(super) totals: Vec<f64>,
}

impl Tally {
    /// Counts `values`, one a row; `groups` have the numbers of their rows.
    pub(super) fn new(values: &[String], groups: &[Vec<usize>]) -> Self {
        let names: BTreeSet<&str> = values.iter().map(String::as_str).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let mut totals = vec![0.0; names.len()];
        let counts = groups
            .iter()
            .map(|group| {
                let mut counts = vec![0.0; names.len()];
                for row in group {
                    let place = names
                        .binary_search(&values[*row].as_str())
                        .unwrap_or_default();
                    counts[place] += 1.0;
                    totals[place] += 1.0;
                }
                counts
            })
            .collect();
        Self { counts, totals }
    }
}
