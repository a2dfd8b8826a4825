//! Cross validation: a data set a fold, of rows that are read once.

use super::{cross, gather};
use crate::{
    config::{DatabaseConfig, Experiment, Folds, SplitStrategy},
    data::{DataError, Dataset, Parts, row::Row, split, target::Kind},
    files::Files,
};
use std::collections::BTreeSet;

/// As [`super::load_surveyed`] (or as [`super::load`] where `survey` is false) for an experiment with
/// folds: one data set a fold, in which the fold is the test part, and dev is cut from the rest.
///
/// With `lodo` a database whose split is `dev` is the dev part of each fold, and with
/// [`Experiment::cross`] there is a data set a training.
///
/// What the strategies of the databases draw is passed over; what they list (speakers, tables, values
/// of a column) says which rows there are. All folds have the same classes.
///
/// # Errors
/// As [`super::load`]; and there are fewer speakers than folds.
pub fn load_folds(
    experiment: &Experiment,
    folds: Folds,
    files: &dyn Files,
    survey: bool,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Vec<Dataset>, DataError> {
    let (mut loading, tables, probes) = gather(experiment, files, survey, progress)?;
    if let Some(cross) = &experiment.cross {
        return cross::trainings(&loading, &tables, cross, &probes);
    }
    let mut rows = Vec::new();
    // With `lodo` a database may be the dev part of each fold.
    let mut dev = Vec::new();
    for (index, (database, table)) in experiment.data.databases.iter().zip(tables).enumerate() {
        let parts = loading.split(index, &undrawn(database), table)?;
        if folds == Folds::Lodo && database.split == SplitStrategy::Dev {
            dev.extend(parts.dev);
            continue;
        }
        rows.extend(parts.train);
        rows.extend(parts.dev);
        rows.extend(parts.test);
    }
    let places = split::folds(
        &mut rows,
        folds,
        experiment.tuning.seed,
        &mut loading.drops,
        &mut loading.report.warnings,
    )?;
    loading.told = loading.report.warnings.len();
    let count = places.iter().max().map_or(0, |last| last + 1);
    let mut begun = Vec::new();
    for fold in 0..count {
        let mut loading = loading.clone();
        let mut parts: Parts<Vec<Row>> = Parts::default();
        parts.dev.clone_from(&dev);
        for (row, place) in rows.iter().zip(&places) {
            let part = if *place == fold {
                &mut parts.test
            } else {
                &mut parts.train
            };
            part.push(row.clone());
        }
        loading.filter(&mut parts);
        loading.carve(&mut parts)?;
        begun.push((loading, parts));
    }
    if loading.kind == Kind::Texts {
        let labels = begun.iter().flat_map(|(_, parts)| parts.iter());
        let labels = labels.flat_map(|(_, rows)| rows.iter().filter_map(|row| row.label.clone()));
        let classes: Vec<String> = labels.collect::<BTreeSet<_>>().into_iter().collect();
        for (loading, _) in &mut begun {
            loading.classes = Some(classes.clone());
        }
    }
    begun
        .into_iter()
        .map(|(loading, parts)| loading.finish(parts, &probes))
        .collect()
}

/// The database with all of the rows that its split would take.
fn undrawn(database: &DatabaseConfig) -> DatabaseConfig {
    let split = match &database.split {
        SplitStrategy::SpeakerSplit { .. }
        | SplitStrategy::Random { .. }
        | SplitStrategy::Balanced(_) => SplitStrategy::Train,
        listed => listed.clone(),
    };
    DatabaseConfig {
        split,
        as_test: false,
        as_train: false,
        ..database.clone()
    }
}
