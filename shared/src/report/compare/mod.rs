//! Whether experiments differ by more than their runs do.

mod distributions;
pub mod statistics;
#[cfg(test)]
mod tests;
mod text;

use super::{Manifest, metrics::percentile, plot};
use crate::{
    config::{Measure, Task},
    data::Part,
    protocol::Status,
    report::{
        NewFile, ReportError,
        files::{Spread, json, push_plot},
    },
};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statistics::{Outcome, kruskal_wallis, levene, mann_whitney, t_test};
pub use text::comparison_text;

/// From so many runs in each group on, means are compared instead of ranks.
const MANY: usize = 30;
/// Below this probability variances, or groups, count as different.
const LEVEL: f64 = 0.05;

/// What can't be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// Nothing to compare.
    #[error("{found} experiment{} with runs: comparing needs two or more", if *.found == 1 { "" } else { "s" })]
    Groups {
        /// Experiments.
        found: usize,
    },
    /// Classes and values have no measure in common.
    #[error(
        "`{first}` is a {first_task} and `{other}` is not: their figures have nothing in common"
    )]
    Tasks {
        /// One experiment.
        first: String,
        /// What it is.
        first_task: &'static str,
        /// The other experiment.
        other: String,
    },
    /// No part has the measure in all experiments.
    #[error(
        "no part has a value of {measure} in every experiment (`{name}` has none in common with the others); \
             measures are {known}"
    )]
    Measure {
        /// The measure.
        measure: String,
        /// The experiment that lacks it.
        name: String,
        /// What there is.
        known: String,
    },
}

/// The runs of one experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Runs {
    /// What it is called here.
    pub name: String,
    /// Its runs.
    pub manifests: Vec<Manifest>,
}

/// The figures of one experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Group {
    /// The experiment.
    pub name: String,
    /// Its figure in each run, in the order of the runs.
    pub values: Vec<f64>,
    /// Mean and spread.
    pub spread: Spread,
    /// The middle value.
    pub median: f64,
    /// Whether checkpoints were chosen on the part that is compared.
    pub optimistic: bool,
}

/// Two experiments against each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pair {
    /// The first one.
    pub a: String,
    /// The other one.
    pub b: String,
    /// Mean of the first less mean of the other.
    pub difference: f64,
    /// The test; `None` where there are too few runs, or where all values are equal.
    pub outcome: Option<Outcome>,
    /// Its probability corrected for the number of pairs (Holm 1979).
    pub p_corrected: Option<f64>,
    /// Of groups with many runs: whether their variances differ.
    pub variances: Option<Outcome>,
}

/// Experiments side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// Version of this form.
    pub schema: u32,
    /// The part whose figures are compared.
    pub part: Part,
    /// Name of the figure.
    pub measure: String,
    /// Whether larger values are better.
    pub larger_is_better: bool,
    /// One an experiment.
    pub groups: Vec<Group>,
    /// Of more than two experiments: whether they differ at all.
    pub overall: Option<Outcome>,
    /// Every two of them.
    pub pairs: Vec<Pair>,
    /// What a reader must know.
    pub notes: Vec<String>,
}

impl Comparison {
    /// Compares `experiments` by `measure`; without one by what their checkpoints were chosen by, on
    /// the test part, else on the dev part.
    ///
    /// Two groups are compared by Mann and Whitney's test, or, with thirty runs or more in each, by a
    /// t test, Welch's where Levene's test says that variances differ. More than two are put to
    /// Kruskal and Wallis's test first, then each pair is compared with Holm's correction.
    ///
    /// # Errors
    /// There are fewer than two experiments with figures in common.
    pub fn of(experiments: &[Runs], measure: Option<&str>) -> Result<Self, CompareError> {
        let experiments: Vec<&Runs> = experiments
            .iter()
            .filter(|runs| !runs.manifests.is_empty())
            .collect();
        let [first, others @ ..] = experiments.as_slice() else {
            return Err(CompareError::Groups { found: 0 });
        };
        if others.is_empty() {
            return Err(CompareError::Groups { found: 1 });
        }
        let task = first.manifests[0].task;
        if let Some(other) = others.iter().find(|runs| runs.manifests[0].task != task) {
            return Err(CompareError::Tasks {
                first: first.name.clone(),
                first_task: match task {
                    Task::Classification => "classification",
                    Task::Regression => "regression",
                },
                other: other.name.clone(),
            });
        }
        let measure = match measure {
            Some(measure) => measure.to_lowercase(),
            None => first.manifests[0].selection.measure.word().to_owned(),
        };
        let part = common_part(&experiments, &measure)?;
        let groups: Vec<Group> = experiments
            .iter()
            .map(|runs| runs.group(part, &measure))
            .collect();
        let values: Vec<&[f64]> = groups.iter().map(|group| group.values.as_slice()).collect();
        let overall = if groups.len() > 2 {
            kruskal_wallis(&values)
        } else {
            None
        };
        let mut pairs = Vec::new();
        for (index, a) in groups.iter().enumerate() {
            pairs.extend(groups[index + 1..].iter().map(|b| Pair::of(a, b)));
        }
        correct(&mut pairs);
        let notes = notes(&experiments, &groups, overall.as_ref());
        Ok(Self {
            schema: 1,
            part,
            larger_is_better: is_larger_better(&measure),
            measure,
            groups,
            overall,
            pairs,
            notes,
        })
    }

    /// A table, a box plot, and everything as JSON.
    ///
    /// # Errors
    /// The plot cannot be drawn.
    pub fn files(&self) -> Result<Vec<NewFile>, ReportError> {
        let mut files = vec![
            (
                "comparison.json".to_owned(),
                json("the comparison", self)?.into_bytes(),
            ),
            (
                "comparison.txt".to_owned(),
                comparison_text(self).into_bytes(),
            ),
        ];
        push_plot(
            &mut files,
            &format!("comparison_{}", self.measure),
            plot::comparison(self),
        )?;
        Ok(files)
    }
}

/// Errors and miscalibration are better where they are smaller.
fn is_larger_better(measure: &str) -> bool {
    match Measure::from_word(measure) {
        Some(measure) => measure.larger_is_better(),
        None => !matches!(measure, "eer" | "brier" | "ece"),
    }
}

/// The first of test and dev in which every experiment has the measure.
fn common_part(experiments: &[&Runs], measure: &str) -> Result<Part, CompareError> {
    let has = |runs: &Runs, part: Part| !runs.group(part, measure).values.is_empty();
    for part in [Part::Test, Part::Dev] {
        if experiments.iter().all(|runs| has(runs, part)) {
            return Ok(part);
        }
    }
    let lacking = experiments
        .iter()
        .find(|runs| !has(runs, Part::Test))
        .map_or_else(String::new, |runs| runs.name.clone());
    let mut known: IndexMap<&str, ()> = IndexMap::new();
    for manifest in experiments.iter().flat_map(|runs| &runs.manifests) {
        for summary in manifest.results.values() {
            known.extend(summary.metrics.keys().map(|name| (name.as_str(), ())));
        }
    }
    let known: Vec<&str> = known.into_keys().collect();
    Err(CompareError::Measure {
        measure: measure.to_uppercase(),
        name: lacking,
        known: known.join(", "),
    })
}

impl Runs {
    fn group(&self, part: Part, measure: &str) -> Group {
        let values: Vec<f64> = self
            .manifests
            .iter()
            .filter_map(|manifest| manifest.results.get(&part)?.value(measure))
            .filter(|value| value.is_finite())
            .collect();
        Group {
            name: self.name.clone(),
            spread: Spread::of(values.iter().copied().map(Some)),
            median: median(&values),
            optimistic: self
                .manifests
                .iter()
                .any(|manifest| manifest.selection.selected_on == Some(part)),
            values,
        }
    }
}

/// The middle value; NaN of none.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    percentile(&sorted, 0.5).unwrap_or(f64::NAN)
}

impl Pair {
    fn of(a: &Group, b: &Group) -> Self {
        let many = a.values.len().min(b.values.len()) >= MANY;
        let variances = if many {
            levene(&[&a.values, &b.values])
        } else {
            None
        };
        let outcome = if many {
            let equal = variances.is_none_or(|outcome| outcome.p >= LEVEL);
            t_test(&a.values, &b.values, equal)
        } else {
            mann_whitney(&a.values, &b.values)
        };
        let mean = |group: &Group| group.spread.mean.unwrap_or(f64::NAN);
        Self {
            a: a.name.clone(),
            b: b.name.clone(),
            difference: mean(a) - mean(b),
            outcome,
            p_corrected: None,
            variances,
        }
    }
}

/// Holm's correction: the smallest p times the number of tests, the next one times one less, and
/// none smaller than the one before it.
fn correct(pairs: &mut [Pair]) {
    let mut order: Vec<(usize, f64)> = pairs
        .iter()
        .enumerate()
        .filter_map(|(index, pair)| Some((index, pair.outcome?.p)))
        .collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let count = order.len();
    let mut least = 0.0_f64;
    for (place, (index, p)) in order.into_iter().enumerate() {
        least = least.max((p * (count - place) as f64).min(1.0));
        pairs[index].p_corrected = Some(least);
    }
}

/// Words for a probability, as Nkululeko's.
#[must_use]
pub fn verdict(p: f64) -> &'static str {
    match p {
        p if p < 0.001 => "highly significant",
        p if p < 0.05 => "significant",
        p if p < 0.1 => "marginally significant",
        _ => "not significant",
    }
}

fn notes(experiments: &[&Runs], groups: &[Group], overall: Option<&Outcome>) -> Vec<String> {
    let mut notes = Vec::new();
    for (runs, group) in experiments.iter().zip(groups) {
        let name = &group.name;
        let lost = runs.manifests.len() - group.values.len();
        if lost > 0 {
            notes.push(format!(
                "{name}: {lost} of {} runs have no such figure",
                runs.manifests.len()
            ));
        }
        let unfinished = runs
            .manifests
            .iter()
            .filter(|run| run.status != Status::Finished)
            .count();
        if unfinished > 0 {
            notes.push(format!("{name}: {unfinished} runs did not finish"));
        }
        if group.values.len() < 3 {
            notes.push(format!(
                "{name}: {} run{}; a test needs more of them to see anything ([EXP] runs = 5 or more)",
                group.values.len(),
                if group.values.len() == 1 { "" } else { "s" }
            ));
        }
        if group.optimistic {
            notes.push(format!(
                "{name}: checkpoints were chosen on this same part, so its figures are optimistic"
            ));
        }
    }
    let splits: IndexMap<&str, ()> = experiments
        .iter()
        .flat_map(|runs| &runs.manifests)
        .filter_map(|run| Some((run.split_hash.as_deref()?, ())))
        .collect();
    if splits.len() > 1 {
        notes.push(
            "the runs do not all have the same split: they were tested on different utterances"
                .to_owned(),
        );
    }
    if overall.is_some_and(|outcome| outcome.p >= LEVEL) {
        notes.push(
            "the groups together do not differ significantly, so the pairs say little".to_owned(),
        );
    }
    notes
}
