//! The panel of measures.

use super::{Content, ProgressionPlot, Series, series};
use crate::{
    config::Measure,
    report::plot::{axis::Range, legend::Mark, palette::LINES, svg::Stroke},
};

const DASHES: [&str; 4] = ["", "6 3", "2 3", "8 3 2 3"];

/// The measures of all evaluations that share a scale with the one that was chosen by.
pub(super) fn content(plot: &ProgressionPlot<'_>) -> Content {
    let (measures, low, high): (&[Measure], f64, f64) = match plot.measure {
        Measure::Uar | Measure::Acc | Measure::F1 => {
            (&[Measure::Uar, Measure::Acc, Measure::F1], 0.0, 1.0)
        }
        Measure::Ccc | Measure::Pcc => (&[Measure::Ccc, Measure::Pcc], -1.0, 1.0),
        Measure::Mse => (&[Measure::Mse], 0.0, f64::MAX),
        Measure::Mae => (&[Measure::Mae], 0.0, f64::MAX),
    };
    // The one that was chosen by comes first.
    let mut measures = measures.to_vec();
    measures.sort_by_key(|measure| *measure != plot.measure);
    let mut lines: Vec<Series> = Vec::new();
    for measure in measures {
        let points: Vec<(f64, f64)> = plot
            .chosen_on()
            .filter_map(|evaluation| {
                let value = evaluation.metrics.get(measure.word())?;
                Some((evaluation.epoch, value.unwrap_or(f64::NAN)))
            })
            .collect();
        if !points.is_empty() {
            let index = lines.len() % LINES.len();
            let width = if index == 0 { 1.8 } else { 1.2 };
            let stroke = Stroke::new(LINES[index], width).dashed(DASHES[index]);
            let name = measure.word().to_uppercase();
            lines.push(series(name, stroke, Mark::ALL[index], points));
        }
    }
    let chance = (plot.classes > 1 && plot.measure == Measure::Uar)
        .then(|| (1.0 / plot.classes as f64, "chance"));
    let values = || {
        lines
            .iter()
            .flat_map(|line| line.points.iter().map(|p| p.1))
    };
    let range = Range::of(values()).and_then(|_| {
        let level = chance.map(|(level, _)| level);
        Some(
            Range::of(values().chain(level))?
                .padded(0.08)
                .within(low, high),
        )
    });
    let part = plot.chosen_on().next();
    let part = part.map(|evaluation| format!(", {} part", evaluation.part.word()));
    let name = match lines.as_slice() {
        [line] => line.entry.name.clone(),
        _ => "Measures".to_owned(),
    };
    Content {
        name: name + part.as_deref().unwrap_or_default(),
        series: lines,
        range,
        level: chance,
        note: String::new(),
    }
}
