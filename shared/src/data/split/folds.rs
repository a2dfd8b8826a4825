//! Rows to folds, each of which is the test part once.

use super::{carve::strata, speakers, tally::Tally};
use crate::{
    config::Folds,
    data::{
        DataError, Part,
        draw::{Draw, Drawing, Purpose},
        drops::Drops,
        row::Row,
    },
};
use indexmap::IndexMap;
use std::collections::{BTreeMap, BTreeSet};

/// Orders of the groups that are tried.
const CANDIDATES: usize = 50;
/// So much work (groups times folds times kinds of rows) is enough.
const WORK: usize = 20_000_000;

/// The number of the fold, from 0, of each row. Rows without a speaker are dropped where the folds
/// are of speakers.
///
/// Speakers (or the files of rows without one) stay together. They are dealt out so that the folds
/// are like each other in the number of rows of each class, or of each fifth of the values of a
/// regression: the largest come first, each goes to the fold that this makes most like the whole, groups
/// change places as long as that helps, and of some orders, drawn by `seed`, the best is taken.
///
/// # Errors
/// There are fewer speakers or files than folds, no speakers where they are needed, or the column
/// `fold` has another number of values than `logo`, or divides a speaker.
pub(in crate::data) fn folds(
    rows: &mut Vec<Row>,
    folds: Folds,
    seed: u64,
    drops: &mut Drops,
    warnings: &mut Vec<String>,
) -> Result<Vec<usize>, DataError> {
    if let Folds::Logo(count) = folds
        && !rows.is_empty()
        && rows.iter().all(|row| row.column(COLUMN).is_some())
    {
        return by_column(rows, count, warnings);
    }
    let wrong = |reason: String| DataError::Folds {
        key: folds.key(),
        reason,
    };
    if folds == Folds::Lodo {
        let databases: BTreeSet<usize> = rows.iter().map(|row| row.database).collect();
        let databases: Vec<usize> = databases.into_iter().collect();
        if databases.len() < 2 {
            return Err(wrong(
                "only one database has rows, and there must be two or more, of which each is left out once".into(),
            ));
        }
        let place = |row: &Row| databases.binary_search(&row.database).unwrap_or_default();
        return Ok(rows.iter().map(place).collect());
    }
    let named = rows.iter().filter(|row| row.speaker.is_some()).count();
    let by_speaker = !matches!(folds, Folds::KFold(_));
    if by_speaker {
        if named == 0 {
            return Err(wrong(
                "no row has a speaker (column `speaker`); k_fold_cross makes folds of files".into(),
            ));
        }
        speakers::drop_nameless(rows, drops);
    } else if named < rows.len() {
        warnings.push(format!(
            "k_fold_cross: {} of {} rows have no speaker, so a speaker may stand in several folds, and the figures are \
             optimistic",
            rows.len() - named,
            rows.len()
        ));
    }
    let key = |row: &Row| match &row.speaker {
        Some(speaker) => (true, speaker.clone()),
        None => (false, row.file.clone()),
    };
    let mut groups: BTreeMap<(bool, String), Vec<usize>> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        groups.entry(key(row)).or_default().push(index);
    }
    let count = match folds {
        Folds::Logo(count) | Folds::KFold(count) => count,
        Folds::Loso | Folds::Lodo | Folds::Databases => groups.len(),
    };
    if groups.len() < count.max(2) {
        let what = if named > 0 { "speakers" } else { "files" };
        return Err(wrong(format!(
            "there are {} {what} for {} folds, and each needs one or more; make fewer folds, or add data",
            groups.len(),
            count.max(2)
        )));
    }
    let groups: Vec<Vec<usize>> = groups.into_values().collect();
    let places = if groups.len() == count {
        (0..count).collect()
    } else {
        let drawing = Draw::part(seed, Part::Test).begin(Purpose::Folds);
        dealt(&Tally::new(&strata(rows), &groups), count, drawing)
    };
    let mut found = vec![0; rows.len()];
    for (group, place) in groups.iter().zip(places) {
        for row in group {
            found[*row] = place;
        }
    }
    Ok(found)
}

/// The column whose values are the folds of `logo`.
const COLUMN: &str = "fold";

/// Folds that the table has.
fn by_column(
    rows: &[Row],
    count: usize,
    warnings: &mut Vec<String>,
) -> Result<Vec<usize>, DataError> {
    let wrong = |reason: String| DataError::Folds {
        key: "logo",
        reason,
    };
    let value = |row: &Row| row.column(COLUMN).unwrap_or_default().to_owned();
    let mut values: Vec<String> = rows
        .iter()
        .map(value)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    if values.iter().all(|value| value.parse::<f64>().is_ok()) {
        let number = |value: &String| value.parse::<f64>().unwrap_or_default();
        values.sort_by(|a, b| number(a).total_cmp(&number(b)));
    }
    if values.len() != count {
        let listed: Vec<&str> = values.iter().take(20).map(String::as_str).collect();
        return Err(wrong(format!(
            "the column `{COLUMN}` has {} values ({}), and {count} folds are asked for; set logo = {}, or rename the column",
            values.len(),
            listed.join(", "),
            values.len()
        )));
    }
    let mut places: IndexMap<&str, usize> = IndexMap::new();
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let own = value(row);
        let place = values.iter().position(|value| *value == own).unwrap_or(0);
        found.push(place);
        let Some(speaker) = row.speaker.as_deref() else {
            continue;
        };
        let first = *places.entry(speaker).or_insert(place);
        if first != place {
            return Err(wrong(format!(
                "the column `{COLUMN}` puts the speaker {speaker} into the folds `{}` and `{own}`; a speaker must not be \
                 trained on and tested on",
                values[first]
            )));
        }
    }
    warnings.push(format!(
        "logo: the folds are the values of the column `{COLUMN}` ({})",
        values.join(", ")
    ));
    Ok(found)
}

/// The fold of each group.
fn dealt(kinds: &Tally, folds: usize, mut drawing: Drawing) -> Vec<usize> {
    let groups = kinds.counts.len();
    let work = groups * folds * kinds.totals.len().max(1);
    let tries = (WORK / work.max(1)).clamp(1, CANDIDATES);
    let size = |group: &usize| kinds.counts[*group].iter().sum::<f64>();
    // Of so many groups that this takes long, each is small enough to be dealt out well.
    let may_improve = groups * groups * kinds.totals.len() <= WORK / 20;
    let mut best: Option<(f64, Vec<usize>)> = None;
    for _ in 0..tries {
        let mut order = drawing.shuffled((0..groups).collect());
        // Stable, so that equally large ones stay as they were drawn.
        order.sort_by(|a: &usize, b: &usize| size(b).total_cmp(&size(a)));
        let mut hand = deal(kinds, folds, &order);
        if may_improve {
            hand.improve();
        }
        let cost = hand.cost();
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, hand.places));
        }
    }
    best.map(|(_, places)| places).unwrap_or_default()
}

/// What the folds hold, and how unlike each other they are.
struct Hand<'a> {
    kinds: &'a Tally,
    /// Rows by fold and kind.
    held: Vec<Vec<f64>>,
    /// Groups by fold.
    members: Vec<usize>,
    /// The fold of each group.
    places: Vec<usize>,
}

impl Hand<'_> {
    /// Squared distance of a fold from its share of each kind, and of all rows.
    fn distance(&self, fold: usize) -> f64 {
        let share = 1.0 / self.held.len() as f64;
        let kinds = &self.kinds.totals;
        let counts = &self.held[fold];
        let of_kinds: f64 = counts
            .iter()
            .zip(kinds)
            .map(|(count, total)| (count / total - share).powi(2))
            .sum();
        let size = counts.iter().sum::<f64>() / kinds.iter().sum::<f64>();
        of_kinds + kinds.len() as f64 * (size - share).powi(2)
    }

    fn cost(&self) -> f64 {
        (0..self.held.len()).map(|fold| self.distance(fold)).sum()
    }

    /// Puts a group into a fold, or takes it out (`sign` -1).
    fn add(&mut self, group: usize, fold: usize, sign: f64) {
        for (held, count) in self.held[fold].iter_mut().zip(&self.kinds.counts[group]) {
            *held += sign * count;
        }
    }

    /// Puts a group into another fold.
    fn put(&mut self, group: usize, fold: usize) {
        let old = self.places[group];
        self.add(group, old, -1.0);
        self.add(group, fold, 1.0);
        self.members[old] -= 1;
        self.members[fold] += 1;
        self.places[group] = fold;
    }

    /// Makes changes of two folds as long as they help: a group goes to another fold, or two groups
    /// change places. No fold is left empty.
    fn improve(&mut self) {
        let groups = self.places.len();
        let mut improved = true;
        while improved {
            improved = false;
            for one in 0..groups {
                for fold in 0..self.held.len() {
                    let old = self.places[one];
                    if fold != old && self.members[old] > 1 {
                        improved |= self.try_out(&[(one, fold)]);
                    }
                }
                for other in one + 1..groups {
                    let (first, second) = (self.places[one], self.places[other]);
                    if first != second {
                        improved |= self.try_out(&[(one, second), (other, first)]);
                    }
                }
            }
        }
    }

    /// Puts groups into other folds if that helps.
    fn try_out(&mut self, moves: &[(usize, usize)]) -> bool {
        let back: Vec<(usize, usize)> = moves
            .iter()
            .map(|(group, _)| (*group, self.places[*group]))
            .collect();
        let folds = [back[0].1, moves[0].1];
        let before: f64 = folds.iter().map(|fold| self.distance(*fold)).sum();
        moves
            .iter()
            .for_each(|(group, fold)| self.put(*group, *fold));
        let after: f64 = folds.iter().map(|fold| self.distance(*fold)).sum();
        // A difference that is rounding must not make it go round in circles.
        let helps = after < before - 1e-12;
        if !helps {
            back.iter()
                .for_each(|(group, fold)| self.put(*group, *fold));
        }
        helps
    }
}

/// The groups dealt out in this order.
fn deal<'a>(kinds: &'a Tally, folds: usize, order: &[usize]) -> Hand<'a> {
    let mut hand = Hand {
        kinds,
        held: vec![vec![0.0; kinds.totals.len()]; folds],
        members: vec![0; folds],
        places: vec![0; order.len()],
    };
    for (done, group) in order.iter().enumerate() {
        let empty = hand.members.iter().filter(|count| **count == 0).count();
        // What is left may just do for the folds that have nothing.
        let must_fill = order.len() - done <= empty;
        let mut best: Option<(f64, usize)> = None;
        for fold in 0..folds {
            if must_fill && hand.members[fold] > 0 {
                continue;
            }
            let before = hand.distance(fold);
            hand.add(*group, fold, 1.0);
            let cost = hand.distance(fold) - before;
            hand.add(*group, fold, -1.0);
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, fold));
            }
        }
        let fold = best.map_or(0, |(_, fold)| fold);
        hand.add(*group, fold, 1.0);
        hand.members[fold] += 1;
        hand.places[*group] = fold;
    }
    hand
}
