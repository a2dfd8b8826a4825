//! Splits by lists of speakers.

use crate::{
    config::DatabaseConfig,
    data::{
        DataError, Part,
        drops::{DropReason, Drops},
        row::Row,
        same::same,
    },
};
use std::collections::BTreeSet;

/// Drops rows without a speaker, and gives the sorted speakers of the others.
///
/// # Errors
/// No row has a speaker.
pub(super) fn require(
    rows: &mut Vec<Row>,
    database: &DatabaseConfig,
    drops: &mut Drops,
) -> Result<Vec<String>, DataError> {
    let names: BTreeSet<String> = rows.iter().filter_map(|row| row.speaker.clone()).collect();
    if names.is_empty() {
        return Err(DataError::NoSpeakers {
            database: database.name.clone(),
        });
    }
    drop_nameless(rows, drops);
    Ok(names.into_iter().collect())
}

/// Drops rows without a speaker.
pub(super) fn drop_nameless(rows: &mut Vec<Row>, drops: &mut Drops) {
    drops.sift(rows, None, |row| match row.speaker {
        Some(_) => Ok(()),
        None => Err((DropReason::NoSpeaker, String::new())),
    });
}

/// Speakers of each part as the configuration lists them.
pub(super) struct Lists<'a> {
    /// Train, dev, test; no list is `None`.
    lists: [Option<&'a [String]>; 3],
    /// What `rename_speakers` put before each name.
    prefix: &'a str,
    database: &'a str,
}

impl<'a> Lists<'a> {
    /// Takes the lists of train, dev and test.
    ///
    /// # Errors
    /// A speaker stands in two of them.
    pub(super) fn new(
        database: &'a DatabaseConfig,
        lists: [Option<&'a [String]>; 3],
    ) -> Result<Self, DataError> {
        let of = |part: usize| lists[part].unwrap_or_default();
        for (first, second) in [(0, 1), (0, 2), (1, 2)] {
            if let Some(speaker) = of(first)
                .iter()
                .find(|speaker| of(second).contains(speaker))
            {
                return Err(DataError::SpeakerInTwoLists {
                    database: database.name.clone(),
                    speaker: speaker.clone(),
                    first: Part::ALL[first].word(),
                    second: Part::ALL[second].word(),
                });
            }
        }
        let prefix = if database.rename_speakers {
            database.name.as_str()
        } else {
            ""
        };
        Ok(Self {
            lists,
            prefix,
            database: &database.name,
        })
    }

    /// The part that a row's speaker is listed for; without a list for train it is the rest.
    pub(super) fn part(&self, row: &Row) -> Option<Part> {
        let speaker = row.speaker.as_deref()?;
        for (part, list) in Part::ALL.into_iter().zip(self.lists) {
            if list
                .unwrap_or_default()
                .iter()
                .any(|listed| self.is(listed, speaker))
            {
                return Some(part);
            }
        }
        self.lists[0].is_none().then_some(Part::Train)
    }

    /// Warns of listed speakers that do not occur.
    pub(super) fn name_absent(&self, rows: &[Row], warnings: &mut Vec<String>) {
        let there: BTreeSet<&str> = rows
            .iter()
            .filter_map(|row| row.speaker.as_deref())
            .collect();
        for (part, list) in Part::ALL.into_iter().zip(self.lists) {
            let is_there = |listed: &str| there.iter().any(|speaker| self.is(listed, speaker));
            let listed = list.unwrap_or_default().iter().map(String::as_str);
            let absent: Vec<&str> = listed.filter(|listed| !is_there(listed)).collect();
            if !absent.is_empty() {
                warnings.push(format!(
                    "{}: speakers listed for {} that do not occur: {} (the table has: {})",
                    self.database,
                    part.word(),
                    absent.join(", "),
                    there
                        .iter()
                        .copied()
                        .take(20)
                        .collect::<Vec<_>>()
                        .join(", ")
                ));
            }
        }
    }

    /// Whether a list means this speaker: by the name of the table or the renamed one.
    fn is(&self, listed: &str, speaker: &str) -> bool {
        let own = speaker.strip_prefix(self.prefix);
        same(listed, speaker) || own.is_some_and(|own| same(listed, own))
    }
}
