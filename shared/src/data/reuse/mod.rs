//! The data of an experiment as it was loaded before, as long as nothing that it depends on is other.

mod exact;
mod packed;
mod watched;

#[cfg(test)]
mod tests;

use super::{DataError, Dataset, load_folds, load_surveyed};
use crate::{
    config::{Experiment, data_hash},
    files::Files,
};
use packed::Packed;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use watched::{Question, Watched};

/// Another one wherever the same data would be stored in another way, or make another split.
const FORMAT: &str = "voxtune split 1";

/// The data of an experiment, and where it came from.
#[derive(Debug)]
pub struct Reused {
    /// One set or, of a cross validation, one a fold.
    pub datasets: Vec<Dataset>,
    /// What is to be stored, where it was made anew.
    pub store: Option<Vec<u8>>,
    /// Why what was stored could not be read.
    pub damage: Option<String>,
}

/// What is stored below the line with its checksum.
#[derive(Serialize, Deserialize)]
struct Stored {
    /// [`hash`] of the answers to `questions`.
    hash: String,
    questions: Vec<Question>,
    data: Value,
}

/// The data of `experiment` as [`load_surveyed`] or [`load_folds`] make it: `stored`, where that was made from
/// the same keys, tables and recordings by the same version of the program; else made anew.
///
/// That a table is the same is seen by its content, and a recording by [`Files::mark`]; files and folders that
/// were not there must still not be there. What cannot be read is made anew, too.
///
/// # Errors
/// As [`load_surveyed`].
pub fn load_or_reuse(
    experiment: &Experiment,
    files: &dyn Files,
    stored: Option<&[u8]>,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Reused, DataError> {
    let mut damage = None;
    if let Some(bytes) = stored {
        match take(experiment, files, bytes) {
            Ok(Some(datasets)) => {
                return Ok(Reused {
                    datasets,
                    store: None,
                    damage: None,
                });
            }
            Ok(None) => {}
            Err(reason) => damage = Some(reason),
        }
    }
    let watched = Watched::new(files);
    let datasets = match experiment.folds {
        Some(folds) => load_folds(experiment, folds, &watched, true, progress)?,
        None => vec![load_surveyed(experiment, &watched, progress)?],
    };
    let store = put(experiment, watched.into_answers(), &datasets);
    Ok(Reused {
        datasets,
        store,
        damage,
    })
}

/// What was stored; `None` if it was made from something else.
fn take(
    experiment: &Experiment,
    files: &dyn Files,
    bytes: &[u8],
) -> Result<Option<Vec<Dataset>>, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let (head, body) = text.split_once('\n').ok_or("it has no first line")?;
    let Some((format, sum)) = head.rsplit_once(' ') else {
        return Err("its first line says nothing".to_owned());
    };
    if sum != hex(Sha256::digest(body)) {
        return Err("its checksum is other than its content".to_owned());
    }
    // Of another version, and whole.
    if format != FORMAT {
        return Ok(None);
    }
    let stored: Stored = serde_json::from_str(body).map_err(|error| error.to_string())?;
    let answers = stored.questions.into_iter().map(|question| {
        let answer = question.ask(files);
        (question, answer)
    });
    if stored.hash != hash(experiment, answers) {
        return Ok(None);
    }
    let packed: Packed = exact::read(stored.data).map_err(|error| error.to_string())?;
    packed.unpack().map(Some)
}

/// What is stored of `datasets`; `None` if it would not come back as it is.
fn put(
    experiment: &Experiment,
    answers: BTreeMap<Question, String>,
    datasets: &[Dataset],
) -> Option<Vec<u8>> {
    let questions: Vec<Question> = answers.keys().cloned().collect();
    let data = exact::write(&Packed::new(datasets)).ok()?;
    let again: Packed = exact::read(data.clone()).ok()?;
    if again.unpack().ok()? != datasets {
        return None;
    }
    let stored = Stored {
        hash: hash(experiment, answers),
        questions,
        data,
    };
    let body = serde_json::to_string(&stored).ok()?;
    let mut text = format!("{FORMAT} {}\n", hex(Sha256::digest(&body)));
    text.push_str(&body);
    Some(text.into_bytes())
}

/// SHA-256 of the configuration, the program's version and all that files and folders answered, in
/// hexadecimal.
fn hash(experiment: &Experiment, answers: impl IntoIterator<Item = (Question, String)>) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    add(env!("CARGO_PKG_VERSION"));
    add(&data_hash(experiment));
    for (question, answer) in answers {
        let (kind, path) = question.words();
        [kind, path, &answer].into_iter().for_each(&mut add);
    }
    hex(hash.finalize())
}

fn hex(digest: impl AsRef<[u8]>) -> String {
    let digits = digest.as_ref().iter().map(|byte| format!("{byte:02x}"));
    digits.collect()
}
