//! Speakers to parts that are like the whole: the split `balanced`.

mod score;
mod search;

#[cfg(test)]
mod tests;

use super::speakers;
use crate::{
    config::{BalanceColumn, Balanced, DatabaseConfig},
    data::{
        DataError, Part,
        draw::{Draw, Purpose},
        drops::Drops,
        row::Row,
    },
};
use score::{Column, Table};
use std::collections::BTreeMap;

/// A column with more different numbers than this needs bins.
const MOST_NUMBERS: usize = 12;
/// Bins of such a column without a key of its own.
const BINS: usize = 4;

/// The part of each row. Rows without a speaker are dropped, and speakers stay together.
///
/// The parts of the speakers are searched for that minimise the score by which Nkululeko's split
/// (`splitutils`) chooses: [`Table::score`].
///
/// # Errors
/// There are no speakers, fewer than parts, or a column that nowhere has a value.
pub(super) fn parts(
    rows: &mut Vec<Row>,
    database: &DatabaseConfig,
    balanced: &Balanced,
    three_way: bool,
    draw: Draw,
    drops: &mut Drops,
    warnings: &mut Vec<String>,
) -> Result<Vec<Part>, DataError> {
    let names = speakers::require(rows, database, drops)?;
    let mut columns = Vec::new();
    for column in &balanced.columns {
        let values = values(rows, &column.name);
        if values.iter().all(Option::is_none) {
            return Err(DataError::Balance {
                database: database.name.clone(),
                reason: format!(
                    "no row has a value in the column `{}` of `balance` (there are: {})",
                    column.name,
                    known(rows)
                ),
            });
        }
        columns.push((
            column,
            binned(values, column.bins, &database.name, &column.name, warnings),
        ));
    }
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        groups
            .entry(row.speaker.as_deref().unwrap_or_default())
            .or_default()
            .push(index);
    }
    let groups: Vec<Vec<usize>> = groups.into_values().collect();
    let table = Table {
        columns: columns
            .iter()
            .map(|(column, values)| Column::new(column.weight, values, &groups))
            .collect(),
        sizes: groups.iter().map(|group| group.len() as f64).collect(),
        size_weight: balanced.size_weight,
        shares: [
            balanced.test_percent / 100.0,
            if three_way {
                balanced.dev_percent / 100.0
            } else {
                0.0
            },
        ],
    };
    let counts = search::counts(names.len(), &table.shares)
        .ok_or_else(|| super::too_few(database, "speakers", names.len(), three_way))?;
    let found = search::best(&table, &counts, draw.begin(Purpose::Split));
    warnings.push(told(&database.name, &table, &found, &columns));
    let mut parts = vec![Part::Train; rows.len()];
    for (group, part) in groups.iter().zip(&found) {
        for row in group {
            parts[*row] = *part;
        }
    }
    Ok(parts)
}

/// What each row has in a column; the target is what it is after `mapping`.
fn values(rows: &[Row], column: &str) -> Vec<Option<String>> {
    let value = |row: &Row| match column {
        "gender" | "sex" => row
            .gender
            .clone()
            .or_else(|| row.column(column).map(str::to_owned)),
        _ => row.column(column).map(str::to_owned),
    };
    rows.iter().map(value).collect()
}

/// Values as they are, or the bin of each where there are to be bins, or must be.
fn binned(
    values: Vec<Option<String>>,
    bins: Option<usize>,
    database: &str,
    column: &str,
    warnings: &mut Vec<String>,
) -> Vec<String> {
    let numbers: Option<Vec<Option<f64>>> = values
        .iter()
        .map(|value| match value {
            None => Some(None),
            Some(text) => match text.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => Some(Some(number)),
                _ => None,
            },
        })
        .collect();
    let missing = "(missing)";
    let Some(numbers) = numbers else {
        if bins.is_some() {
            warnings.push(format!(
                "{database}: {column}_bins has no effect: not all values of `{column}` are numbers"
            ));
        }
        return values
            .into_iter()
            .map(|value| value.unwrap_or_else(|| missing.to_owned()))
            .collect();
    };
    let mut sorted: Vec<f64> = numbers.iter().copied().flatten().collect();
    sorted.sort_by(f64::total_cmp);
    let mut different = sorted.clone();
    different.dedup();
    let bins = match bins {
        Some(bins) => bins,
        None if different.len() > MOST_NUMBERS => {
            warnings.push(format!(
                "{database}: `{column}` has {} different numbers, so the split `balanced` levels out {BINS} bins of them; \
                 {column}_bins says how many",
                different.len()
            ));
            BINS
        }
        None => {
            let name = |number: Option<f64>| number.map_or(missing.to_owned(), |it| it.to_string());
            return numbers.into_iter().map(name).collect();
        }
    };
    // Lower edges at equidistant percentiles.
    let edges: Vec<f64> = (1..bins)
        .filter_map(|bin| crate::data::target::quantile(&sorted, bin as f64 / bins as f64))
        .collect();
    let bin = |number: f64| edges.iter().filter(|edge| number >= **edge).count();
    numbers
        .into_iter()
        .map(|number| number.map_or(missing.to_owned(), |number| bin(number).to_string()))
        .collect()
}

/// Names of columns for a message.
fn known(rows: &[Row]) -> String {
    let mut names: Vec<&str> = rows
        .iter()
        .flat_map(|row| row.columns.keys().map(String::as_str))
        .collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}

/// How good the split is, in words.
fn told(
    database: &str,
    table: &Table,
    parts: &[Part],
    columns: &[(&BalanceColumn, Vec<String>)],
) -> String {
    let state = table.state(parts);
    let score = table.score(&state);
    let distances: Vec<String> = columns
        .iter()
        .zip(&table.columns)
        .enumerate()
        .map(|(index, ((column, _), _))| {
            format!("{} {:.3}", column.name, table.distance(&state, index))
        })
        .collect();
    let mut text = format!(
        "{database}: the split `balanced` has a score of {:.4} (0 is best; distance of the parts from the whole: {})",
        score.value,
        distances.join(", ")
    );
    if score.missing > 0 {
        text += &format!(
            "; {} values of these columns are missing in a part, since no set of speakers has all",
            score.missing
        );
    }
    text
}
