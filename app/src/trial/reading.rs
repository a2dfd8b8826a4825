//! Predictions as the place shows them: one now, many over time.

use crate::charts::Series;
use shared::protocol::Predicted;
use std::{collections::BTreeMap, sync::Arc};

/// What a model said of a stretch.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    /// Seconds from the beginning of the sound.
    pub(super) start: f64,
    /// Its end; that of a whole recording is not said.
    pub(super) end: Option<f64>,
    /// The class, or the value as text.
    pub(super) predicted: String,
    /// Probability of each class, or the value.
    pub(super) scores: Vec<(String, f64)>,
}

impl From<Predicted> for Reading {
    fn from(said: Predicted) -> Self {
        let scores = said.scores.into_iter();
        Self {
            start: said.start,
            end: said.end,
            predicted: said.predicted,
            scores: scores
                .filter_map(|(name, score)| Some((name, score?)))
                .collect(),
        }
    }
}

impl Reading {
    /// The probability of a class.
    pub(super) fn score(&self, name: &str) -> Option<f64> {
        let found = self.scores.iter().find(|(own, _)| own == name);
        found.map(|(_, score)| *score)
    }

    /// The middle of the stretch in seconds.
    fn middle(&self) -> f64 {
        self.start.midpoint(self.end.unwrap_or(self.start))
    }
}

/// A line for each class over the time.
pub(super) fn lines(readings: &[Reading]) -> Vec<Series> {
    let mut points: BTreeMap<usize, (String, Vec<(f64, f64)>)> = BTreeMap::new();
    for reading in readings {
        for (at, (name, score)) in reading.scores.iter().enumerate() {
            let line = points
                .entry(at)
                .or_insert_with(|| (name.clone(), Vec::new()));
            line.1.push((reading.middle(), *score));
        }
    }
    let line = |(at, (name, points)): (usize, (String, Vec<(f64, f64)>))| Series {
        name,
        colour: 1 + at % 6,
        dashed: at >= 6,
        dots: points.len() < 60,
        points: Arc::new(points),
    };
    points.into_iter().map(line).collect()
}

/// A stretch over which one class leads.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Passage {
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) class: String,
    /// Mean probability of the class.
    pub(super) sure: f64,
}

/// Neighbours of which the same was said, together.
pub(super) fn passages(readings: &[Reading]) -> Vec<Passage> {
    let mut all: Vec<(Passage, u32)> = Vec::new();
    for reading in readings {
        let (Some(end), Some(sure)) = (reading.end, reading.score(&reading.predicted)) else {
            continue;
        };
        match all.last_mut() {
            Some((last, n)) if last.class == reading.predicted => {
                last.end = end;
                last.sure += (sure - last.sure) / f64::from(*n + 1);
                *n += 1;
            }
            last => {
                // Windows overlap: the boundary lies in the middle of what both heard.
                let start = last.map_or(reading.start, |(last, _)| {
                    let boundary = last.end.midpoint(reading.start).max(reading.start);
                    last.end = boundary;
                    boundary
                });
                let class = reading.predicted.clone();
                all.push((
                    Passage {
                        start,
                        end,
                        class,
                        sure,
                    },
                    1,
                ));
            }
        }
    }
    all.into_iter().map(|(passage, _)| passage).collect()
}
