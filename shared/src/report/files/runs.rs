//! All runs of an experiment together.

use crate::{
    config::Measure,
    data::Part,
    protocol::Status,
    report::{
        FoldsSummary, Manifest,
        summary::{aligned, number},
    },
};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// How a figure spreads over the runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spread {
    /// Runs that have the figure.
    pub n: usize,
    /// Their mean.
    pub mean: Option<f64>,
    /// Standard deviation with n - 1; `None` of fewer than two runs.
    pub sd: Option<f64>,
    /// The smallest.
    pub min: Option<f64>,
    /// The largest.
    pub max: Option<f64>,
}

/// The figures of all runs of an experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunsSummary {
    /// The part that the figures are of: test, where it was predicted, else dev, else train.
    pub part: Option<Part>,
    /// The measure by which runs are compared.
    pub measure: Option<Measure>,
    /// One line a run.
    pub runs: Vec<RunLine>,
    /// Mean and spread by measure, of the runs that finished; of all, if none did.
    pub spread: IndexMap<String, Spread>,
    /// Number of the best of these runs by `measure`, the first of equal ones.
    pub best_run: Option<u32>,
    /// Whether any checkpoint was chosen on the test part.
    pub optimistic: bool,
    /// Each fold by itself, where a run is a cross validation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folds: Option<FoldsSummary>,
}

/// The figures of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunLine {
    /// Number of the run.
    pub run: u32,
    /// Its seed.
    pub seed: u64,
    /// How it ended.
    pub status: Status,
    /// Epoch of the checkpoint that was kept.
    pub best_epoch: Option<f64>,
    /// Figures by name.
    pub metrics: IndexMap<String, Option<f64>>,
}

impl Spread {
    /// The spread of what is finite among `values`.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = Option<f64>>) -> Self {
        let values: Vec<f64> = values
            .into_iter()
            .flatten()
            .filter(|value| value.is_finite())
            .collect();
        let n = values.len();
        let mean = (n > 0).then(|| values.iter().sum::<f64>() / n as f64);
        let squares = mean.map(|mean| values.iter().map(|v| (v - mean).powi(2)).sum::<f64>());
        Self {
            n,
            mean,
            sd: squares
                .filter(|_| n > 1)
                .map(|sum| (sum / (n - 1) as f64).sqrt()),
            min: values.iter().copied().reduce(f64::min),
            max: values.iter().copied().reduce(f64::max),
        }
    }
}

impl RunsSummary {
    /// The figures of `manifests`, one a run.
    #[must_use]
    pub fn of(manifests: &[Manifest]) -> Self {
        let part = [Part::Test, Part::Dev, Part::Train]
            .into_iter()
            .find(|part| manifests.iter().any(|run| run.results.contains_key(part)));
        let measure = manifests.first().map(|run| run.selection.measure);
        let runs: Vec<RunLine> = manifests
            .iter()
            .map(|manifest| RunLine {
                run: manifest.run,
                seed: manifest.seed,
                status: manifest.status,
                best_epoch: manifest.training.best_epoch,
                metrics: part
                    .and_then(|part| manifest.results.get(&part))
                    .map(|summary| {
                        let figures = summary.metrics.iter();
                        figures
                            .map(|(name, figure)| (name.clone(), figure.value))
                            .collect()
                    })
                    .unwrap_or_default(),
            })
            .collect();
        let mut summary = Self {
            part,
            measure,
            runs,
            spread: IndexMap::new(),
            best_run: None,
            optimistic: manifests.iter().any(|run| run.selection.optimistic),
            folds: FoldsSummary::of(manifests),
        };
        let mut spread: IndexMap<String, Spread> = IndexMap::new();
        for name in summary.runs.iter().flat_map(|run| run.metrics.keys()) {
            if !spread.contains_key(name) {
                let values = summary
                    .counted()
                    .map(|run| run.metrics.get(name).copied().flatten());
                spread.insert(name.clone(), Spread::of(values));
            }
        }
        summary.spread = spread;
        summary.best_run = summary.best().map(|run| run.run);
        summary
    }

    /// The runs that count: those that finished, or all if none did.
    fn counted(&self) -> impl Iterator<Item = &RunLine> {
        let any = self.runs.iter().any(RunLine::has_finished);
        self.runs
            .iter()
            .filter(move |run| !any || run.has_finished())
    }

    /// What a reader must know of the figures.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.optimistic {
            notes.push(
                "checkpoints were chosen on the test part: its figures are optimistic".to_owned(),
            );
        }
        let counted = self.counted().count();
        for run in self.runs.iter().filter(|run| !run.has_finished()) {
            let how = match run.status {
                Status::Interrupted => "was interrupted",
                Status::Failed | Status::Finished => "failed",
            };
            let what = if counted < self.runs.len() {
                ", and is left out of mean, deviation and best"
            } else {
                ""
            };
            notes.push(format!("run {} {how}{what}", run.run));
        }
        if counted > 1 && self.best_run.is_some() && self.part == Some(Part::Test) {
            notes.push(
                "the best run is the best on the test part: reported alone its figures are \
                 optimistic, so report the mean"
                    .to_owned(),
            );
        }
        notes
    }

    fn best(&self) -> Option<&RunLine> {
        let measure = self.measure?;
        let mut best: Option<(&RunLine, f64)> = None;
        for run in self.counted() {
            let Some(value) = run.value(measure) else {
                continue;
            };
            let better = best.is_none_or(|(_, top)| {
                if measure.larger_is_better() {
                    value > top
                } else {
                    value < top
                }
            });
            if better {
                best = Some((run, value));
            }
        }
        best.map(|(run, _)| run)
    }
}

impl RunLine {
    fn has_finished(&self) -> bool {
        self.status == Status::Finished
    }

    fn value(&self, measure: Measure) -> Option<f64> {
        let value = self.metrics.get(measure.word()).copied().flatten();
        value.filter(|value| value.is_finite())
    }
}

/// The values of the runs that count, then their mean, standard deviation and best, then notes;
/// `None` where no run has one.
///
/// The first line has commas: Nkululeko writes blanks there, but its own comparison of runs splits
/// at commas and fails on what it wrote. The deviation in the second line is the population's
/// (divided by n), as Nkululeko's is; [`Spread::sd`] is the sample's.
#[must_use]
pub fn runs_line(summary: &RunsSummary) -> Option<String> {
    let measure = summary.measure?;
    let values: Vec<(u32, f64)> = summary
        .counted()
        .filter_map(|run| Some((run.run, run.value(measure)?)))
        .collect();
    let spread = Spread::of(values.iter().map(|&(_, value)| Some(value)));
    let n = spread.n as f64;
    let deviation = spread.sd.map_or(0.0, |sd| sd * ((n - 1.0) / n).sqrt());
    let (name, best) = if measure.larger_is_better() {
        ("max", spread.max?)
    } else {
        ("min", spread.min?)
    };
    let index = values.iter().find(|&&(_, value)| value == best)?.0;
    let texts: Vec<String> = values
        .iter()
        .map(|(_, value)| format!("{value:.4}"))
        .collect();
    let mut text = format!(
        "{}\nmean: {:.4}, std: {deviation:.4}, {name}: {best:.4}, {name}_index: {index}",
        texts.join(", "),
        spread.mean?
    );
    for note in summary.notes() {
        let _ = write!(text, "\nNote: {note}");
    }
    Some(text)
}

/// A table of all runs to read, with mean and standard deviation (n - 1).
#[must_use]
pub fn runs_text(summary: &RunsSummary) -> String {
    let names: Vec<&String> = summary.spread.keys().collect();
    let mut rows = vec![vec![
        "run".to_owned(),
        "seed".to_owned(),
        "epoch".to_owned(),
    ]];
    rows[0].extend(names.iter().map(|name| name.to_uppercase()));
    for run in &summary.runs {
        let mut row = vec![
            run.run.to_string(),
            run.seed.to_string(),
            super::texts::epoch_text(run.best_epoch),
        ];
        row.extend(
            names
                .iter()
                .map(|name| number(run.metrics.get(*name).copied().flatten())),
        );
        rows.push(row);
    }
    let mut push = |name: &str, statistic: fn(&Spread) -> Option<f64>| {
        let mut row = vec![name.to_owned(), String::new(), String::new()];
        row.extend(
            summary
                .spread
                .values()
                .map(|spread| number(statistic(spread))),
        );
        rows.push(row);
    };
    push("mean", |spread| spread.mean);
    push("sd", |spread| spread.sd);
    push("min", |spread| spread.min);
    push("max", |spread| spread.max);
    let mut text = match summary.part {
        Some(part) => format!("All runs, {} part\n\n", part.word()),
        None => "All runs\n\n".to_owned(),
    };
    text += &aligned(&rows);
    if let (Some(best), Some(measure)) = (summary.best_run, summary.measure) {
        let measure = measure.word().to_uppercase();
        let _ = writeln!(text, "\nBest run by {measure}: {best}");
    }
    for note in summary.notes() {
        let _ = writeln!(text, "\nNote: {note}");
    }
    text
}
