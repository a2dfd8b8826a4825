//! Fingerprints of an experiment.

use super::{DeviceChoice, Experiment};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

/// SHA-256 of the whole effective experiment, in hexadecimal digits.
///
/// Two texts with the same effective keys have the same hash, however they are written.
#[must_use]
pub fn hash(experiment: &Experiment) -> String {
    digest(experiment)
}

/// SHA-256 of all that acts on what is trained and written, in hexadecimal digits: everything but
/// where the folder lies, the device, how often the training is repeated, what is kept, and what is
/// uploaded.
#[must_use]
pub fn training_hash(experiment: &Experiment) -> String {
    let mut same = experiment.clone();
    same.root.clear();
    same.runs = 1;
    same.data.tests.clear();
    same.data.labelling = None;
    same.data.no_reuse = false;
    let tuning = &mut same.tuning;
    tuning.device = DeviceChoice::Auto;
    tuning.save_total_limit = 0;
    tuning.save_minutes = 0.0;
    tuning.keep_checkpoints = false;
    // Only memory and time differ.
    tuning.recompute = false;
    tuning.push_to_hub = false;
    tuning.hub_model_id = None;
    tuning.hub_private_repo = true;
    digest(&same)
}

/// SHA-256 of what rows and split depend on, in hexadecimal digits: `[DATA]`, the task, the number
/// of parts or the folds, the seed, how much of train becomes dev, and whether rows are repeated.
#[must_use]
pub fn data_hash(experiment: &Experiment) -> String {
    let mut data = experiment.data.clone();
    // Whether a stored split is used says nothing about what it must hold.
    data.no_reuse = false;
    // These are no part of it.
    data.tests.clear();
    data.labelling = None;
    digest(&json!({
        "data": data,
        "task": experiment.task,
        "traindevtest": experiment.traindevtest,
        "seed": experiment.tuning.seed,
        "folds": experiment.folds,
        "cross": experiment.cross,
        "dev_from_train": experiment.tuning.dev_from_train,
        "select_on": experiment.tuning.select_on,
        "balancing": experiment.tuning.balancing,
    }))
}

fn digest(value: &impl Serialize) -> String {
    // Plain data of strings and finite numbers always has a JSON form.
    let text = serde_json::to_string(value).unwrap_or_default();
    Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
