//! The metadata at the head of a card, in YAML.

use crate::{
    config::{Experiment, Task},
    data::Part,
    report::{Manifest, Summary},
};
use std::fmt::Write;

/// What the hub reads: licence, task, base model, and figures for its tables.
pub(super) fn matter(experiment: &Experiment, manifest: &Manifest) -> String {
    let mut text = "---\n".to_owned();
    // Writing to a string cannot fail.
    match &experiment.license {
        Some(license) => {
            let _ = writeln!(text, "license: {}", quoted(license));
        }
        None => text += "license: other\nlicense_name: not-chosen\n",
    }
    text += "library_name: transformers\npipeline_tag: audio-classification\n";
    if is_hub_id(&manifest.model.pretrained) {
        let _ = writeln!(text, "base_model: {}", quoted(&manifest.model.pretrained));
    }
    text += "tags:\n- speech\n- voxtune\n";
    if let Some(target) = &manifest.target {
        let _ = writeln!(text, "- {}", quoted(target));
    }
    if let Some((part, summary)) = quotable(manifest) {
        text += &index(experiment, manifest, part, summary);
    }
    text + "---\n"
}

/// The part to be quoted: test, else dev.
fn quotable(manifest: &Manifest) -> Option<(Part, &Summary)> {
    [Part::Test, Part::Dev]
        .into_iter()
        .find_map(|part| Some((part, manifest.results.get(&part)?)))
}

fn index(experiment: &Experiment, manifest: &Manifest, part: Part, summary: &Summary) -> String {
    let databases: Vec<&str> = experiment
        .data
        .databases
        .iter()
        .map(|database| database.name.as_str())
        .collect();
    let data = quoted(&databases.join(", "));
    let mut text = format!(
        "model-index:\n- name: {}\n  results:\n  - task:\n      type: audio-classification\n    \
         dataset:\n      name: {data}\n      type: {data}\n      split: {}\n    metrics:\n",
        quoted(&manifest.name),
        part.word()
    );
    let known: &[(&str, &str, &str)] = match summary.task {
        // The hub knows UAR as recall, averaged over the classes.
        Task::Classification => &[
            ("uar", "recall", "unweighted average recall"),
            ("acc", "accuracy", "accuracy"),
            ("f1", "f1", "macro F1"),
        ],
        Task::Regression => &[
            ("ccc", "ccc", "concordance correlation coefficient"),
            ("pcc", "pearsonr", "Pearson's correlation"),
            ("mse", "mse", "mean squared error"),
            ("mae", "mae", "mean absolute error"),
        ],
    };
    for (name, kind, words) in known {
        if let Some(value) = summary.value(name) {
            let _ = writeln!(
                text,
                "    - type: {kind}\n      name: {words}\n      value: {value:.4}"
            );
        }
    }
    text
}

/// Whether a name can be one of the hub and not a folder: `owner/model`.
fn is_hub_id(name: &str) -> bool {
    let is_part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    name.split_once('/')
        .is_some_and(|(owner, model)| is_part(owner) && is_part(model))
}

/// A text in double quotes, whose escapes YAML and JSON share.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
