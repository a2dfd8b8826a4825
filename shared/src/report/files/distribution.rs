//! How the data are distributed over classes, speakers and parts.

use super::{NewFile, push_plot};
use crate::{
    config::{Experiment, Task},
    data::{Dataset, Label, Part, Parts},
    report::{Layout, ReportError, plot::CountsPlot},
};
use indexmap::IndexMap;

/// Bins of a continuous target.
const BINS: usize = 12;

/// Plots of the classes (or of the values, in bins) and of the speakers in each part. A part or a
/// plot without anything in it is left out.
///
/// # Errors
/// A plot cannot be drawn.
pub fn distribution_files(
    experiment: &Experiment,
    dataset: &Dataset,
) -> Result<Vec<NewFile>, ReportError> {
    let layout = Layout::new(experiment);
    let target = experiment.data.target.as_deref().unwrap_or("target");
    let samples = match experiment.task {
        Task::Classification => classes(dataset),
        Task::Regression => values(dataset),
    };
    let mut files = Vec::new();
    let plots = [
        (
            layout.samples_plot(),
            format!("Utterances by {target}"),
            samples,
        ),
        (
            layout.speakers_plot(),
            "Utterances by speaker".to_owned(),
            speakers(dataset),
        ),
    ];
    for (name, title, rows) in plots {
        if !rows.is_empty() {
            let plot = CountsPlot {
                title: &title,
                rows,
                titles: experiment.plot.titles,
            };
            push_plot(&mut files, &name, plot.svg())?;
        }
    }
    Ok(files)
}

/// Utterances of each class, in the order of the classes.
fn classes(dataset: &Dataset) -> Vec<(String, Parts<usize>)> {
    let mut rows: Vec<(String, Parts<usize>)> = dataset
        .labels
        .iter()
        .map(|label| (label.clone(), Parts::default()))
        .collect();
    for part in Part::ALL {
        for utterance in dataset.part(part) {
            if let Some(Label::Class(class)) = utterance.label
                && let Some((_, counts)) = rows.get_mut(class)
            {
                *counts.get_mut(part) += 1;
            }
        }
    }
    rows
}

/// Utterances of each speaker: those of one part together, most of them first.
fn speakers(dataset: &Dataset) -> Vec<(String, Parts<usize>)> {
    let mut rows: IndexMap<&str, Parts<usize>> = IndexMap::new();
    for part in Part::ALL {
        for speaker in dataset
            .part(part)
            .iter()
            .filter_map(|one| one.speaker.as_deref())
        {
            *rows.entry(speaker).or_default().get_mut(part) += 1;
        }
    }
    let mut rows: Vec<(String, Parts<usize>)> = rows
        .into_iter()
        .map(|(name, counts)| (name.to_owned(), counts))
        .collect();
    let key = |counts: &Parts<usize>| {
        let part = Part::ALL.into_iter().find(|part| *counts.get(*part) > 0);
        let total: usize = counts.iter().map(|(_, count)| count).sum();
        (part, std::cmp::Reverse(total))
    };
    rows.sort_by(|a, b| key(&a.1).cmp(&key(&b.1)).then_with(|| a.0.cmp(&b.0)));
    rows
}

/// Utterances by value, in bins of equal width, in the unit of the table.
fn values(dataset: &Dataset) -> Vec<(String, Parts<usize>)> {
    let mut all: Vec<(Part, f64)> = Vec::new();
    for part in Part::ALL {
        all.extend(
            dataset
                .part(part)
                .iter()
                .filter_map(|utterance| match utterance.label {
                    Some(Label::Value(value)) => {
                        Some((part, dataset.transform.invert(&utterance.database, value)))
                    }
                    _ => None,
                }),
        );
    }
    all.retain(|(_, value)| value.is_finite());
    let least = all
        .iter()
        .map(|(_, value)| *value)
        .fold(f64::INFINITY, f64::min);
    let most = all
        .iter()
        .map(|(_, value)| *value)
        .fold(f64::NEG_INFINITY, f64::max);
    let width = (most - least) / BINS as f64;
    if all.is_empty() || !width.is_finite() {
        return Vec::new();
    }
    let bins = if width > 0.0 { BINS } else { 1 };
    let edge = |bin: usize| number(least + width * bin as f64);
    let mut rows: Vec<(String, Parts<usize>)> = (0..bins)
        .map(|bin| {
            (
                format!("{} to {}", edge(bin), edge(bin + 1)),
                Parts::default(),
            )
        })
        .collect();
    for (part, value) in all {
        let bin = if width > 0.0 {
            ((value - least) / width) as usize
        } else {
            0
        };
        *rows[bin.min(bins - 1)].1.get_mut(part) += 1;
    }
    rows
}

/// Three decimals where they matter.
fn number(value: f64) -> String {
    if value.abs() < 10.0 {
        format!("{value:.3}")
    } else {
        format!("{value:.1}")
    }
}
