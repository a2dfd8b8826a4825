//! Training on each database and testing on each: a data set a training, of rows that are read once.

use super::Loading;
use crate::{
    config::{CrossDatabases, CrossTraining, Folds},
    data::{DataError, Dataset, Part, Parts, probe::Probes, row::Row},
};

/// The data sets of all trainings, in their order. `tables` are the rows of each database of the experiment.
///
/// # Errors
/// As [`super::load`]; the message says which training it is about.
pub(super) fn trainings(
    loading: &Loading<'_>,
    tables: &[Vec<Row>],
    cross: &CrossDatabases,
    probes: &Probes,
) -> Result<Vec<Dataset>, DataError> {
    let one = |training| {
        dataset(loading.clone(), tables, cross, training, probes).map_err(|error| {
            let database = training.database;
            let reason = format!("training on {database}: {error}");
            let key = Folds::Databases.key();
            DataError::Folds { key, reason }
        })
    };
    cross.trainings().into_iter().map(one).collect()
}

fn dataset(
    mut loading: Loading<'_>,
    tables: &[Vec<Row>],
    cross: &CrossDatabases,
    training: CrossTraining<'_>,
    probes: &Probes,
) -> Result<Dataset, DataError> {
    let mut parts: Parts<Vec<Row>> = Parts::default();
    let mut used = Vec::new();
    let databases = loading.experiment.data.databases.iter();
    for (index, (database, rows)) in databases.zip(tables).enumerate() {
        let Some(database) = cross.share(training, database) else {
            continue;
        };
        used.push(database.name.clone());
        let mut split = loading.split(index, &database, rows.clone())?;
        for part in Part::ALL {
            parts.get_mut(part).append(split.get_mut(part));
        }
    }
    loading.told = loading.report.warnings.len();
    loading.filter(&mut parts);
    loading.carve(&mut parts)?;
    let mut dataset = loading.finish(parts, probes)?;
    let report = &mut dataset.report;
    report.databases.retain(|one| used.contains(&one.name));
    report.dropped.retain(|one| used.contains(&one.database));
    report.rows = report.databases.iter().map(|one| one.rows).sum();
    Ok(dataset)
}
