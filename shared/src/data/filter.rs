//! Filters: columns, limits, lengths.

use super::{
    Part,
    draw::{Draw, Purpose},
    drops::{DropReason, Drops},
    row::Row,
    same::same,
};
use crate::config::SampleFilters;
use indexmap::IndexMap;
use std::collections::HashSet;

/// `required`: the column must not be empty.
pub(super) fn required(rows: &mut Vec<Row>, column: &str, drops: &mut Drops) {
    drops.sift(rows, None, |row| match row.column(column) {
        Some(_) => Ok(()),
        None => Err((DropReason::Required, format!("`{column}`"))),
    });
}

/// `limit_samples`, `limit_samples_per_speaker` and `filter`, in Nkululeko's order.
pub(super) fn by_content(
    rows: &mut Vec<Row>,
    filters: &SampleFilters,
    part: Option<Part>,
    draw: Draw,
    drops: &mut Drops,
) {
    if let Some(limit) = filters.limit_samples {
        let all: Vec<usize> = (0..rows.len()).collect();
        let kept = draw.sample(Purpose::LimitSamples, all, limit);
        keep(rows, &kept, part, DropReason::LimitSamples, drops);
    }
    if let Some(limit) = filters.limit_samples_per_speaker {
        let mut speakers: IndexMap<&str, Vec<usize>> = IndexMap::new();
        // Rows without a speaker count as one speaker's.
        for (index, row) in rows.iter().enumerate() {
            speakers
                .entry(row.speaker.as_deref().unwrap_or_default())
                .or_default()
                .push(index);
        }
        speakers.sort_unstable_keys();
        let mut draw = draw.begin(Purpose::LimitPerSpeaker);
        let kept: HashSet<usize> = speakers
            .into_values()
            .flat_map(|rows| draw.sample(rows, limit))
            .collect();
        keep(rows, &kept, part, DropReason::LimitPerSpeaker, drops);
    }
    if !filters.columns.is_empty() {
        drops.sift(rows, part, |row| {
            for (column, values) in &filters.columns {
                let found = row.column(column);
                let gender = row
                    .gender
                    .as_deref()
                    .filter(|_| column == "gender" || column == "sex");
                let wanted = |value: &String| {
                    found.is_some_and(|found| same(value, found)) || Some(value.as_str()) == gender
                };
                if !values.iter().any(wanted) {
                    let detail = match found {
                        Some(found) => format!("{column} is `{found}`"),
                        None => format!("{column} is empty, or there is no such column"),
                    };
                    return Err((DropReason::Filtered, detail));
                }
            }
            Ok(())
        });
    }
}

/// `min_duration_of_sample` and `max_duration_of_sample`: lengths of stretches that were probed.
pub(super) fn by_length(
    rows: &mut Vec<Row>,
    filters: &SampleFilters,
    part: Option<Part>,
    drops: &mut Drops,
) {
    drops.sift(rows, part, |row| {
        let detail = || format!("{:.3} s", row.seconds);
        if filters
            .min_duration
            .is_some_and(|least| row.seconds < least)
        {
            return Err((DropReason::TooShort, detail()));
        }
        if filters.max_duration.is_some_and(|most| row.seconds > most) {
            return Err((DropReason::TooLong, detail()));
        }
        Ok(())
    });
}

/// Keeps the rows at the positions `kept`.
fn keep(
    rows: &mut Vec<Row>,
    kept: &HashSet<usize>,
    part: Option<Part>,
    reason: DropReason,
    drops: &mut Drops,
) {
    let mut index = 0;
    drops.sift(rows, part, |_| {
        index += 1;
        if kept.contains(&(index - 1)) {
            Ok(())
        } else {
            Err((reason, String::new()))
        }
    });
}
