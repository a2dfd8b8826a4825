//! Rows to train, dev and test.

mod balanced;
mod carve;
mod column;
mod folds;
mod speakers;
mod tally;

#[cfg(test)]
mod tests;

pub(super) use carve::carve_dev;
pub(super) use folds::folds;

use super::{
    DataError, Part,
    draw::{Draw, Purpose},
    drops::{DropReason, Drops},
    parts::Parts,
    row::Row,
};
use crate::config::{DatabaseConfig, SplitStrategy};

/// Splits the rows of a database as its configuration says; `three_way` is `traindevtest`.
///
/// Without it the strategies that draw make no dev part; a dev part that is named (`dev`, or a list
/// of dev speakers) is made in any case.
///
/// # Errors
/// There are fewer speakers or rows than parts, no speakers where the split is by speakers, or a
/// speaker in two lists.
pub(super) fn split(
    mut rows: Vec<Row>,
    database: &DatabaseConfig,
    three_way: bool,
    draw: Draw,
    drops: &mut Drops,
    warnings: &mut Vec<String>,
) -> Result<Parts<Vec<Row>>, DataError> {
    let mut parts = match &database.split {
        SplitStrategy::Train => Parts {
            train: rows,
            ..Parts::default()
        },
        SplitStrategy::Dev => Parts {
            dev: rows,
            ..Parts::default()
        },
        SplitStrategy::Test => Parts {
            test: rows,
            ..Parts::default()
        },
        // What is empty has nothing to be split; that a part is empty is found later.
        _ if rows.is_empty() => Parts::default(),
        SplitStrategy::Random {
            test_percent,
            dev_percent,
        } => {
            let order = draw
                .begin(Purpose::Split)
                .shuffled((0..rows.len()).collect());
            let sizes = sizes(rows.len(), *test_percent, *dev_percent, three_way)
                .ok_or_else(|| too_few(database, "rows", rows.len(), three_way))?;
            let mut place = vec![0; rows.len()];
            for (position, index) in order.into_iter().enumerate() {
                place[index] = position;
            }
            let mut index = 0;
            by(rows, |_| {
                index += 1;
                Some(sizes.part(place[index - 1]))
            })
        }
        SplitStrategy::SpeakerSplit {
            test_percent,
            dev_percent,
        } => {
            let names = speakers::require(&mut rows, database, drops)?;
            let sizes = sizes(names.len(), *test_percent, *dev_percent, three_way)
                .ok_or_else(|| too_few(database, "speakers", names.len(), three_way))?;
            let order = draw.begin(Purpose::Split).shuffled(names);
            by(rows, |row| {
                let place = order
                    .iter()
                    .position(|name| Some(name) == row.speaker.as_ref());
                place.map(|place| sizes.part(place))
            })
        }
        SplitStrategy::Balanced(balanced) => {
            let parts = balanced::parts(
                &mut rows, database, balanced, three_way, draw, drops, warnings,
            )?;
            let mut parts = parts.into_iter();
            by(rows, |_| parts.next())
        }
        SplitStrategy::Speakers { train, dev, test } => {
            speakers::require(&mut rows, database, drops)?;
            let lists = speakers::Lists::new(
                database,
                [train.as_deref(), dev.as_deref(), test.as_deref()],
            )?;
            lists.name_absent(&rows, warnings);
            drops.sift(&mut rows, None, |row| match lists.part(row) {
                Some(_) => Ok(()),
                None => Err((
                    DropReason::NotInSpeakerLists,
                    row.speaker.clone().unwrap_or_default(),
                )),
            });
            by(rows, |row| lists.part(row))
        }
        SplitStrategy::Database | SplitStrategy::Specified => {
            drops.sift(&mut rows, None, |row| match row.listed {
                Some(_) => Ok(()),
                None => Err((DropReason::NotInTables, String::new())),
            });
            by(rows, |row| row.listed)
        }
        SplitStrategy::Column {
            column,
            train,
            dev,
            test,
        } => {
            let lists =
                column::Lists::new(column, [train.as_deref(), dev.as_deref(), test.as_deref()]);
            lists.require(&rows, database, warnings)?;
            drops.sift(&mut rows, None, |row| match lists.part(row) {
                Some(_) => Ok(()),
                None => Err((DropReason::NotInSplitValues, lists.value(row))),
            });
            by(rows, |row| lists.part(row))
        }
    };
    for (kept, key) in [
        (Part::Test, database.as_test),
        (Part::Train, database.as_train),
    ] {
        for part in Part::ALL.into_iter().filter(|part| key && *part != kept) {
            drops.sift(parts.get_mut(part), Some(part), |_| {
                Err((DropReason::PartLeftOut, String::new()))
            });
        }
    }
    Ok(parts)
}

/// How many of the drawn things are test and dev; the rest is train.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sizes {
    test: usize,
    dev: usize,
}

impl Sizes {
    /// The part of the thing that was drawn at position `place`.
    fn part(self, place: usize) -> Part {
        if place < self.test {
            Part::Test
        } else if place < self.test + self.dev {
            Part::Dev
        } else {
            Part::Train
        }
    }
}

/// Percentages of `count`, rounded down but at least one each (none of 0 %); `None` if nothing is left for train.
fn sizes(count: usize, test_percent: f64, dev_percent: f64, three_way: bool) -> Option<Sizes> {
    let test = share(count, test_percent);
    let dev = if three_way {
        share(count, dev_percent)
    } else {
        0
    };
    (test + dev < count).then_some(Sizes { test, dev })
}

/// `percent` of `count`, rounded down, at least one; none of 0 %.
fn share(count: usize, percent: f64) -> usize {
    if percent <= 0.0 {
        return 0;
    }
    // A percentage such as 28 or 0.57 * 100 must not fall below its whole number.
    ((count as f64 * percent / 100.0 + 1e-9).floor() as usize).max(1)
}

/// Sorts rows into parts; the order of the table stays.
fn by(rows: Vec<Row>, mut part: impl FnMut(&Row) -> Option<Part>) -> Parts<Vec<Row>> {
    let mut parts: Parts<Vec<Row>> = Parts::default();
    for row in rows {
        if let Some(part) = part(&row) {
            parts.get_mut(part).push(row);
        }
    }
    parts
}

fn too_few(
    database: &DatabaseConfig,
    what: &'static str,
    found: usize,
    three_way: bool,
) -> DataError {
    let parts = if three_way { 3 } else { 2 };
    let hint = if found >= parts {
        "; test_size and dev_size leave nothing for the train part"
    } else if what == "speakers" {
        "; use split_strategy = random, or name the part with split_strategy = train or test"
    } else {
        "; name the part with split_strategy = train or test"
    };
    DataError::TooFew {
        database: database.name.clone(),
        what,
        found,
        parts,
        hint: hint.into(),
    }
}
