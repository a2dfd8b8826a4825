//! The files of a run as text and bytes. Who has a file system writes them.

mod classification_report;
mod predictions;
mod runs;
mod texts;
mod timedelta;

pub use classification_report::classification_report;
pub use predictions::predictions_csv;
pub use runs::{RunLine, RunsSummary, Spread, runs_line, runs_text};
pub(super) use texts::epoch_text;
pub use texts::{confusion_line, report_text};

use super::{
    Layout, Manifest, PredictionSet, Progress, ReportError, Summary,
    plot::{self, ConfusionPlot, ProgressionPlot, ScatterPlot},
    result_table,
};
use crate::{
    config::{Experiment, Task},
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
    let epoch = outcome.manifest.training.best_epoch;
    for part in &outcome.parts {
        let table = predictions_csv(&part.predictions)?;
        files.push((layout.predictions(run, part.part), table));
        let Some(summary) = &part.summary else {
            continue;
        };
        let text = report_text(summary, epoch)?;
        files.push((layout.report(run, part.part), text.into_bytes()));
        let (name, svg) = match summary.task {
            Task::Classification => {
                let line = confusion_line(summary, epoch);
                files.push((layout.confusion_text(run, part.part), line.into_bytes()));
                let plot = ConfusionPlot {
                    summary,
                    epoch,
                    titles: experiment.plot.titles,
                };
                (layout.confusion_plot(run, part.part), plot.svg())
            }
            Task::Regression => {
                let plot = ScatterPlot {
                    predictions: &part.predictions,
                    summary,
                    target: experiment.data.target.as_deref(),
                    epoch,
                    titles: experiment.plot.titles,
                };
                (layout.scatter_plot(run, part.part), plot.svg())
            }
        };
        push_plot(&mut files, &name, svg)?;
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
    let manifest = outcome.manifest().to_json()?;
    files.push((layout.manifest(run), manifest.into_bytes()));
    Ok(files)
}

/// The files that belong to all runs together; none where no run was measured.
///
/// # Errors
/// A value cannot be written as JSON.
pub fn experiment_files(
    experiment: &Experiment,
    runs: &[Manifest],
) -> Result<Vec<NewFile>, ReportError> {
    let layout = Layout::new(experiment);
    let summary = RunsSummary::of(runs);
    let Some(line) = runs_line(&summary) else {
        return Ok(Vec::new());
    };
    Ok(vec![
        (layout.runs(), line.into_bytes()),
        (layout.summary_text(), runs_text(&summary).into_bytes()),
        (
            layout.summary_json(),
            json("the summary of all runs", &summary)?.into_bytes(),
        ),
    ])
}

fn push_plot(files: &mut Vec<NewFile>, name: &str, svg: String) -> Result<(), ReportError> {
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
