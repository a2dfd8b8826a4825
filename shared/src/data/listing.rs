//! Recordings to predict: files, folders, tables.

use super::{
    DataError, Dropped, Utterance,
    drops::Drops,
    probe::Probes,
    row::Row,
    table::{self, Source, folder, join},
};
use crate::files::Files;
use indexmap::IndexMap;
use std::collections::BTreeSet;

/// Endings of files that are taken from folders.
const ENDINGS: &[&str] = &[
    "wav", "wave", "flac", "mp3", "ogg", "oga", "m4a", "mp4", "aac", "aif", "aiff", "aifc", "caf",
    "mp2", "mka",
];

/// Endings of sound files that cannot be decoded; they are not passed over in silence.
const UNKNOWN: &[&str] = &[
    "opus", "au", "snd", "wma", "amr", "w64", "webm", "spx", "ape", "wv", "sph", "nist", "ra",
    "3gp",
];

/// Folders in folders that are entered; links could make them endless.
const DEPTH: usize = 32;

/// Recordings without labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// In the order of the inputs, those of a folder sorted by path. What a table says of them
    /// stands in `columns`.
    pub utterances: Vec<Utterance>,
    /// Lengths of the stretches in seconds, in the same order.
    pub seconds: Vec<f64>,
    /// Recordings that cannot be read, and why.
    pub dropped: Vec<Dropped>,
    /// What is not as it should be.
    pub warnings: Vec<String>,
}

/// Finds the recordings of `inputs`, each of which is an audio file, a folder (searched to the
/// ground for audio files), a CSV table as in [`super::load`], or a `.txt` file with a path a line.
///
/// Relative paths of tables and lists are looked for from the current directory, then from the
/// folder of the table. Of each file header and end are looked at; damage in between shows when it is
/// decoded. `progress` is called with the number of files that were looked into, and of all.
///
/// # Errors
/// A table cannot be used, a folder has no audio files, or no recording can be read.
pub fn list(
    files: &dyn Files,
    inputs: &[String],
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Listing, DataError> {
    let mut drops = Drops::naming_all(inputs.to_vec());
    let mut rows = Vec::new();
    let mut warnings = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        rows.extend(find(files, index, input, &mut drops, &mut warnings)?);
    }
    let found = rows.len();
    let paths: BTreeSet<&String> = rows.iter().map(|row| &row.file).collect();
    let probes = Probes::take(files, paths.into_iter().cloned().collect(), progress);
    probes.measure(&mut rows, 0, "input", &mut drops, &mut warnings);
    if rows.is_empty() {
        let summary = drops.summary();
        let reason = if summary.is_empty() {
            "there is nothing in it".into()
        } else {
            format!("of {found}: {summary}")
        };
        return Err(DataError::Input {
            path: inputs.join(", "),
            reason: format!("no recording can be read: {reason}"),
        });
    }
    let seconds = rows.iter().map(|row| row.seconds).collect();
    let utterances = rows
        .into_iter()
        .map(|row| row.utterance(String::new(), None))
        .collect();
    Ok(Listing {
        utterances,
        seconds,
        dropped: drops.into_dropped(),
        warnings,
    })
}

/// The recordings of one input.
fn find(
    files: &dyn Files,
    index: usize,
    input: &str,
    drops: &mut Drops,
    warnings: &mut Vec<String>,
) -> Result<Vec<Row>, DataError> {
    let ending = ending(input);
    if files.is_folder(input) {
        let mut paths = Vec::new();
        let mut unknown = Vec::new();
        search(files, input, DEPTH, &mut paths, &mut unknown)?;
        if let Some(first) = unknown.first() {
            warnings.push(format!(
                "{input}: {} files are left out, since their kind of sound file cannot be read (for instance {first}); \
                 convert them to WAV or FLAC",
                unknown.len()
            ));
        }
        if paths.is_empty() {
            let reason = format!(
                "no audio files in this folder (looked for: {})",
                ENDINGS.join(", ")
            );
            return Err(DataError::Input {
                path: input.to_owned(),
                reason,
            });
        }
        return Ok(paths
            .into_iter()
            .enumerate()
            .map(|(line, path)| bare(index, line as u64 + 1, path))
            .collect());
    }
    let mut rows = match ending.as_str() {
        "csv" | "tsv" => {
            let source = Source {
                database: index,
                name: input,
                path: input,
                prefix: String::new(),
                renames: Vec::new(),
                target: None,
            };
            let table = table::read(files, &source, drops)?;
            warnings.extend(table.warnings);
            table.rows
        }
        "txt" | "lst" => {
            let bytes = files.read(input).map_err(|error| DataError::Input {
                path: input.to_owned(),
                reason: error.to_string(),
            })?;
            let text = table::decode(input, &bytes)?;
            let lines = text
                .lines()
                .map(str::trim)
                .enumerate()
                .filter(|(_, line)| !line.is_empty());
            lines
                .map(|(line, path)| bare(index, line as u64 + 1, path.to_owned()))
                .collect()
        }
        _ => return Ok(vec![bare(index, 1, input.to_owned())]),
    };
    for row in rows.iter_mut().filter(|row| !files.exists(&row.file)) {
        let beside = join(&[folder(input), &row.name]);
        if files.exists(&beside) {
            row.file = beside;
        }
    }
    Ok(rows)
}

/// Adds the audio files of a folder and those below, sorted.
fn search(
    files: &dyn Files,
    path: &str,
    depth: usize,
    found: &mut Vec<String>,
    unknown: &mut Vec<String>,
) -> Result<(), DataError> {
    let names = files.list(path).map_err(|error| DataError::Input {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    for name in names {
        let inner = format!("{}/{name}", path.trim_end_matches('/'));
        if files.is_folder(&inner) {
            if depth > 0 && !name.starts_with('.') {
                search(files, &inner, depth - 1, found, unknown)?;
            }
            continue;
        }
        if name.starts_with('.') {
            continue;
        }
        if ENDINGS.contains(&ending(&name).as_str()) {
            found.push(inner);
        } else if UNKNOWN.contains(&ending(&name).as_str()) {
            unknown.push(inner);
        }
    }
    Ok(())
}

/// The ending of a file name in small letters.
fn ending(path: &str) -> String {
    path.rsplit_once('.')
        .map_or(String::new(), |(_, ending)| ending.to_lowercase())
}

/// A row of nothing but a file.
fn bare(database: usize, line: u64, path: String) -> Row {
    Row {
        database,
        line,
        file: join(&[&path]),
        name: path,
        start: 0.0,
        end: None,
        seconds: 0.0,
        speaker: None,
        gender: None,
        label: None,
        value: None,
        columns: IndexMap::new(),
        listed: None,
    }
}
