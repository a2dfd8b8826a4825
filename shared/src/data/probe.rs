//! What the files of the rows say about themselves: length, rate, channels.

use super::{
    drops::{DropReason, Drops, Objection},
    parallel::each,
    row::Row,
};
use crate::{
    audio::{self, Limits, Probe, Stretch},
    files::Files,
};
use std::collections::HashMap;

/// What stands beyond a file's end by so many seconds is worth a warning; less is rounding.
const ROUNDING: f64 = 0.05;

/// What was found in a file.
#[derive(Debug)]
pub(super) struct Found {
    /// Size in bytes.
    bytes: u64,
    /// The header, or what is wrong with it.
    probe: Result<Probe, String>,
}

/// All files by their paths; `Err` cannot be opened.
#[derive(Debug, Default)]
pub(super) struct Probes {
    files: HashMap<String, Result<Found, String>>,
}

impl Probes {
    /// Looks once into each file of `paths` (in any order, without repeats).
    pub(super) fn take(
        files: &dyn Files,
        paths: Vec<String>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Self {
        let limits = Limits::default();
        let found = each(&paths, |path| look(files, path, &limits), progress);
        Self {
            files: paths.into_iter().zip(found).collect(),
        }
    }

    /// What a file says of itself.
    pub(super) fn get(&self, path: &str) -> Option<&Probe> {
        self.files.get(path)?.as_ref().ok()?.probe.as_ref().ok()
    }

    /// Drops rows whose file or stretch cannot be used, and measures the stretches of the others.
    ///
    /// A stretch that ends after its file is cut at the file's end; where that is more than rounding,
    /// a warning says so.
    pub(super) fn measure(
        &self,
        rows: &mut Vec<Row>,
        least_bytes: u64,
        database: &str,
        drops: &mut Drops,
        warnings: &mut Vec<String>,
    ) {
        let mut beyond: Option<(usize, String)> = None;
        drops.sift(rows, None, |row| {
            let probe = self.usable(&row.file, least_bytes)?;
            let length = probe.seconds;
            if let Some(end) = row.end.filter(|end| *end > length) {
                if end > length + ROUNDING {
                    let example = format!(
                        "line {}, {}: ends at {end} s, the file at {length:.3} s",
                        row.line, row.name
                    );
                    beyond.get_or_insert((0, example)).0 += 1;
                }
                row.end = None;
            }
            let seconds = row.end.unwrap_or(length) - row.start;
            // To the nanosecond, so that 1.38 - 0.38 is not shorter than 1.
            row.seconds = (seconds * 1e9).round() / 1e9;
            let stretch = Stretch {
                file: &row.file,
                start: row.start,
                end: row.end,
            };
            if row.seconds > 0.0 && probe.check(&stretch).is_ok() {
                return Ok(());
            }
            let end = row.end.map(|end| format!(", ends at {end} s"));
            Err((
                DropReason::EmptyStretch,
                format!(
                    "begins at {} s{}, the file ends at {length:.3} s",
                    row.start,
                    end.unwrap_or_default()
                ),
            ))
        });
        if let Some((count, example)) = beyond {
            warnings.push(format!(
                "{database}: {count} stretches end after their file and are cut there ({example})"
            ));
        }
    }

    fn usable(&self, path: &str, least_bytes: u64) -> Result<&Probe, Objection> {
        let found = match self.files.get(path) {
            Some(Ok(found)) => found,
            Some(Err(error)) => return Err((DropReason::MissingFile, format!("{path}: {error}"))),
            None => {
                return Err((
                    DropReason::MissingFile,
                    format!("{path}: it was not looked for"),
                ));
            }
        };
        if found.bytes < least_bytes {
            return Err((DropReason::TooSmall, format!("{} bytes", found.bytes)));
        }
        found
            .probe
            .as_ref()
            .map_err(|error| (DropReason::Unreadable, error.clone()))
    }
}

fn look(files: &dyn Files, path: &str, limits: &Limits) -> Result<Found, String> {
    let bytes = files.size(path).map_err(|error| error.to_string())?;
    let probe = audio::probe(files, path, limits).map_err(|error| error.to_string());
    Ok(Found { bytes, probe })
}
