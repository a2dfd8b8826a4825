//! The model card: what a reader on the Hugging Face hub must know of a model.

mod front;
mod sections;

use super::Manifest;
use crate::config::Experiment;

/// The `README.md` of a run's model folder: metadata that the hub reads, then what the model was
/// trained for, on what, how, how good it is, and what it can't do. The manifest has the figures of
/// all parts.
#[must_use]
pub fn model_card(experiment: &Experiment, manifest: &Manifest) -> String {
    let mut card = front::matter(experiment, manifest);
    let parts = [
        sections::purpose(experiment, manifest),
        sections::usage(experiment),
        sections::data(manifest),
        sections::results(manifest),
        sections::training(experiment, manifest),
        sections::limits(manifest),
        sections::license(experiment, manifest),
    ];
    for part in parts {
        card.push('\n');
        card += &part;
    }
    card
}

/// The INI without what must not be published: values of keys that hold a token or a password.
#[must_use]
pub fn public_config(text: &str) -> String {
    let mut hidden = false;
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        // An indented line goes on with the value before.
        if hidden && line.starts_with([' ', '\t']) {
            continue;
        }
        let key = line.split(['=', ':']).next().unwrap_or_default();
        let name = key.to_lowercase();
        hidden = ["token", "password", "secret"]
            .iter()
            .any(|word| name.contains(word))
            && !line.starts_with(['#', ';', '['])
            && line.len() > key.len();
        if hidden {
            out += key;
            out += "= (not shown)";
        } else {
            out += line;
        }
        out.push('\n');
    }
    out
}
