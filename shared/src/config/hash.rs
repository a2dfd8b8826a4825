//! Fingerprints of an experiment.

use super::Experiment;
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

/// SHA-256 of what rows and split depend on, in hexadecimal digits: `[DATA]`, the task, the number
/// of parts, the seed, and how much of train becomes dev.
#[must_use]
pub fn data_hash(experiment: &Experiment) -> String {
    let mut data = experiment.data.clone();
    // Whether a stored split is used says nothing about what it must hold.
    data.no_reuse = false;
    digest(&json!({
        "data": data,
        "task": experiment.task,
        "traindevtest": experiment.traindevtest,
        "seed": experiment.tuning.seed,
        "dev_from_train": experiment.tuning.dev_from_train,
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
