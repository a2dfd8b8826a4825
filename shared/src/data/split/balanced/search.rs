//! The search for the best parts.

use super::score::{Score, State, Table};
use crate::data::{Part, draw::Drawing};

/// Starts of the search.
const STARTS: usize = 40;
/// Exchanges that are looked at are bounded, so that thousands of speakers take seconds.
const BUDGET: usize = 300_000;

/// How many speakers may be test and dev: each percentage rounded down and up, at least one, as long
/// as one is left for train. `None` if none is.
pub(super) fn counts(speakers: usize, shares: &[f64; 2]) -> Option<Vec<[usize; 2]>> {
    let rounded = |share: f64| -> Vec<usize> {
        if share <= 0.0 {
            return vec![0];
        }
        let exact = speakers as f64 * share;
        let mut both = vec![
            ((exact + 1e-9).floor() as usize).max(1),
            ((exact - 1e-9).ceil() as usize).max(1),
        ];
        both.dedup();
        both
    };
    let mut found = Vec::new();
    for test in rounded(shares[0]) {
        for dev in rounded(shares[1]) {
            if test + dev < speakers {
                found.push([test, dev]);
            }
        }
    }
    (!found.is_empty()).then_some(found)
}

/// The best parts that were found: from many random starts, speakers of two parts are exchanged as
/// long as that makes the split better.
pub(super) fn best(table: &Table, counts: &[[usize; 2]], mut drawing: Drawing) -> Vec<Part> {
    let speakers = table.sizes.len();
    let mut best: Option<(Score, Vec<Part>)> = None;
    let mut left = BUDGET;
    for start in 0..STARTS * counts.len() {
        let [test, dev] = counts[start % counts.len()];
        let mut parts = vec![Part::Train; speakers];
        for (place, speaker) in drawing
            .shuffled((0..speakers).collect())
            .into_iter()
            .enumerate()
        {
            if place < test {
                parts[speaker] = Part::Test;
            } else if place < test + dev {
                parts[speaker] = Part::Dev;
            }
        }
        let score = climb(table, &mut parts, &mut drawing, &mut left);
        if best
            .as_ref()
            .is_none_or(|(least, _)| score.is_better(*least))
        {
            best = Some((score, parts));
        }
        if left == 0 && start + 1 >= counts.len() {
            break;
        }
    }
    best.map(|(_, parts)| parts).unwrap_or_default()
}

/// Exchanges speakers until no exchange helps, or `left` exchanges were looked at.
fn climb(table: &Table, parts: &mut [Part], drawing: &mut Drawing, left: &mut usize) -> Score {
    let mut state = table.state(parts);
    let mut score = table.score(&state);
    let mut order: Vec<usize> = drawing.shuffled((0..parts.len()).collect());
    loop {
        let mut improved = false;
        for (place, &first) in order.iter().enumerate() {
            for &second in &order[place + 1..] {
                if parts[first] == parts[second] {
                    continue;
                }
                if *left == 0 {
                    return score;
                }
                *left -= 1;
                exchange(table, &mut state, parts, first, second);
                let changed = table.score(&state);
                if changed.is_better(score) {
                    score = changed;
                    improved = true;
                } else {
                    exchange(table, &mut state, parts, first, second);
                }
            }
        }
        if !improved {
            // Sums of many exchanges are rounded.
            return table.score(&table.state(parts));
        }
        order = drawing.shuffled(order);
    }
}

fn exchange(table: &Table, state: &mut State, parts: &mut [Part], first: usize, second: usize) {
    for (speaker, other) in [(first, second), (second, first)] {
        table.add(state, speaker, parts[speaker], -1.0);
        table.add(state, speaker, parts[other], 1.0);
    }
    parts.swap(first, second);
}
