//! What the folds of a cross validation say, each for itself.

use super::{Manifest, Spread};
use crate::data::Part;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// Which fold of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoldNumber {
    /// Number of the fold, from 0.
    pub fold: u32,
    /// How many folds there are.
    pub folds: u32,
}

/// The training of one fold in one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoldLine {
    /// Number of the fold, from 0.
    pub fold: u32,
    /// Its folder, below the experiment's.
    pub folder: String,
    /// Speakers that are tested on, or the database; empty where neither is known.
    pub tested_on: Vec<String>,
    /// Utterances that are tested on.
    pub utterances: usize,
    /// SHA-256 (hex) of which utterance stands in which part of it.
    pub split_hash: Option<String>,
    /// Step of the checkpoint that was kept.
    pub best_step: Option<usize>,
    /// Its epoch, with a fraction.
    pub best_epoch: Option<f64>,
    /// Whether patience ran out before all epochs were trained.
    pub stopped_early: bool,
    /// Wall time in seconds.
    pub seconds: f64,
    /// Figures of the test part by name.
    pub metrics: IndexMap<String, Option<f64>>,
}

impl FoldLine {
    /// What `manifest` says of fold `fold`.
    #[must_use]
    pub fn new(fold: u32, folder: String, tested_on: Vec<String>, manifest: &Manifest) -> Self {
        let summary = manifest.results.get(&Part::Test);
        let training = &manifest.training;
        Self {
            fold,
            folder,
            tested_on,
            utterances: summary.map_or(0, |summary| summary.n),
            split_hash: manifest.split_hash.clone(),
            best_step: training.best_step,
            best_epoch: training.best_epoch,
            stopped_early: training.stopped_early,
            seconds: training.seconds,
            metrics: summary
                .iter()
                .flat_map(|summary| &summary.metrics)
                .map(|(name, figure)| (name.clone(), figure.value))
                .collect(),
        }
    }
}

/// How figures of the folds spread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoldsSummary {
    /// Each fold with the spread of its figures over the runs.
    pub folds: Vec<FoldSpread>,
    /// Spread over the folds of their means over the runs.
    pub over_folds: IndexMap<String, Spread>,
    /// Spread over all folds of all runs.
    pub over_all: IndexMap<String, Spread>,
}

/// A fold in all runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoldSpread {
    /// Number of the fold, from 0.
    pub fold: u32,
    /// Speakers that are tested on, or the database.
    pub tested_on: Vec<String>,
    /// Utterances that are tested on.
    pub utterances: usize,
    /// Figures over the runs.
    pub spread: IndexMap<String, Spread>,
}

impl FoldsSummary {
    /// The folds of `runs`; `None` where there are none.
    #[must_use]
    pub fn of(runs: &[Manifest]) -> Option<Self> {
        let lines: Vec<&FoldLine> = runs.iter().flat_map(|run| &run.folds).collect();
        let first = runs.iter().find(|run| !run.folds.is_empty())?;
        let mut names: Vec<&String> = Vec::new();
        for name in lines.iter().flat_map(|line| line.metrics.keys()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let over = |lines: &[&FoldLine]| -> IndexMap<String, Spread> {
            let spread = |name: &str| {
                Spread::of(
                    lines
                        .iter()
                        .map(|line| line.metrics.get(name).copied().flatten()),
                )
            };
            let spreads = names.iter().map(|name| ((*name).clone(), spread(name)));
            spreads.collect()
        };
        let folds: Vec<FoldSpread> = first
            .folds
            .iter()
            .map(|line| {
                let own: Vec<&FoldLine> = lines
                    .iter()
                    .filter(|other| other.fold == line.fold)
                    .copied()
                    .collect();
                FoldSpread {
                    fold: line.fold,
                    tested_on: line.tested_on.clone(),
                    utterances: line.utterances,
                    spread: over(&own),
                }
            })
            .collect();
        let over_folds = names
            .iter()
            .map(|name| {
                let mean = |fold: &FoldSpread| fold.spread.get(*name)?.mean;
                ((*name).clone(), Spread::of(folds.iter().map(mean)))
            })
            .collect();
        Some(Self {
            over_folds,
            over_all: over(&lines),
            folds,
        })
    }
}
