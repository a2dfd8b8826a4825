//! What makes two calls the same experiment: the configuration, the data, the model to begin with.

use super::{Output, RunError, Start};
use crate::{
    config::{Experiment, Setting, keys, training_hash},
    data::{Dataset, Label, Part},
    report::Layout,
};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What an experiment's folder was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// SHA-256 (hex) of all keys that act on what is trained.
    pub config: String,
    /// SHA-256 (hex) of every utterance of every part, in order, with its label and length.
    pub data: String,
    /// SHA-256 (hex) of the weights and the description that training begins from.
    pub model: String,
    /// Effective keys as they would be written, by `SECTION.key`.
    pub settings: IndexMap<String, String>,
    /// Utterances a part.
    pub clips: IndexMap<Part, usize>,
    /// Sub-folders that hold results.
    pub folders: Vec<String>,
}

/// Keys that say where and how long things are kept, who gets them, or how often the same is done
/// again; they may change between two calls.
const FREE: &[&str] = &[
    "EXP.root",
    "EXP.runs",
    "DATA.tests",
    "DATA.label_data",
    "DATA.label_result",
    "DATA.no_reuse",
    "FINETUNE.device",
    "FINETUNE.save_total_limit",
    "FINETUNE.save_minutes",
    "FINETUNE.keep_checkpoints",
    "FINETUNE.recompute",
    "FINETUNE.push_to_hub",
    "FINETUNE.hub_model_id",
    "FINETUNE.hub_private_repo",
];

impl Identity {
    /// The identity of `experiment` with these effective `settings`; `weights` is
    /// [`Start::hash`].
    #[must_use]
    pub fn new(
        experiment: &Experiment,
        settings: &[Setting],
        dataset: &Dataset,
        start: &Start<'_>,
        weights: Option<&str>,
    ) -> Self {
        let clips = |part| (part, dataset.part(part).len());
        Self {
            data: data(dataset),
            clips: Part::ALL.into_iter().map(clips).collect(),
            ..Self::without_data(experiment, settings, start, weights)
        }
    }

    fn without_data(
        experiment: &Experiment,
        settings: &[Setting],
        start: &Start<'_>,
        weights: Option<&str>,
    ) -> Self {
        let mut model = Sha256::new();
        model.update(weights.unwrap_or_default());
        model.update(start.config.to_json());
        model.update(start.extractor.to_json());
        Self {
            config: training_hash(experiment),
            data: String::new(),
            model: hex(model),
            settings: acting(settings),
            clips: IndexMap::new(),
            folders: Layout::new(experiment).folders(),
        }
    }

    /// The identity of a cross validation, of which these are the folds.
    #[must_use]
    pub fn of_folds(
        experiment: &Experiment,
        settings: &[Setting],
        folds: &[Dataset],
        start: &Start<'_>,
        weights: Option<&str>,
    ) -> Self {
        let mut hash = Sha256::new();
        let mut clips = 0;
        for fold in folds {
            hash.update(data(fold));
            clips += fold.test.len();
        }
        Self {
            data: hex(hash),
            clips: IndexMap::from([(Part::Test, clips)]),
            ..Self::without_data(experiment, settings, start, weights)
        }
    }

    /// One number for all of it, in hexadecimal.
    #[must_use]
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for part in [&self.config, &self.data, &self.model] {
            hash.update(part);
        }
        hex(hash)
    }

    /// What is other in `new`, one thing a line; empty if the two are the same experiment.
    #[must_use]
    pub fn differences(&self, new: &Self) -> Vec<String> {
        let mut found = Vec::new();
        if self.config != new.config {
            let names = self.settings.keys().chain(new.settings.keys());
            let mut seen = Vec::new();
            for name in names.filter(|name| is_other(name, &self.settings, &new.settings)) {
                if !seen.contains(&name) {
                    seen.push(name);
                    let value = |settings: &IndexMap<String, String>| match settings.get(name) {
                        Some(value) if !value.is_empty() => value.clone(),
                        _ => "(not set)".to_owned(),
                    };
                    let (old, new) = (value(&self.settings), value(&new.settings));
                    found.push(format!("{name}: {old} -> {new}"));
                }
            }
            if found.is_empty() {
                found.push("what the keys mean: another version of voxtune began it".to_owned());
            }
        }
        if self.data != new.data {
            let count = |clips: &IndexMap<Part, usize>| {
                let parts = clips.iter();
                let words = parts.map(|(part, clips)| format!("{clips} {}", part.word()));
                words.collect::<Vec<_>>().join(", ")
            };
            let (old, now) = (count(&self.clips), count(&new.clips));
            found.push(if old == now {
                "the data: other recordings, labels, speakers or lengths in the parts".to_owned()
            } else {
                format!("the data: {old} clips -> {now} clips")
            });
        }
        if self.model != new.model {
            found.push(
                "the checkpoint that training begins from: its files have changed".to_owned(),
            );
        }
        found
    }

    /// What is other in the configuration than when the folder was made, as [`Self::differences`].
    #[must_use]
    pub fn config_differences(&self, experiment: &Experiment, settings: &[Setting]) -> Vec<String> {
        self.differences(&Self {
            config: training_hash(experiment),
            settings: acting(settings),
            ..self.clone()
        })
    }

    /// The identity of what stands in `output`; `None` if nothing does.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn read(output: &dyn Output, layout: &Layout) -> Result<Option<Self>, RunError> {
        let path = layout.identity();
        let bytes = match output.read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                let reason = error.to_string();
                return Err(RunError::Identity { path, reason });
            }
        };
        let read = serde_json::from_slice(&bytes);
        read.map(Some).map_err(|error| RunError::Identity {
            path,
            reason: error.to_string(),
        })
    }
}

/// The settings that act on what is trained, by `SECTION.key`.
fn acting(settings: &[Setting]) -> IndexMap<String, String> {
    settings
        .iter()
        .map(|setting| (name_of(setting), setting.value.clone()))
        .filter(|(name, _)| !FREE.contains(&name.as_str()))
        .collect()
}

/// Whether the two values of a setting mean something else: `0.0001` is `1e-4`.
fn is_other(name: &str, old: &IndexMap<String, String>, new: &IndexMap<String, String>) -> bool {
    let value = |settings: &IndexMap<String, String>| {
        settings.get(name).map(|value| value.trim().to_owned())
    };
    match (value(old), value(new)) {
        (Some(old), Some(new)) => {
            let same = |a: &f64, b: &f64| a.to_bits() == b.to_bits();
            let numbers = (old.parse::<f64>(), new.parse::<f64>());
            old != new && !matches!(&numbers, (Ok(a), Ok(b)) if same(a, b))
        }
        (old, new) => old.unwrap_or_default() != new.unwrap_or_default(),
    }
}

/// `SECTION.key`; keys of fine-tuning have the same name wherever they stand.
fn name_of(setting: &Setting) -> String {
    let tuning =
        setting.section == "MODEL" && keys::row("FINETUNE", &setting.key.to_lowercase()).is_some();
    let section = if tuning { "FINETUNE" } else { &setting.section };
    format!("{section}.{}", setting.key)
}

fn data(dataset: &Dataset) -> String {
    let mut hash = Sha256::new();
    for part in Part::ALL {
        hash.update(part.word());
        let seconds = dataset.seconds.get(part);
        for (utterance, seconds) in dataset.part(part).iter().zip(seconds) {
            let label = match utterance.label {
                None => String::new(),
                Some(Label::Class(class)) => dataset.labels.get(class).cloned().unwrap_or_default(),
                Some(Label::Value(value)) => value.to_string(),
            };
            hash.update(format!(
                "{}\0{}\0{:?}\0{}\0{label}\0{}\n",
                utterance.name,
                utterance.start,
                utterance.end,
                utterance.speaker.as_deref().unwrap_or_default(),
                seconds.to_bits(),
            ));
        }
    }
    hex(hash)
}

pub(super) fn hex(hash: Sha256) -> String {
    let digest = hash.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
