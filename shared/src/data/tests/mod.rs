//! Whole data sets from tables and generated recordings.

mod folds;
mod listing;
mod load;
mod properties;
mod store;

use crate::{
    config::{self, DatabaseConfig, Experiment, Mode, SplitStrategy},
    data::row::Row,
    files::Memory,
};
use indexmap::IndexMap;

/// A mono wav file of 16-bit samples: a sine of 200 Hz at `peak` times full scale, cut there.
pub(super) fn wav(seconds: f64, rate: u32, peak: f64) -> Vec<u8> {
    let frames = (seconds * f64::from(rate)).round() as u32;
    let mut bytes = Vec::new();
    bytes.extend(b"RIFF");
    bytes.extend((36 + frames * 2).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    bytes.extend([1, 0, 1, 0]);
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * 2).to_le_bytes());
    bytes.extend([2, 0, 16, 0]);
    bytes.extend(b"data");
    bytes.extend((frames * 2).to_le_bytes());
    for frame in 0..frames {
        let phase = std::f64::consts::TAU * 200.0 * f64::from(frame) / f64::from(rate);
        let sample = (phase.sin() * peak * 32_768.0).clamp(-32_768.0, 32_767.0);
        bytes.extend((sample as i16).to_le_bytes());
    }
    bytes
}

/// Files with a table and recordings of 0.1 s by their names.
pub(super) fn memory(table: &str, recordings: &[&str]) -> Memory {
    let mut files = Memory::default();
    files.insert("table.csv", table.as_bytes().to_vec());
    for name in recordings {
        files.insert(*name, wav(0.1, 16_000, 0.5));
    }
    files
}

/// A CSV database, all of which is training data.
pub(super) fn database(name: &str, path: &str) -> DatabaseConfig {
    DatabaseConfig {
        name: name.into(),
        path: path.into(),
        ..checked().data.databases.remove(0)
    }
}

/// A classification of `emotion`.
pub(super) fn experiment(databases: Vec<DatabaseConfig>) -> Experiment {
    let mut experiment = checked();
    experiment.data.databases = databases;
    experiment
}

/// What an INI without special wishes says.
fn checked() -> Experiment {
    let text = "[EXP]\nroot = results\nname = test\n\
                [DATA]\ndatabases = ['db']\ndb = table.csv\ndb.type = csv\n\
                db.split_strategy = train\ntarget = emotion\n\
                [FEATS]\ntype = []\n[MODEL]\ntype = finetune\n[FINETUNE]\nseed = 42\n";
    let checked = config::check(text, &Memory::default(), Mode::Text);
    checked.experiment.expect("a valid experiment")
}

/// A speaker split with percentages for test and dev.
pub(super) fn speaker_split(test_percent: f64, dev_percent: f64) -> SplitStrategy {
    SplitStrategy::SpeakerSplit {
        test_percent,
        dev_percent,
    }
}

/// A row of database 0.
pub(super) fn row(file: &str, speaker: Option<&str>, label: &str) -> Row {
    Row {
        database: 0,
        line: 2,
        file: file.into(),
        name: file.into(),
        start: 0.0,
        end: None,
        seconds: 1.0,
        speaker: speaker.map(str::to_owned),
        gender: None,
        label: Some(label.into()),
        value: label.parse().ok(),
        columns: IndexMap::from([("emotion".to_owned(), label.to_owned())]),
        listed: None,
    }
}
