//! The panel of losses.

use super::{Content, Series, series};
use crate::{
    data::Part,
    report::{
        Progress,
        metrics::percentile,
        plot::{
            axis::Range,
            legend::Mark,
            palette::{AXIS, FAINT, LINES},
            svg::Stroke,
        },
    },
};

/// More points than this are drawn as means.
const MOST_POINTS: usize = 800;

/// Training loss by step and by evaluation, and the loss of the evaluated parts.
pub(super) fn content(progress: &Progress) -> Content {
    let mut lines: Vec<Series> = Vec::new();
    let steps = &progress.train_loss;
    let each = steps.len().div_ceil(MOST_POINTS).max(1);
    if !steps.is_empty() {
        let name = match each {
            1 => "train, step".to_owned(),
            _ => format!("train, mean of {each} steps"),
        };
        let points = steps.chunks(each).map(mean).collect();
        lines.push(series(name, Stroke::new(FAINT, 1.0), Mark::None, points));
    }
    let means = between_evaluations(progress);
    // As good as the steps themselves where an evaluation follows every few of them.
    if means.len() > 1 && steps.len() >= 4 * means.len() {
        let name = "train, mean between evaluations".to_owned();
        lines.push(series(name, Stroke::new(AXIS, 1.6), Mark::None, means));
    }
    for (index, part) in [Part::Dev, Part::Test, Part::Train].into_iter().enumerate() {
        let points: Vec<(f64, f64)> = progress
            .evaluations
            .iter()
            .filter(|evaluation| evaluation.part == part)
            .map(|evaluation| (evaluation.epoch, evaluation.loss.unwrap_or(f64::NAN)))
            .collect();
        if !points.is_empty() {
            let stroke = Stroke::new(LINES[(index + 1) % LINES.len()], 1.8);
            lines.push(series(
                part.word().to_owned(),
                stroke,
                Mark::ALL[index],
                points,
            ));
        }
    }
    let mut values: Vec<f64> = lines
        .iter()
        .flat_map(|line| line.points.iter().map(|point| point.1))
        .filter(|value| value.is_finite())
        .collect();
    values.sort_by(f64::total_cmp);
    let (range, note) = without_peaks(&values);
    Content {
        name: "Loss".to_owned(),
        series: lines,
        range,
        level: None,
        note,
    }
}

/// The range of ascending values, but for a few that are so large that nothing else would be seen.
fn without_peaks(sorted: &[f64]) -> (Option<Range>, String) {
    let all = Range::of(sorted.iter().copied());
    let (Some(range), Some(high), Some(low)) = (all, percentile(sorted, 0.9), sorted.first())
    else {
        return (all, String::new());
    };
    let usual = high - low;
    if usual > 0.0 && range.high - range.low > 6.0 * usual {
        let cut = Range {
            low: range.low,
            high: low + 2.0 * usual,
        };
        let over = sorted.iter().filter(|value| **value > cut.high).count();
        return (
            Some(cut),
            format!("{over} of {} values lie above", sorted.len()),
        );
    }
    (Some(range.padded(0.06)), String::new())
}

/// Mean epoch and loss of the finite losses; NaN where there is none.
fn mean(steps: &[(f64, f64)]) -> (f64, f64) {
    let finite = steps.iter().filter(|(_, loss)| loss.is_finite());
    let count = finite.clone().count() as f64;
    let loss = finite.map(|(_, loss)| loss / count).sum::<f64>();
    let epoch = steps
        .iter()
        .map(|(epoch, _)| epoch / steps.len() as f64)
        .sum();
    (epoch, if count > 0.0 { loss } else { f64::NAN })
}

/// Mean epoch and training loss of the steps that lead to each evaluation.
fn between_evaluations(progress: &Progress) -> Vec<(f64, f64)> {
    let mut from = 0;
    let mut means = Vec::new();
    for evaluation in &progress.evaluations {
        let steps = &progress.train_loss[from..];
        let count = steps
            .iter()
            .take_while(|(epoch, _)| *epoch <= evaluation.epoch + 1e-9)
            .count();
        if count > 0 {
            means.push(mean(&steps[..count]));
        }
        from += count;
    }
    means
}
