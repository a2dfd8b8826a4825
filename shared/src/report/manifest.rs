//! `run.json`: what a program must know of a run to find, compare or repeat it.

use super::{CrossCell, FoldLine, FoldNumber, ReportError, Summary};
use crate::{
    config::{Experiment, Measure, Precision, Task},
    data::Part,
    protocol::Status,
};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The version of [`Manifest`]'s form. It rises when a reader of the older form would
/// misunderstand the newer one; new fields alone do not raise it.
pub const SCHEMA: u32 = 1;

/// All about one run. What is not known or not defined is `null`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: u32,
    /// How the run ended.
    pub status: Status,
    /// Why, where it failed.
    pub error: Option<String>,
    /// `[EXP] name`.
    pub name: String,
    /// Classification or regression.
    pub task: Task,
    /// The label column.
    pub target: Option<String>,
    /// Number of the run, from 0.
    pub run: u32,
    /// How many runs the experiment has.
    pub runs: u32,
    /// The seed of this run.
    pub seed: u64,
    /// When it began, in RFC 3339.
    pub started: Option<String>,
    /// The configuration.
    pub config: ConfigRecord,
    /// SHA-256 (hex) of which utterance stands in which part.
    pub split_hash: Option<String>,
    /// Class names to the index of their logit, in that order; empty for a regression.
    pub label_map: IndexMap<String, usize>,
    /// What was read, dropped and why.
    pub data: serde_json::Value,
    /// The model.
    pub model: ModelRecord,
    /// How the training went.
    pub training: TrainingRecord,
    /// How the checkpoint was chosen.
    pub selection: Selection,
    /// The figures of each part that was predicted.
    pub results: IndexMap<Part, Summary>,
    /// The device by name.
    pub device: String,
    /// Format of the products.
    pub precision: Precision,
    /// Programs and their versions.
    pub versions: IndexMap<String, String>,
    /// SHA-256 (hex) of what makes it the same experiment: keys, data, first checkpoint.
    #[serde(default)]
    pub identity: Option<String>,
    /// Every time that the run was gone on with after it had been broken off.
    #[serde(default)]
    pub resumptions: Vec<Resumption>,
    /// Which fold of a cross validation it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fold: Option<FoldNumber>,
    /// The database that the finished run was tested on by itself (`voxtune test`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tested: Option<String>,
    /// The folds whose predictions these results are of; empty unless it is a cross validation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub folds: Vec<FoldLine>,
    /// Each database trained on with each tested on; empty unless it is an experiment of that kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub databases: Vec<CrossCell>,
}

/// A run was gone on with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumption {
    /// Optimiser steps that it went on from.
    pub step: usize,
    /// When, in RFC 3339.
    pub date: Option<String>,
    /// The device by name.
    pub device: String,
}

/// The configuration of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigRecord {
    /// The INI's text as it was run, with what the command line set.
    pub text: String,
    /// SHA-256 (hex) of the text.
    pub hash: String,
}

/// The model of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelRecord {
    /// `pretrained_model`: the hub id or folder that training began from.
    pub pretrained: String,
    /// The commit of a hub model; `None` for a folder of the user's own.
    #[serde(default)]
    pub revision: Option<String>,
    /// SHA-256 (hex) of its weights.
    pub hash: Option<String>,
    /// Its licence, where its card states one.
    #[serde(default)]
    pub license: Option<String>,
    /// All parameters.
    pub parameters: usize,
    /// Trained parameters.
    pub trained: usize,
}

/// How the training of a run went.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainingRecord {
    /// Epochs of the configuration.
    pub epochs: u32,
    /// Optimiser steps made.
    pub steps: usize,
    /// Clips in an optimiser step.
    pub effective_batch: usize,
    /// Step of the checkpoint that was kept.
    pub best_step: Option<usize>,
    /// Its epoch, with a fraction.
    pub best_epoch: Option<f64>,
    /// Whether patience ran out before all epochs were trained.
    #[serde(default)]
    pub stopped_early: bool,
    /// Wall time in seconds.
    pub seconds: f64,
    /// Seconds of audio trained on.
    pub audio_seconds: f64,
    /// Seconds of audio trained on a second of wall time; `None` where no time passed.
    pub audio_seconds_per_second: Option<f64>,
    /// What was computed once a clip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frozen: Option<FrozenRecord>,
}

/// What a run computed once a clip, since no training changes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrozenRecord {
    /// What it is.
    pub part: String,
    /// Bits of a number that is kept.
    pub bits: u32,
    /// Clips, each as often as it was asked for, that had been computed before.
    pub hits: usize,
    /// Clips that were computed.
    pub misses: usize,
    /// Seconds that were saved, by the time that computing takes.
    pub seconds_saved: f64,
    /// Bytes in memory at the end.
    pub memory: u64,
    /// Bytes in a file at the end.
    pub file: u64,
}

/// How the checkpoint of a run was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// The part; `None` where there was nothing to choose on, and the last state was kept.
    pub selected_on: Option<Part>,
    /// The measure.
    pub measure: Measure,
    /// Whether the test part was chosen on, so that its figures flatter the model.
    pub optimistic: bool,
}

impl ConfigRecord {
    /// A record of `text`.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let hash = Sha256::digest(text.as_bytes());
        Self {
            hash: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            text,
        }
    }
}

impl TrainingRecord {
    /// Sets wall time and seconds of audio, and the speed that follows from them.
    #[must_use]
    pub fn timed(self, seconds: f64, audio_seconds: f64) -> Self {
        let speed = audio_seconds / seconds;
        Self {
            seconds,
            audio_seconds,
            audio_seconds_per_second: Some(speed).filter(|speed| speed.is_finite()),
            ..self
        }
    }
}

impl Selection {
    /// A choice on `part` by `measure`.
    #[must_use]
    pub fn new(selected_on: Option<Part>, measure: Measure) -> Self {
        Self {
            selected_on,
            measure,
            optimistic: selected_on == Some(Part::Test),
        }
    }

    /// What a reader must know of the figures of `part`, for [`super::SummaryOptions::note`].
    #[must_use]
    pub fn note(&self, part: Part) -> Option<String> {
        let measure = self.measure.word().to_uppercase();
        match part {
            Part::Train => Some("the model was trained on this part".to_owned()),
            Part::Test if self.optimistic => Some(format!(
                "the checkpoint was chosen by its {measure} on this same test part: these figures \
                 are optimistic and say little of other data"
            )),
            Part::Dev if self.selected_on == Some(part) => Some(format!(
                "the checkpoint was chosen by its {measure} on this part: these figures are a \
                 little optimistic"
            )),
            Part::Dev | Part::Test => None,
        }
    }
}

impl Manifest {
    /// A manifest of run `run` of `experiment` that knows what the experiment alone tells; the
    /// rest is empty and `status` is `failed` until it is known better.
    #[must_use]
    pub fn new(experiment: &Experiment, run: u32, config: ConfigRecord, labels: &[String]) -> Self {
        let tuning = &experiment.tuning;
        let seed = tuning.seed.wrapping_add(u64::from(run));
        Self {
            schema: SCHEMA,
            status: Status::Failed,
            error: None,
            name: experiment.name.clone(),
            task: experiment.task,
            target: experiment.data.target.clone(),
            run,
            runs: experiment.runs,
            seed,
            started: None,
            config,
            split_hash: None,
            label_map: labels
                .iter()
                .enumerate()
                .map(|(index, label)| (label.clone(), index))
                .collect(),
            data: serde_json::Value::Null,
            model: ModelRecord {
                pretrained: tuning.pretrained_model.clone(),
                ..ModelRecord::default()
            },
            training: TrainingRecord {
                epochs: experiment.epochs,
                effective_batch: tuning
                    .batch_size
                    .saturating_mul(tuning.gradient_accumulation),
                ..TrainingRecord::default()
            },
            selection: Selection::new(None, tuning.measure),
            results: IndexMap::new(),
            device: String::new(),
            precision: tuning.precision,
            versions: IndexMap::from([(
                "voxtune".to_owned(),
                env!("CARGO_PKG_VERSION").to_owned(),
            )]),
            identity: None,
            resumptions: Vec::new(),
            fold: None,
            tested: None,
            folds: Vec::new(),
            databases: Vec::new(),
        }
    }

    /// A sentence for reports: that the run was broken off and gone on with.
    #[must_use]
    pub fn resumed(&self) -> Option<String> {
        let steps: Vec<String> = self
            .resumptions
            .iter()
            .map(|one| one.step.to_string())
            .collect();
        let plural = if steps.len() == 1 { "" } else { "s" };
        (!steps.is_empty()).then(|| {
            format!(
                "The run was broken off and resumed after step{plural} {}.",
                steps.join(", ")
            )
        })
    }

    /// The text of `run.json`: indented, keys always in the same order, a line feed at the end.
    ///
    /// # Errors
    /// A value cannot be written as JSON.
    pub fn to_json(&self) -> Result<String, ReportError> {
        super::files::json("run.json", self)
    }
}
