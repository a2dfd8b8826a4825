//! The files of a run as text and bytes. Who has a file system writes them.

mod classification_report;
mod cross;
mod distribution;
mod folds;
mod groups;
mod history;
mod part;
mod predictions;
mod runs;
mod texts;
mod timedelta;

pub use classification_report::classification_report;
pub use cross::{cross_csv, cross_text};
pub use distribution::distribution_files;
pub use folds::{folds_csv, folds_text};
pub(super) use groups::table as groups_table;
pub use groups::{groups_csv, groups_text};
use history::history_text;
pub use predictions::{PredictionTable, predictions_csv};
pub use runs::{RunLine, RunsSummary, Spread, runs_line, runs_text};
pub(super) use texts::epoch_text;
pub use texts::{confusion_line, report_text};

use super::{
    CrossTable, Layout, Manifest, PredictionSet, Progress, ReportError, Summary, SummaryOptions,
    model_card,
    plot::{self, ProgressionPlot},
    result_table,
    tensorboard::{PartImage, event_file, start_time},
};
use crate::{
    config::{Experiment, Folds, Task},
    data::Part,
};
use serde::Serialize;

/// A path below the experiment's folder, and what is to stand there.
pub type NewFile = (String, Vec<u8>);

/// What came out of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunOutcome {
    /// Each part that was predicted, in the order in which it is to be shown.
    pub parts: Vec<PartOutcome>,
    /// How loss and measures went.
    pub progress: Progress,
    /// All about the run. Its `results` are filled in from `parts`.
    pub manifest: Manifest,
}

/// What came out of a run for one part.
#[derive(Debug, Clone, PartialEq)]
pub struct PartOutcome {
    /// Which part.
    pub part: Part,
    /// What the model said.
    pub predictions: PredictionSet,
    /// The figures; `None` where the part has no labels.
    pub summary: Option<Summary>,
}

impl RunOutcome {
    fn summaries(&self) -> impl Iterator<Item = (Part, &Summary)> {
        self.parts
            .iter()
            .filter_map(|part| Some((part.part, part.summary.as_ref()?)))
    }

    /// The manifest with the figures of all parts.
    #[must_use]
    pub fn manifest(&self) -> Manifest {
        let mut manifest = self.manifest.clone();
        for (part, summary) in self.summaries() {
            manifest.results.insert(part, summary.clone());
        }
        manifest
    }
}

/// Every file of run `run`, but for the model's folder and the copy of the INI.
///
/// # Errors
/// A plot cannot be drawn, or a table or value cannot be written.
pub fn run_files(
    experiment: &Experiment,
    run: u32,
    outcome: &RunOutcome,
) -> Result<Vec<NewFile>, ReportError> {
    let layout = Layout::new(experiment);
    let mut files: Vec<NewFile> = Vec::new();
    let mut matrices: Vec<PartImage> = Vec::new();
    for part in &outcome.parts {
        part::push(&mut files, &mut matrices, experiment, run, part, outcome)?;
    }
    if !outcome.progress.train_loss.is_empty() || !outcome.progress.evaluations.is_empty() {
        let plot = ProgressionPlot {
            progress: &outcome.progress,
            measure: experiment.tuning.measure,
            classes: outcome.manifest.label_map.len(),
            titles: experiment.plot.titles,
        };
        push_plot(&mut files, &layout.progression_plot(run), plot.svg())?;
    }
    let summaries: Vec<&Summary> = outcome.summaries().map(|(_, summary)| summary).collect();
    if !summaries.is_empty() {
        let mut table = result_table(&summaries);
        if let Some(resumed) = outcome.manifest.resumed() {
            table += &format!("\n{resumed}\n");
        }
        files.push((layout.table(run), table.into_bytes()));
    }
    let manifest = outcome.manifest();
    files.push((layout.manifest(run), manifest.to_json()?.into_bytes()));
    // Without predictions there is no model, unless nothing was there to be predicted.
    let has_model = manifest.folds.is_empty() && manifest.tested.is_none();
    if has_model && (!outcome.parts.is_empty() || manifest.error.is_none()) {
        let card = model_card(experiment, &manifest);
        files.push((layout.model_card(run), card.into_bytes()));
    }
    if !outcome.progress.steps.is_empty() {
        let history = history_text(&outcome.progress, outcome.manifest.selection.selected_on);
        files.push((layout.last_history(), history.clone().into_bytes()));
        files.push((layout.history(run), history.into_bytes()));
        let events = layout.events(run, start_time(&outcome.manifest) as u64);
        files.push((events, event_file(experiment, outcome, &matrices)));
    }
    Ok(files)
}

/// The confusion matrix of a part after a whole epoch (`[PLOT] epochs`); nothing after a part of one, or
/// of a regression.
///
/// # Errors
/// The predictions cannot be measured, or a plot cannot be drawn.
pub fn epoch_files(
    experiment: &Experiment,
    run: u32,
    part: Part,
    epoch: f64,
    predictions: &PredictionSet,
) -> Result<Vec<NewFile>, ReportError> {
    let mut files = Vec::new();
    let is_labelled = predictions
        .predictions
        .iter()
        .any(|one| one.truth.is_some());
    if predictions.task() == Task::Classification && epoch.fract() == 0.0 && is_labelled {
        let options = SummaryOptions {
            part: Some(part),
            ..SummaryOptions::default()
        };
        let plot = plot::ConfusionPlot {
            summary: &Summary::of(predictions, &options)?,
            epoch: Some(epoch),
            titles: experiment.plot.titles,
        };
        let name = Layout::new(experiment).epoch_plot(run, epoch as u32);
        push_plot(&mut files, &name, plot.svg())?;
    }
    Ok(files)
}

/// The files that belong to all runs together; none where no run was measured.
///
/// # Errors
/// A value cannot be written as JSON, or a plot cannot be drawn.
pub fn experiment_files(
    experiment: &Experiment,
    runs: &[Manifest],
) -> Result<Vec<NewFile>, ReportError> {
    let layout = Layout::new(experiment);
    if experiment.folds == Some(Folds::Databases) {
        return cross_files(experiment, &layout, runs);
    }
    let summary = RunsSummary::of(runs);
    if summary.part.is_none() {
        return Ok(Vec::new());
    }
    let mut files: Vec<NewFile> = Vec::new();
    // The measure that runs are compared by may not be defined, where others are.
    if let Some(line) = runs_line(&summary) {
        files.push((layout.runs(), line.into_bytes()));
    }
    files.extend([
        (layout.summary_text(), runs_text(&summary).into_bytes()),
        (
            layout.summary_json(),
            json("the summary of all runs", &summary)?.into_bytes(),
        ),
    ]);
    for (name, bars) in [(layout.runs_plot(), false), (layout.runs_bar_plot(), true)] {
        if let Some(svg) = plot::runs(&summary, experiment.plot.titles, bars) {
            push_plot(&mut files, &name, svg)?;
        }
    }
    if let Some(folds) = &summary.folds {
        let text = folds_text(experiment, &summary, folds, runs);
        files.push((layout.folds("txt"), text.into_bytes()));
        files.push((layout.folds("csv"), folds_csv(&summary, runs)?));
        if let Some(svg) = plot::folds(&summary, folds, runs, experiment.plot.titles) {
            push_plot(&mut files, &layout.folds_plot(), svg)?;
        }
    }
    Ok(files)
}

/// Those of an experiment that trains on each database and tests on each.
fn cross_files(
    experiment: &Experiment,
    layout: &Layout,
    runs: &[Manifest],
) -> Result<Vec<NewFile>, ReportError> {
    let measure = experiment.tuning.measure;
    let Some(table) = CrossTable::of(runs, measure.word()) else {
        return Ok(Vec::new());
    };
    let mut files = vec![
        (layout.folds("txt"), cross_text(runs).into_bytes()),
        (layout.folds("csv"), cross_csv(runs)?),
    ];
    let plot = plot::CrossPlot {
        table: &table,
        measure: measure.word(),
        up_to_one: measure.larger_is_better(),
        runs: runs.len(),
        titles: experiment.plot.titles,
    };
    push_plot(&mut files, &layout.folds_plot(), plot.svg())?;
    Ok(files)
}

/// Pushes a plot as PNG and SVG.
pub(super) fn push_plot(
    files: &mut Vec<NewFile>,
    name: &str,
    svg: String,
) -> Result<(), ReportError> {
    files.push((format!("{name}.png"), plot::png(&svg)?));
    files.push((format!("{name}.svg"), svg.into_bytes()));
    Ok(())
}

/// Indented JSON with a line feed at its end. Numbers that are not finite are `null`.
pub(super) fn json(what: &'static str, value: &impl Serialize) -> Result<String, ReportError> {
    let mut text =
        serde_json::to_string_pretty(value).map_err(|source| ReportError::Json { what, source })?;
    text.push('\n');
    Ok(text)
}
