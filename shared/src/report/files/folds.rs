//! The one report of a cross validation.

use super::{RunsSummary, texts::epoch_text};
use crate::{
    config::Experiment,
    data::Part,
    report::{
        FoldsSummary, Manifest, ReportError, Spread, Summary,
        summary::{aligned, number, span},
    },
};
use std::fmt::Write;

/// Names of speakers that are written out have so many letters together.
const NAMES: usize = 40;

/// All folds and runs to read: the predictions of all folds together, run by run, with their
/// intervals; each fold for itself; mean and standard deviation over runs and folds; and the
/// confusion matrix of all runs.
#[must_use]
pub fn folds_text(
    experiment: &Experiment,
    summary: &RunsSummary,
    folds: &FoldsSummary,
    runs: &[Manifest],
) -> String {
    let how = experiment
        .folds
        .map_or("cross validation", |folds| folds.words());
    let results: Vec<&Summary> = runs
        .iter()
        .filter_map(|run| run.results.get(&Part::Test))
        .collect();
    let (n, speakers) = results
        .first()
        .map_or((0, 0), |result| (result.n, result.speakers));
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let mut text = format!(
        "{} folds ({how}), {} run{}, {n} utterances",
        folds.folds.len(),
        runs.len(),
        plural(runs.len())
    );
    if speakers > 0 {
        let _ = write!(text, " of {speakers} speaker{}", plural(speakers));
    }
    text += "\n\nAll folds together: each utterance is predicted once a run, by a model that has not seen its fold\n";
    text += &aligned(&pooled(summary, runs));
    text += "\nEach fold by itself\n";
    text += &aligned(&each(summary, folds, runs));
    text += "\nMean and standard deviation\n";
    text += &aligned(&spreads(summary, folds));
    if let Some(matrix) = confusion(&results) {
        let _ = writeln!(
            text,
            "\nConfusion matrix of all folds{}",
            match runs.len() {
                1 => String::new(),
                count => format!(" and runs (each utterance counts {count} times)"),
            }
        );
        text += &aligned(&matrix);
    }
    for note in summary.notes() {
        let _ = writeln!(text, "\nNote: {note}");
    }
    text
}

/// The measure that counts, then the others.
fn names(summary: &RunsSummary) -> Vec<String> {
    let first = summary.measure.map(|measure| measure.word().to_owned());
    let others = summary
        .spread
        .keys()
        .filter(|name| Some(*name) != first.as_ref());
    let first = first
        .clone()
        .filter(|name| summary.spread.contains_key(name));
    first.into_iter().chain(others.cloned()).collect()
}

fn pooled(summary: &RunsSummary, runs: &[Manifest]) -> Vec<Vec<String>> {
    let names = names(summary);
    let mut head: Vec<String> = ["run", "seed"].map(str::to_owned).to_vec();
    for (index, name) in names.iter().enumerate() {
        head.push(name.to_uppercase());
        if index == 0 {
            head.extend(["95 % interval", "by speaker"].map(str::to_owned));
        }
    }
    let mut rows = vec![head];
    for run in runs {
        let result = run.results.get(&Part::Test);
        let mut row = vec![run.run.to_string(), run.seed.to_string()];
        for (index, name) in names.iter().enumerate() {
            let figure = result.and_then(|result| result.metrics.get(name).copied());
            let figure = figure.unwrap_or_default();
            row.push(number(figure.value));
            if index == 0 {
                row.extend([span(figure.interval()), span(figure.by_speaker)]);
            }
        }
        rows.push(row);
    }
    rows
}

fn each(summary: &RunsSummary, folds: &FoldsSummary, runs: &[Manifest]) -> Vec<Vec<String>> {
    let names = names(summary);
    let Some(name) = names.first() else {
        return Vec::new();
    };
    let mut head: Vec<String> = ["fold", "n"].map(str::to_owned).to_vec();
    for run in runs {
        head.push(format!("{} of run {}", name.to_uppercase(), run.run));
        head.push("epoch".to_owned());
    }
    head.extend(["mean", "tested on"].map(str::to_owned));
    let mut rows = vec![head];
    for fold in &folds.folds {
        let mut row = vec![fold.fold.to_string(), fold.utterances.to_string()];
        for run in runs {
            let line = run.folds.iter().find(|line| line.fold == fold.fold);
            let value = line.and_then(|line| line.metrics.get(name).copied().flatten());
            row.push(number(value));
            row.push(epoch_text(line.and_then(|line| line.best_epoch)));
        }
        row.push(number(fold.spread.get(name).and_then(|spread| spread.mean)));
        row.push(listed(&fold.tested_on));
        rows.push(row);
    }
    rows
}

/// Speakers by name, or how many there are.
fn listed(speakers: &[String]) -> String {
    let names = speakers.join(", ");
    if names.chars().count() <= NAMES {
        names
    } else {
        format!("{} speakers", speakers.len())
    }
}

fn spreads(summary: &RunsSummary, folds: &FoldsSummary) -> Vec<Vec<String>> {
    let names = names(summary);
    let mut head = vec![String::new()];
    head.extend(names.iter().map(|name| name.to_uppercase()));
    let mut rows = vec![head];
    type Statistic = fn(&Spread) -> Option<f64>;
    let mean: Statistic = |spread| spread.mean;
    let sd: Statistic = |spread| spread.sd;
    for (title, figures, statistic) in [
        (
            "all folds together: mean of the runs",
            &summary.spread,
            mean,
        ),
        ("  sd of the runs", &summary.spread, sd),
        ("single folds: mean", &folds.over_folds, mean),
        (
            "  sd of the folds (means of the runs)",
            &folds.over_folds,
            sd,
        ),
        ("  sd of all folds and runs", &folds.over_all, sd),
    ] {
        let mut row = vec![title.to_owned()];
        row.extend(
            names
                .iter()
                .map(|name| number(figures.get(name).and_then(statistic))),
        );
        rows.push(row);
    }
    rows
}

fn confusion(results: &[&Summary]) -> Option<Vec<Vec<String>>> {
    let labels = &results.first()?.labels;
    let mut sums = vec![vec![0_u64; labels.len()]; labels.len()];
    for result in results {
        let counts = result.confusion.as_ref()?;
        for (sums, counts) in sums.iter_mut().zip(counts) {
            for (sum, count) in sums.iter_mut().zip(counts) {
                *sum += count;
            }
        }
    }
    let mut head = vec!["truth \\ predicted".to_owned()];
    head.extend(labels.iter().cloned());
    head.push("recall".to_owned());
    let mut rows = vec![head];
    for (index, (label, counts)) in labels.iter().zip(sums).enumerate() {
        let all: u64 = counts.iter().sum();
        let recall = (all > 0).then(|| counts[index] as f64 / all as f64);
        let mut row = vec![label.clone()];
        row.extend(counts.iter().map(u64::to_string));
        row.push(number(recall));
        rows.push(row);
    }
    Some(rows)
}

/// Each fold of each run as a table: `run,seed,fold,tested_on,utterances,best_epoch`, then one column
/// a measure. What is not defined is empty.
///
/// # Errors
/// [`ReportError::Table`].
pub fn folds_csv(summary: &RunsSummary, runs: &[Manifest]) -> Result<Vec<u8>, ReportError> {
    let names = names(summary);
    let mut table = csv::Writer::from_writer(Vec::new());
    let mut head: Vec<&str> = vec![
        "run",
        "seed",
        "fold",
        "tested_on",
        "utterances",
        "best_epoch",
    ];
    head.extend(names.iter().map(String::as_str));
    table.write_record(&head)?;
    let text = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    for run in runs {
        for line in &run.folds {
            let mut row = vec![
                run.run.to_string(),
                run.seed.to_string(),
                line.fold.to_string(),
                line.tested_on.join(" "),
                line.utterances.to_string(),
                text(line.best_epoch),
            ];
            row.extend(
                names
                    .iter()
                    .map(|name| text(line.metrics.get(name).copied().flatten())),
            );
            table.write_record(&row)?;
        }
    }
    table
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()).into())
}
