//! How unlike the whole the parts are.

use super::super::tally::Tally;
use crate::data::Part;

/// A column that is levelled out.
pub(super) struct Column {
    weight: f64,
    /// Rows of each value, by speaker.
    tally: Tally,
}

impl Column {
    /// The column with these `values`; `groups` are the rows of each speaker.
    pub(super) fn new(weight: f64, values: &[String], groups: &[Vec<usize>]) -> Self {
        Self {
            weight,
            tally: Tally::new(values, groups),
        }
    }
}

/// All speakers with what counts of them.
pub(super) struct Table {
    pub(super) columns: Vec<Column>,
    /// Rows by speaker.
    pub(super) sizes: Vec<f64>,
    /// `size_diff_weight`.
    pub(super) size_weight: f64,
    /// Shares that test and dev are to have; 0 is no such part.
    pub(super) shares: [f64; 2],
}

/// What stands in test and dev.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct State {
    /// Rows of each value of each column, by part.
    held: [Vec<Vec<f64>>; 2],
    /// Rows by part.
    sizes: [f64; 2],
}

/// How good a split is: first as little as possible is missing, then the value counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Score {
    /// Values of columns that a part has none of.
    pub(super) missing: usize,
    /// The score; 0 is best.
    pub(super) value: f64,
}

impl Score {
    pub(super) fn is_better(self, other: Self) -> bool {
        // A difference that is rounding must not make the search go round in circles.
        self.missing < other.missing
            || self.missing == other.missing && self.value < other.value - 1e-12
    }
}

/// Where a part stands in the arrays; train is what is left.
fn place(part: Part) -> Option<usize> {
    match part {
        Part::Test => Some(0),
        Part::Dev => Some(1),
        Part::Train => None,
    }
}

impl Table {
    /// What these parts of the speakers hold.
    pub(super) fn state(&self, parts: &[Part]) -> State {
        let empty: Vec<Vec<f64>> = self
            .columns
            .iter()
            .map(|column| vec![0.0; column.tally.totals.len()])
            .collect();
        let mut state = State {
            held: [empty.clone(), empty],
            sizes: [0.0; 2],
        };
        for (speaker, part) in parts.iter().enumerate() {
            self.add(&mut state, speaker, *part, 1.0);
        }
        state
    }

    /// Puts a speaker into a part, or takes them out of it (`sign` -1).
    pub(super) fn add(&self, state: &mut State, speaker: usize, part: Part, sign: f64) {
        let Some(place) = place(part) else { return };
        for (held, column) in state.held[place].iter_mut().zip(&self.columns) {
            for (held, count) in held.iter_mut().zip(&column.tally.counts[speaker]) {
                *held += sign * count;
            }
        }
        state.sizes[place] += sign * self.sizes[speaker];
    }

    /// The parts that are to be made besides train.
    fn places(&self) -> impl Iterator<Item = usize> {
        (0..2).filter(|place| self.shares[*place] > 0.0)
    }

    /// Distance of a column's distribution from that of the whole, the larger of test and dev.
    pub(super) fn distance(&self, state: &State, column: usize) -> f64 {
        let distances = self.places().map(|place| {
            jensen_shannon(
                &self.columns[column].tally.totals,
                &state.held[place][column],
                state.sizes[place],
            )
        });
        distances.fold(0.0, f64::max)
    }

    /// The weighted mean of the columns' distances ([`Table::distance`]) and of the difference between the
    /// shares of rows that test and dev have and are to have, the larger one; which is what
    /// `splitutils` minimises.
    pub(super) fn score(&self, state: &State) -> Score {
        let all: f64 = self.sizes.iter().sum();
        let mut sum = 0.0;
        let mut weights = 0.0;
        let mut missing = 0;
        for (index, column) in self.columns.iter().enumerate() {
            sum += column.weight * self.distance(state, index);
            weights += column.weight;
            for (value, total) in column.tally.totals.iter().enumerate() {
                let mut left = *total;
                for place in self.places() {
                    let held = state.held[place][index][value];
                    left -= held;
                    missing += usize::from(held < 0.5);
                }
                missing += usize::from(left < 0.5);
            }
        }
        let size = self
            .places()
            .map(|place| (state.sizes[place] / all - self.shares[place]).abs())
            .fold(0.0, f64::max);
        sum += self.size_weight * size;
        weights += self.size_weight;
        Score {
            missing,
            value: if weights > 0.0 { sum / weights } else { 0.0 },
        }
    }
}

/// The Jensen-Shannon distance (Endres and Schindelin 2003), the root of the divergence with natural
/// logarithms, between two distributions that are given as counts; `n` is the sum of the second.
fn jensen_shannon(reference: &[f64], counts: &[f64], n: f64) -> f64 {
    if n <= 0.0 {
        return std::f64::consts::LN_2.sqrt();
    }
    let all: f64 = reference.iter().sum();
    let part = |p: f64, m: f64| if p > 0.0 { p * (p / m).ln() } else { 0.0 };
    let divergence: f64 = reference
        .iter()
        .zip(counts)
        .map(|(reference, count)| {
            let (p, q) = (reference / all, count / n);
            let m = (p + q) / 2.0;
            part(p, m) + part(q, m)
        })
        .sum();
    (divergence / 2.0).max(0.0).sqrt()
}
