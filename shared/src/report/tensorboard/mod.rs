//! A run's curves, confusion matrices and settings for TensorBoard.

mod events;
mod record;
#[cfg(test)]
mod tests;
mod time;

pub use record::{crc32c, masked_crc32c, push_record, records};

use super::{Evaluated, Manifest, Progress, RunOutcome, StepRecord, public_config};
use crate::{config::Experiment, data::Part, protocol::Status};
use events::{Ending, EventFile, Value};
use std::collections::BTreeMap;

/// A PNG that TensorBoard is to show: the part that it is of, and its bytes.
pub type PartImage = (Part, Vec<u8>);

/// The time at which a run began, in Unix seconds; 0 where no time of day is known.
#[must_use]
pub fn start_time(manifest: &Manifest) -> f64 {
    let started = manifest.started.as_deref();
    started.and_then(time::unix_seconds).unwrap_or(0.0)
}

/// The event file of a run, as the package `tensorboard` reads it: scalars `train/*` for each
/// optimiser step, `eval/*` for each evaluation of the part that was chosen on and `test/*` for the
/// test part, the `confusion` matrices as images, the configuration as text, and the settings as
/// hyper-parameters. It begins with [`live_events`].
#[must_use]
pub fn event_file(
    experiment: &Experiment,
    outcome: &RunOutcome,
    confusion: &[PartImage],
) -> Vec<u8> {
    let begin = start_time(&outcome.manifest);
    let manifest = &outcome.manifest;
    let mut file = curves(experiment, manifest, &outcome.progress);
    if outcome.progress.evaluations.is_empty() {
        hyper_parameters(&mut file, experiment, manifest, &outcome.progress);
    }
    let chosen_on = chosen_on(&outcome.progress);
    let times = outcome.progress.evaluations.iter().map(|one| one.seconds);
    let end = begin + times.fold(0.0, f64::max);
    for (part, png) in confusion {
        if let Some(size) = png_size(png) {
            let tag = format!("{}/confusion_matrix", prefix(*part, chosen_on));
            file.image(
                &tag,
                end,
                manifest.training.best_step.unwrap_or(0),
                size,
                png,
            );
        }
    }
    let ending = match manifest.status {
        Status::Finished => Ending::Success,
        Status::Interrupted | Status::Failed => Ending::Failure,
    };
    file.end(end, ending);
    file.finish()
}

/// The event file of a run that goes on: what was noted later only comes after it, so that the file
/// can be appended to while TensorBoard reads it.
#[must_use]
pub fn live_events(experiment: &Experiment, manifest: &Manifest, progress: &Progress) -> Vec<u8> {
    curves(experiment, manifest, progress).finish()
}

/// Configuration and scalars, in the order in which they came.
fn curves(experiment: &Experiment, manifest: &Manifest, progress: &Progress) -> EventFile {
    let begin = start_time(manifest);
    let mut file = EventFile::new(begin);
    let text = format!(
        "```ini\n{}\n```",
        public_config(&manifest.config.text).trim_end()
    );
    file.text("config", begin, &text);
    let chosen_on = chosen_on(progress);
    let mut steps = progress.steps.iter().zip(&progress.train_loss).peekable();
    for (index, evaluation) in progress.evaluations.iter().enumerate() {
        // The best state is put to the test part after all steps, under the number of its own.
        let before =
            |step: &StepRecord| step.step <= evaluation.step || step.seconds < evaluation.seconds;
        while let Some((step, &(epoch, loss))) = steps.next_if(|(step, _)| before(step)) {
            push_step(&mut file, begin, step, epoch, loss);
        }
        if index == 0 {
            // Only now it is known which measures there are.
            hyper_parameters(&mut file, experiment, manifest, progress);
        }
        push_evaluation(&mut file, begin, evaluation, chosen_on);
    }
    for (step, &(epoch, loss)) in steps {
        push_step(&mut file, begin, step, epoch, loss);
    }
    file
}

fn push_step(file: &mut EventFile, begin: f64, step: &StepRecord, epoch: f64, loss: f64) {
    let values = [
        ("train/loss", Some(loss)),
        ("train/learning_rate", Some(step.learning_rate)),
        ("train/grad_norm", step.grad_norm),
        ("train/epoch", Some(epoch)),
    ];
    for (tag, value) in values {
        // A gap says more than a point that is no number.
        if let Some(value) = value.filter(|value| value.is_finite()) {
            file.scalar(tag, begin + step.seconds, step.step, value);
        }
    }
}

fn push_evaluation(
    file: &mut EventFile,
    begin: f64,
    evaluation: &Evaluated,
    chosen_on: Option<Part>,
) {
    let prefix = prefix(evaluation.part, chosen_on);
    let loss = [("loss".to_owned(), evaluation.loss)];
    let measures = evaluation.metrics.iter();
    let measures = measures.map(|(name, value)| (name.to_uppercase(), *value));
    for (name, value) in loss.into_iter().chain(measures) {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            let at = begin + evaluation.seconds;
            file.scalar(&format!("{prefix}/{name}"), at, evaluation.step, value);
        }
    }
}

fn hyper_parameters(
    file: &mut EventFile,
    experiment: &Experiment,
    manifest: &Manifest,
    progress: &Progress,
) {
    let name = format!("{}, run {}", manifest.name, manifest.run);
    let settings = settings(experiment, manifest.seed);
    file.hyper_parameters(
        start_time(manifest),
        &name,
        &settings,
        &metric_tags(progress),
    );
}

/// The part that the checkpoint was chosen on.
fn chosen_on(progress: &Progress) -> Option<Part> {
    let first = progress.best().or(progress.evaluations.first());
    first.map(|evaluation| evaluation.part)
}

/// `eval` for the part that was chosen on, as Hugging Face's trainer calls it.
fn prefix(part: Part, chosen_on: Option<Part>) -> &'static str {
    if chosen_on == Some(part) {
        "eval"
    } else {
        part.word()
    }
}

/// The curves by which sessions are compared: as the first evaluation has them, and of the test part,
/// which comes last, if the choice is made on another.
fn metric_tags(progress: &Progress) -> Vec<String> {
    let Some(first) = progress.evaluations.first() else {
        return Vec::new();
    };
    let others = (first.part != Part::Test).then_some(Part::Test.word());
    let mut tags: Vec<String> = ["eval"]
        .into_iter()
        .chain(others)
        .flat_map(|prefix| {
            let names = first.metrics.keys();
            names.map(move |name| format!("{prefix}/{}", name.to_uppercase()))
        })
        .collect();
    tags.sort();
    tags.dedup();
    tags
}

/// Every setting of fine-tuning by name, with the run's own seed.
fn settings(experiment: &Experiment, seed: u64) -> Vec<(String, Value)> {
    let mut found = BTreeMap::new();
    let tuning = serde_json::to_value(&experiment.tuning).unwrap_or_default();
    flatten("", &tuning, &mut found);
    found.insert("seed".to_owned(), Value::Number(seed as f64));
    found.insert("epochs".to_owned(), Value::Number(experiment.epochs.into()));
    found.into_iter().collect()
}

fn flatten(name: &str, value: &serde_json::Value, found: &mut BTreeMap<String, Value>) {
    use serde_json::Value as Json;
    let one = match value {
        Json::Null => return,
        Json::Object(fields) => {
            for (field, value) in fields {
                let name = if name.is_empty() {
                    field.clone()
                } else {
                    format!("{name}.{field}")
                };
                flatten(&name, value, found);
            }
            return;
        }
        Json::Bool(truth) => Value::Truth(*truth),
        Json::Number(number) => Value::Number(number.as_f64().unwrap_or(f64::NAN)),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(_) => Value::Text(value.to_string()),
    };
    found.insert(name.to_owned(), one);
}

/// Width and height, which the first chunk of every PNG tells.
fn png_size(png: &[u8]) -> Option<[u32; 2]> {
    let side = |at: usize| -> Option<u32> {
        Some(u32::from_be_bytes(png.get(at..at + 4)?.try_into().ok()?))
    };
    png.starts_with(b"\x89PNG").then_some(())?;
    Some([side(16)?, side(20)?])
}
