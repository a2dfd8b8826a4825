//! Figures of a set with their intervals.

use super::{Measured, SummaryOptions};
use crate::{
    config::Task,
    report::{
        Prediction, PredictionSet, ReportError,
        metrics::{
            Agreement, Calibration, Confusion, Detection, DetectionScores, Interval, Moments,
        },
    },
};
use indexmap::IndexMap;

const CLASSIFICATION: [&str; 3] = ["uar", "acc", "f1"];
const TWO_CLASSES: [&str; 3] = ["sensitivity", "specificity", "eer"];
const PROBABILITIES: [&str; 2] = ["brier", "ece"];
const REGRESSION: [&str; 5] = ["ccc", "pcc", "mse", "mae", "r2"];

/// Figures of a set.
pub(super) struct Figures {
    /// Labelled utterances.
    pub(super) n: usize,
    /// Different speakers among them; 0 where any has none.
    pub(super) speakers: usize,
    /// By name.
    pub(super) metrics: IndexMap<String, Measured>,
}

/// Figures of the labelled predictions of a set that was checked.
pub(super) fn all(set: &PredictionSet, options: &SummaryOptions) -> Result<Figures, ReportError> {
    let labelled: Vec<&Prediction> = set
        .predictions
        .iter()
        .filter(|prediction| prediction.truth.is_some())
        .collect();
    if labelled.is_empty() {
        return Err(ReportError::NoTruth {
            count: set.predictions.len(),
        });
    }
    let speakers = Speakers::of(&labelled);
    let metrics = match set.task() {
        Task::Classification => {
            let classified = Classified::of(set, options);
            let mut drawn = Confusion::new(set.labels.len());
            let mut figures = |weights: &[u32], values: &mut [Option<f64>]| {
                classified.figures(weights, &mut drawn, values)
            };
            let mut measured = measured(
                &classified.names,
                labelled.len(),
                &speakers,
                options,
                &mut figures,
            );
            // Draws with repetitions are calibrated worse than the set that they come from, so that
            // there is no interval.
            let ece = Calibration::of(set).map(|calibration| calibration.ece);
            if let Some(figure) = measured.get_mut("ece") {
                figure.value = ece;
            }
            measured
        }
        Task::Regression => {
            let pairs: Vec<(f64, f64)> = set.value_pairs().map(|(t, p, _)| (t, p)).collect();
            measured(
                &REGRESSION,
                pairs.len(),
                &speakers,
                options,
                &mut |weights, values| {
                    regression(&pairs, weights, values);
                },
            )
        }
    };
    Ok(Figures {
        n: labelled.len(),
        speakers: speakers.count,
        metrics,
    })
}

/// The class that is looked for; `None` unless there are two.
pub(super) fn positive(set: &PredictionSet, options: &SummaryOptions) -> Option<usize> {
    (set.labels.len() == 2).then(|| options.positive.unwrap_or(1).min(1))
}

/// The speaker of each utterance as a number.
struct Speakers {
    numbers: Vec<usize>,
    count: usize,
}

impl Speakers {
    /// Nothing where any utterance has none.
    fn of(labelled: &[&Prediction]) -> Self {
        let mut seen: IndexMap<&str, ()> = IndexMap::new();
        let mut numbers = Vec::with_capacity(labelled.len());
        for prediction in labelled {
            let Some(speaker) = &prediction.speaker else {
                return Self {
                    numbers: Vec::new(),
                    count: 0,
                };
            };
            numbers.push(seen.insert_full(speaker.as_str(), ()).0);
        }
        Self {
            numbers,
            count: seen.len(),
        }
    }
}

/// Computes figures of utterances that each count so often.
type Count<'a> = dyn FnMut(&[u32], &mut [Option<f64>]) + 'a;

/// The figures `names` that `figures` computes of `n` utterances, with utterances and with whole
/// speakers drawn. `figures` is told how often each utterance counts.
fn measured(
    names: &[&str],
    n: usize,
    speakers: &Speakers,
    options: &SummaryOptions,
    figures: &mut Count<'_>,
) -> IndexMap<String, Measured> {
    let mut values = vec![None; names.len()];
    figures(&vec![1; n], &mut values);
    let mut weights = vec![0_u32; n];
    let by_utterance = options.bootstrap.intervals(n, names.len(), |draw, values| {
        weights.fill(0);
        for &unit in draw {
            weights[unit as usize] += 1;
        }
        figures(&weights, values);
    });
    let mut drawn = vec![0_u32; speakers.count];
    let by_speaker = options
        .bootstrap
        .intervals(speakers.count, names.len(), |draw, values| {
            drawn.fill(0);
            for &unit in draw {
                drawn[unit as usize] += 1;
            }
            for (weight, &speaker) in weights.iter_mut().zip(&speakers.numbers) {
                *weight = drawn[speaker];
            }
            figures(&weights, values);
        });
    let at = |intervals: &[Option<Interval>], index: usize| intervals.get(index).copied().flatten();
    names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let interval = at(&by_utterance, index);
            let measured = Measured {
                value: values[index],
                low: interval.map(|interval| interval.low),
                high: interval.map(|interval| interval.high),
                by_speaker: at(&by_speaker, index),
            };
            ((*name).to_owned(), measured)
        })
        .collect()
}

/// What the figures of any draw of a classification are computed from.
struct Classified {
    names: Vec<&'static str>,
    /// `truth * classes + predicted` of each utterance.
    cells: Vec<usize>,
    /// Squared distance of the probabilities from the truth.
    distances: Vec<f64>,
    /// Scores of the positive class, and which one it is.
    detection: Option<(DetectionScores, usize)>,
}

impl Classified {
    fn of(set: &PredictionSet, options: &SummaryOptions) -> Self {
        let classes = set.labels.len();
        let detection = positive(set, options).map(|positive| {
            let pairs: Vec<(f64, bool)> = set
                .class_pairs()
                .map(|(truth, _, prediction)| {
                    let score = |class: usize| f64::from(prediction.scores[class]);
                    (score(positive) - score(1 - positive), truth == positive)
                })
                .collect();
            (DetectionScores::new(&pairs), positive)
        });
        let two = detection.iter().flat_map(|_| TWO_CLASSES);
        Self {
            names: CLASSIFICATION
                .into_iter()
                .chain(two)
                .chain(PROBABILITIES)
                .collect(),
            cells: set
                .class_pairs()
                .map(|(truth, said, _)| truth * classes + said)
                .collect(),
            distances: Calibration::squared_distances(set),
            detection,
        }
    }

    /// In the order of the names; ECE is left out.
    fn figures(&self, weights: &[u32], drawn: &mut Confusion, values: &mut [Option<f64>]) {
        drawn.clear();
        let (mut distance, mut count) = (0.0, 0.0);
        for ((&weight, &cell), &one) in weights.iter().zip(&self.cells).zip(&self.distances) {
            if weight > 0 {
                drawn.add_cell(cell, u64::from(weight));
                distance += f64::from(weight) * one;
                count += f64::from(weight);
            }
        }
        let mut figures = vec![drawn.uar(), drawn.accuracy(), drawn.macro_f1()];
        if let Some((scores, positive)) = &self.detection {
            let detection = Detection::of(drawn, *positive);
            figures.extend([
                detection.sensitivity,
                detection.specificity,
                scores.equal_error_rate(weights),
            ]);
        }
        figures.push((count > 0.0).then(|| distance / count));
        for (value, figure) in values.iter_mut().zip(figures) {
            *value = figure;
        }
    }
}

fn regression(pairs: &[(f64, f64)], weights: &[u32], values: &mut [Option<f64>]) {
    let mut moments = Moments::around_means(pairs);
    for (&(truth, predicted), &weight) in pairs.iter().zip(weights) {
        for _ in 0..weight {
            moments.push(truth, predicted);
        }
    }
    let Agreement {
        ccc,
        pcc,
        mse,
        mae,
        r2,
    } = moments.agreement();
    values.copy_from_slice(&[ccc, pcc, mse, mae, r2]);
}
