//! A dev part from the train part, where there is none.

use super::share;
use crate::data::{
    DataError, Part,
    draw::{Draw, Drawing, Purpose},
    parts::Parts,
    row::Row,
};
use indexmap::IndexMap;
use std::collections::BTreeSet;

/// Sets of speakers that are compared.
const CANDIDATES: usize = 200;

/// Makes `percent` of the train speakers (rounded down, at least one) the dev part, and says so.
///
/// Of many drawn sets of speakers the one is taken that leaves every class in the train part, has as
/// many classes as it can, and is most like the whole in its classes, sexes and size. Where there are
/// no speakers or only one, files are taken instead, class by class.
///
/// # Errors
/// There is nothing that could be taken.
pub(in crate::data) fn carve_dev(
    parts: &mut Parts<Vec<Row>>,
    percent: f64,
    seed: u64,
    warnings: &mut Vec<String>,
) -> Result<(), DataError> {
    let mut drawing = Draw::part(seed, Part::Dev).begin(Purpose::Carve);
    let train = std::mem::take(&mut parts.train);
    let strata = strata(&train);
    let speakers: BTreeSet<&str> = train
        .iter()
        .filter_map(|row| row.speaker.as_deref())
        .collect();
    let (chosen, what): (Vec<bool>, String) = if speakers.len() > 1 {
        let speakers: Vec<&str> = speakers.into_iter().collect();
        let count = share(speakers.len(), percent).min(speakers.len() - 1);
        let names = by_speaker(
            &train,
            &strata,
            &speakers,
            count,
            percent / 100.0,
            &mut drawing,
        );
        let mut listed: Vec<&str> = names.iter().copied().collect();
        listed.sort_unstable();
        let what = format!(
            "{count} of {} train speakers ({})",
            speakers.len(),
            listed.join(", ")
        );
        (
            train
                .iter()
                .map(|row| {
                    row.speaker
                        .as_deref()
                        .is_some_and(|name| names.contains(name))
                })
                .collect(),
            what,
        )
    } else {
        let why = if speakers.is_empty() {
            "there are no speakers"
        } else {
            "there is only one train speaker"
        };
        let files = by_file(&train, &strata, percent, &mut drawing);
        let chosen: Vec<bool> = train
            .iter()
            .map(|row| files.contains(row.file.as_str()))
            .collect();
        (
            chosen,
            format!(
                "{} of {} train files, since {why}; figures on dev are optimistic",
                files.len(),
                count_files(&train)
            ),
        )
    };
    let dev = chosen.iter().filter(|chosen| **chosen).count();
    if dev == 0 || dev == train.len() {
        return Err(DataError::EmptyPart {
            part: Part::Dev,
            reason: format!(
                "{} train rows of {} files are too few to take a dev part from; set select_on = test, or add data",
                train.len(),
                count_files(&train)
            ),
        });
    }
    warnings.push(format!(
        "there is no dev part, so dev was taken from train: {what} ({dev} rows, dev_from_train = {percent})"
    ));
    for (row, chosen) in train.into_iter().zip(chosen) {
        parts
            .get_mut(if chosen { Part::Dev } else { Part::Train })
            .push(row);
    }
    Ok(())
}

/// What rows of a kind are called: their class, or the fifth of the range of values.
pub(super) fn strata(rows: &[Row]) -> Vec<String> {
    let mut values: Vec<f64> = rows.iter().filter_map(|row| row.value).collect();
    values.sort_by(f64::total_cmp);
    let fifth =
        |value: f64| values.partition_point(|other| *other < value) * 5 / values.len().max(1);
    let stratum = |row: &Row| match row.value {
        Some(value) => fifth(value).to_string(),
        None => row.label.clone().unwrap_or_default(),
    };
    rows.iter().map(stratum).collect()
}

/// The best of some sets of `count` speakers.
fn by_speaker<'a>(
    rows: &[Row],
    strata: &[String],
    speakers: &[&'a str],
    count: usize,
    wanted: f64,
    drawing: &mut Drawing,
) -> BTreeSet<&'a str> {
    let mut best: (f64, BTreeSet<&str>) = (f64::INFINITY, BTreeSet::new());
    for _ in 0..CANDIDATES {
        let names: BTreeSet<&str> = drawing
            .sample(speakers.to_vec(), count)
            .into_iter()
            .collect();
        let cost = cost(rows, strata, &names, wanted);
        if cost < best.0 {
            best = (cost, names);
        }
    }
    best.1
}

/// How bad a set of dev speakers is.
fn cost(rows: &[Row], strata: &[String], names: &BTreeSet<&str>, wanted: f64) -> f64 {
    let is_dev = |row: &Row| {
        row.speaker
            .as_deref()
            .is_some_and(|name| names.contains(name))
    };
    // Rows of each class and sex: (all, of dev).
    let mut classes: IndexMap<&str, (f64, f64)> = IndexMap::new();
    let mut sexes: IndexMap<&str, (f64, f64)> = IndexMap::new();
    let mut dev = 0.0;
    for (row, stratum) in rows.iter().zip(strata) {
        let one = f64::from(u8::from(is_dev(row)));
        dev += one;
        for (all, of_dev) in [
            classes.entry(stratum).or_default(),
            sexes
                .entry(row.gender.as_deref().unwrap_or_default())
                .or_default(),
        ] {
            *all += 1.0;
            *of_dev += one;
        }
    }
    let total = rows.len() as f64;
    let distance = |counts: &IndexMap<&str, (f64, f64)>| -> f64 {
        counts
            .values()
            .map(|(all, of_dev)| (all / total - of_dev / f64::max(dev, 1.0)).abs())
            .sum()
    };
    let lost = classes
        .values()
        .filter(|(all, of_dev)| all == of_dev)
        .count() as f64;
    let absent = classes
        .values()
        .filter(|(_, of_dev)| *of_dev == 0.0)
        .count() as f64;
    100.0 * lost
        + 5.0 * absent
        + distance(&classes)
        + distance(&sexes)
        + (dev / total - wanted).abs()
}

/// Files of each class, rounded down but at least one where the class has two. Stretches of one file
/// stay together; the class of the first counts.
fn by_file<'a>(
    rows: &'a [Row],
    strata: &[String],
    percent: f64,
    drawing: &mut Drawing,
) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut classes: IndexMap<&str, Vec<&str>> = IndexMap::new();
    for (row, stratum) in rows.iter().zip(strata) {
        if seen.insert(row.file.as_str()) {
            classes.entry(stratum).or_default().push(&row.file);
        }
    }
    classes.sort_unstable_keys();
    let mut chosen = BTreeSet::new();
    for files in classes.into_values().filter(|files| files.len() > 1) {
        let count = share(files.len(), percent).min(files.len() - 1);
        chosen.extend(drawing.sample(files, count));
    }
    chosen
}

fn count_files(rows: &[Row]) -> usize {
    rows.iter()
        .map(|row| row.file.as_str())
        .collect::<BTreeSet<_>>()
        .len()
}
