//! Which recordings are to be predicted.

use super::Failed;
use crate::{
    cli::{Config, PartChoice},
    commands::dataset,
    progress,
};
use anyhow::Context;
use shared::{
    config::Experiment,
    data::{self, Label, Part},
    files::Files,
    predict::Rows,
};
use std::{collections::HashSet, path::PathBuf};

/// What there is to predict.
pub(crate) struct Found {
    pub(crate) rows: Rows,
    /// Recordings that cannot be read, each named.
    pub(crate) failed: Vec<Failed>,
    /// What was asked for, as far as it says which recordings.
    pub(crate) inputs: Vec<String>,
}

/// The recordings of files, folders and tables.
pub(crate) fn from_inputs(files: &dyn Files, paths: &[PathBuf]) -> anyhow::Result<Found> {
    let inputs: Vec<String> = paths
        .iter()
        .map(|path| {
            path.to_str()
                .map(str::to_owned)
                .with_context(|| format!("{}: the path is not UTF-8", path.display()))
        })
        .collect::<anyhow::Result<_>>()?;
    let bar = progress::counter(0, "files");
    bar.set_message("looking into recordings");
    let listing = data::list(files, &inputs, &mut |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    })?;
    bar.finish_and_clear();
    for warning in &listing.warnings {
        errln!("warning: {warning}");
    }
    let failed = listing
        .dropped
        .iter()
        .flat_map(|dropped| {
            dropped.examples.iter().map(|example| Failed {
                what: format!("{}, {example}", dropped.database),
                reason: dropped.reason.text().to_owned(),
            })
        })
        .collect();
    Ok(Found {
        rows: Rows::new(listing.utterances, listing.seconds),
        failed,
        inputs,
    })
}

/// The recordings of a part of an experiment's data, with what they are labelled as. Classes are
/// numbered as in `labels`, the model's; one that it does not know has no truth.
pub(crate) fn from_config(
    files: &dyn Files,
    args: &Config,
    experiment: &Experiment,
    part: PartChoice,
    labels: &[String],
) -> anyhow::Result<Found> {
    let dataset = dataset::load_unsurveyed(experiment, files)?;
    for dropped in &dataset.report.dropped {
        errln!(
            "warning: {}: {} rows left out: {} (for instance {})",
            dropped.database,
            dropped.count,
            dropped.reason.text(),
            dropped.examples.join("; ")
        );
    }
    let mut rows = Rows::default();
    let mut seen = HashSet::new();
    let mut unknown: Vec<&str> = Vec::new();
    for part in part.parts() {
        let seconds = dataset.seconds.get(*part);
        for (utterance, seconds) in dataset.part(*part).iter().zip(seconds) {
            let end = utterance.end.map(f64::to_bits);
            // `balancing` puts rows of the train part in more than once.
            if !seen.insert((&utterance.file, utterance.start.to_bits(), end)) {
                continue;
            }
            let truth = match utterance.label {
                None => None,
                Some(Label::Value(value)) if labels.is_empty() => {
                    Some(dataset.transform.invert(&utterance.database, value))
                }
                Some(Label::Value(_)) => None,
                Some(Label::Class(class)) => {
                    let name = dataset.labels.get(class).map_or("", String::as_str);
                    let place = labels.iter().position(|label| label == name);
                    if place.is_none() && !unknown.contains(&name) {
                        unknown.push(name);
                    }
                    place.map(|place| place as f64)
                }
            };
            rows.utterances.push(utterance.clone());
            rows.seconds.push(*seconds);
            rows.truths.push(truth);
        }
    }
    if !unknown.is_empty() {
        errln!(
            "warning: the model knows nothing of {}: their recordings have no `truth`",
            unknown.join(", ")
        );
    }
    if rows.is_empty() {
        anyhow::bail!(
            "{}: the part has no recordings (see `voxtune data {}`)",
            part.word(),
            args.config.display()
        );
    }
    let mut inputs = vec![
        format!("--config {}", args.config.display()),
        format!("--part {}", part.word()),
    ];
    inputs.extend(args.set.iter().map(|set| format!("--set {set}")));
    Ok(Found {
        rows,
        failed: Vec::new(),
        inputs,
    })
}

impl PartChoice {
    fn parts(self) -> &'static [Part] {
        match self {
            Self::Train => &[Part::Train],
            Self::Dev => &[Part::Dev],
            Self::Test => &[Part::Test],
            Self::All => &Part::ALL,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Dev => "dev",
            Self::Test => "test",
            Self::All => "all",
        }
    }
}
