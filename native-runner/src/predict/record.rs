//! What a table of predictions was made with, in a file beside it.

use crate::local::Local;
use anyhow::Context;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shared::{
    audio::FeatureExtractor, checkpoint::Checkpoint, report::PredictionTable, run::weights_hash,
};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The form of the file.
const SCHEMA: u32 = 1;

/// How recordings are put to the model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Options {
    /// Longest stretch in seconds that the model sees at once.
    pub(crate) max_duration: f64,
    /// Windows of a longer recording that are averaged.
    pub(crate) windows: usize,
    /// Seconds between the windows of a time line; without one a recording has one row.
    pub(crate) hop: Option<f64>,
}

/// A recording, or a stretch of one, that has no prediction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failed {
    pub(crate) what: String,
    pub(crate) reason: String,
}

/// What a table of predictions was made with, and how far it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    schema: u32,
    /// The program's version.
    voxtune: String,
    /// The model as it was named.
    pub(crate) model: String,
    /// SHA-256 of its weights and description.
    pub(crate) model_sha256: String,
    pub(crate) options: Options,
    pub(crate) inputs: Vec<String>,
    /// The columns, and how times are written.
    pub(crate) table: PredictionTable,
    /// Rows that the table will have.
    pub(crate) rows: usize,
    pub(crate) failed: Vec<Failed>,
    /// Whether every row was tried.
    pub(crate) finished: bool,
}

impl Record {
    /// The record of a prediction that begins.
    pub(crate) fn new(
        model: String,
        model_sha256: String,
        options: Options,
        inputs: Vec<String>,
        table: PredictionTable,
        rows: usize,
    ) -> Self {
        Self {
            schema: SCHEMA,
            voxtune: env!("CARGO_PKG_VERSION").to_owned(),
            model,
            model_sha256,
            options,
            inputs,
            table,
            rows,
            failed: Vec::new(),
            finished: false,
        }
    }

    /// Where the record of the table `out` is.
    pub(crate) fn path(out: &Path) -> PathBuf {
        let mut path = out.as_os_str().to_owned();
        path.push(".json");
        path.into()
    }

    /// Reads the record of the table `out`; `None` if there is none.
    pub(crate) fn read(out: &Path) -> anyhow::Result<Option<Self>> {
        let path = Self::path(out);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        };
        serde_json::from_slice(&bytes).map(Some).with_context(|| {
            format!(
                "{} is no record of a prediction: choose another --out, or remove it",
                path.display()
            )
        })
    }

    /// Writes the record of the table `out`, whole or not at all.
    pub(crate) fn write(&self, out: &Path) -> anyhow::Result<()> {
        let path = Self::path(out);
        let mut part = path.clone().into_os_string();
        part.push(".part");
        let write = || -> io::Result<()> {
            let mut file = File::create(&part)?;
            file.write_all(&serde_json::to_vec_pretty(self)?)?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            fs::rename(&part, &path)
        };
        write().with_context(|| format!("cannot write {}", path.display()))
    }

    /// What is other in `new`, one thing a line; empty if it goes on with the same.
    pub(crate) fn differences(&self, new: &Self) -> Vec<String> {
        let mut found = Vec::new();
        if self.schema != new.schema {
            found.push("the form of the record: another version of voxtune wrote it".to_owned());
        }
        if self.model_sha256 != new.model_sha256 || self.table.columns() != new.table.columns() {
            found.push(if self.model == new.model {
                format!("the model: {} has other weights or settings now", new.model)
            } else {
                format!("the model: {} -> {}", self.model, new.model)
            });
        }
        let mut compare = |name: &str, old: String, new: String| {
            if old != new {
                found.push(format!("{name}: {old} -> {new}"));
            }
        };
        let seconds = |options: &Options| format!("{} s", options.max_duration);
        compare(
            "seconds at once",
            seconds(&self.options),
            seconds(&new.options),
        );
        let windows = |options: &Options| options.windows.to_string();
        compare("--windows", windows(&self.options), windows(&new.options));
        let hop = |options: &Options| {
            options
                .hop
                .map_or("none".to_owned(), |hop| format!("{hop} s"))
        };
        compare("--hop", hop(&self.options), hop(&new.options));
        compare("the input", self.inputs.join(" "), new.inputs.join(" "));
        found
    }
}

/// SHA-256 (hex) of a model's weights and description.
pub(crate) fn model_hash(
    checkpoint: &Checkpoint<'_>,
    extractor: &FeatureExtractor,
) -> anyhow::Result<String> {
    let weights = weights_hash(&Local, checkpoint)
        .with_context(|| format!("cannot read the weights of {}", checkpoint.folder()))?;
    let mut hash = Sha256::new();
    hash.update(weights);
    hash.update(checkpoint.config.to_json());
    hash.update(extractor.to_json());
    let digest = hash.finalize();
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}
