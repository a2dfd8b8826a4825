//! The files of one part of a run.

use super::{
    NewFile, PartOutcome, RunOutcome, confusion_line, groups_csv, groups_text, predictions_csv,
    push_plot, report_text,
};
use crate::{
    config::{Experiment, Task},
    report::{
        Layout, ReportError, Summary,
        plot::{ConfusionPlot, ReliabilityPlot, ScatterPlot, UncertaintyPlot},
        tensorboard::PartImage,
    },
};

/// Pushes the files of `part`, and its confusion matrix as PNG to `matrices`.
pub(super) fn push(
    files: &mut Vec<NewFile>,
    matrices: &mut Vec<PartImage>,
    experiment: &Experiment,
    run: u32,
    part: &PartOutcome,
    outcome: &RunOutcome,
) -> Result<(), ReportError> {
    let layout = Layout::new(experiment);
    let epoch = outcome.manifest.training.best_epoch;
    let titles = experiment.plot.titles;
    let table = predictions_csv(&part.predictions)?;
    files.push((layout.predictions(run, part.part), table));
    let Some(summary) = &part.summary else {
        return Ok(());
    };
    let text = report_text(summary, epoch)?;
    files.push((layout.report(run, part.part), text.into_bytes()));
    if !summary.groups.is_empty() {
        let name = layout.groups(run, part.part);
        files.push((format!("{name}.txt"), groups_text(summary).into_bytes()));
        files.push((format!("{name}.csv"), groups_csv(summary)?));
    }
    let matrix = |summary: &Summary| {
        ConfusionPlot {
            summary,
            epoch,
            titles,
        }
        .svg()
    };
    match summary.task {
        Task::Classification => {
            let line = confusion_line(summary, epoch);
            files.push((layout.confusion_text(run, part.part), line.into_bytes()));
            push_plot(
                files,
                &layout.confusion_plot(run, part.part),
                matrix(summary),
            )?;
            let png = files.iter().rev().find(|(name, _)| name.ends_with(".png"));
            matrices.extend(png.map(|(_, bytes)| (part.part, bytes.clone())));
            let reliability = ReliabilityPlot {
                summary,
                epoch,
                titles,
            };
            push_plot(
                files,
                &layout.reliability_plot(run, part.part),
                reliability.svg(),
            )?;
            let uncertainty = UncertaintyPlot {
                predictions: &part.predictions,
                summary,
                epoch,
                titles,
            };
            push_plot(
                files,
                &layout.uncertainty_plot(run, part.part),
                uncertainty.svg(),
            )?;
        }
        Task::Regression => {
            let plot = ScatterPlot {
                predictions: &part.predictions,
                summary,
                target: experiment.data.target.as_deref(),
                epoch,
                titles,
            };
            push_plot(files, &layout.scatter_plot(run, part.part), plot.svg())?;
        }
    }
    if let Some(certain) = &summary.certain {
        let line = confusion_line(&certain.summary, epoch);
        files.push((layout.certain_text(run, part.part), line.into_bytes()));
        push_plot(
            files,
            &layout.certain_plot(run, part.part),
            matrix(&certain.summary),
        )?;
    }
    if let Some(combined) = &summary.combined {
        let text = match summary.task {
            Task::Classification => {
                let name = layout.combined_plot(run, part.part, combined.method);
                push_plot(files, &name, matrix(&combined.summary))?;
                confusion_line(&combined.summary, epoch)
            }
            Task::Regression => report_text(&combined.summary, epoch)?,
        };
        files.push((
            layout.combined_text(run, part.part, combined.method),
            text.into_bytes(),
        ));
    }
    Ok(())
}
