//! A look at all of the sound: clipped, silent and damaged recordings.

use super::{
    LevelReport, Parts,
    drops::{DropReason, Drops},
    parallel::each,
    row::Row,
};
use crate::{
    audio::{self, Levels, Limits, Stretch, Window, has_voice},
    files::Files,
};
use std::collections::{BTreeSet, HashMap};

/// Longest piece that is decoded at once, in seconds: a little below what may be.
const LONGEST: f64 = 590.0;

/// File, start and end of a stretch, as [`Row::key`] has them.
type Key = (String, u64, Option<u64>);

/// The levels of stretches that were decoded.
#[derive(Debug, Clone, Default)]
pub(super) struct Survey {
    levels: HashMap<Key, Levels>,
}

impl Survey {
    /// Decodes the stretches of all tables once, and drops rows of which that is not possible: a run
    /// must not end hours later at a file whose header alone is good. Those that `listen` asks for are also
    /// dropped if no voice is heard in them.
    ///
    /// `progress` is called with the number of stretches that are done, and all.
    pub(super) fn take(
        files: &dyn Files,
        tables: &mut [Vec<Row>],
        listen: &(dyn Fn(&Row) -> bool + Sync),
        drops: &mut Drops,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Self {
        let all: Vec<&Row> = tables.iter().flatten().collect();
        let measured = each(&all, |row| heard(files, row, listen(row)), progress);
        let mut measured = measured.into_iter();
        let mut survey = Self::default();
        for rows in tables {
            drops.sift(rows, None, |row| match measured.next() {
                Some(Err(error)) => Err((DropReason::Unreadable, error)),
                Some(Ok((_, false))) => Err((DropReason::NoVoice, String::new())),
                Some(Ok((levels, true))) => {
                    survey.levels.insert(key(row), levels);
                    Ok(())
                }
                None => Ok(()),
            });
        }
        survey
    }

    /// What was found in the rows of all parts.
    pub(super) fn report(&self, parts: &Parts<Vec<Row>>) -> LevelReport {
        let mut report = LevelReport::default();
        let (mut clipped, mut silent, mut seen) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for row in parts.iter().flat_map(|(_, rows)| rows) {
            let key = key(row);
            let Some(levels) = self.levels.get(&key) else {
                continue;
            };
            if seen.insert(key) {
                report.checked += 1;
            }
            if levels.clipped > 0 {
                clipped.insert(row.name.clone());
            } else if levels.peak == 0.0 {
                silent.insert(row.name.clone());
            }
        }
        report.clipped = clipped.into_iter().collect();
        report.silent = silent.into_iter().collect();
        report
    }
}

fn key(row: &Row) -> Key {
    let (file, start, end) = row.key();
    (file.to_owned(), start, end)
}

/// Levels of all of a row's stretch, and whether a voice is heard in it, or is not asked for.
fn heard(files: &dyn Files, row: &Row, listen: bool) -> Result<(Levels, bool), String> {
    let mut all = Levels::default();
    let mut voice = !listen;
    let pieces = (row.seconds / LONGEST).ceil().max(1.0) as usize;
    for piece in 0..pieces {
        let start = row.start + piece as f64 * LONGEST;
        let is_last = piece + 1 == pieces;
        let stretch = Stretch {
            file: &row.file,
            start,
            end: if is_last {
                row.end
            } else {
                Some(start + LONGEST)
            },
        };
        let clip = audio::read_clip(files, stretch, None, Window::Head, &Limits::default())
            .map_err(|error| error.to_string())?;
        all.peak = all.peak.max(clip.levels.peak);
        all.clipped += clip.levels.clipped;
        all.samples += clip.levels.samples;
        voice = voice || has_voice(&clip.samples);
    }
    Ok((all, voice))
}
