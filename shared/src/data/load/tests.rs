//! Data for a model that has been trained: databases to test it on, or to be labelled by it.

use super::{Loading, gather};
use crate::{
    config::{DatabaseConfig, Experiment, SplitStrategy},
    data::{
        Bins, DataError, Dataset, Part, Parts, TargetTransform,
        probe::Probes,
        row::Row,
        target::{self, Kind},
    },
    files::Files,
};

/// What a trained model knows of its target.
#[derive(Debug, Clone, Copy)]
pub struct KnownTarget<'a> {
    /// Class names in the order of its outputs; empty for a regression.
    pub labels: &'a [String],
    /// How its targets were made from the table.
    pub transform: &'a TargetTransform,
    /// Where the classes of a continuous target begin and end.
    pub bins: Option<&'a Bins>,
}

/// The test part of `database`, which the model of `experiment` was not trained on. Rows of classes that
/// the model does not know are dropped.
///
/// # Errors
/// As [`super::load`].
pub fn load_test(
    experiment: &Experiment,
    database: &DatabaseConfig,
    known: KnownTarget<'_>,
    files: &dyn Files,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Dataset, DataError> {
    let mut database = database.clone();
    database.as_test = true;
    read(experiment, database, known, files, progress)
}

/// All rows of `database`, which need not have a label, to be labelled.
///
/// # Errors
/// As [`super::load`].
pub fn load_unlabelled(
    experiment: &Experiment,
    database: &DatabaseConfig,
    known: KnownTarget<'_>,
    files: &dyn Files,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Dataset, DataError> {
    let database = DatabaseConfig {
        split: SplitStrategy::Test,
        as_test: false,
        as_train: false,
        mapping: None,
        label: None,
        ..database.clone()
    };
    let mut experiment = experiment.clone();
    experiment.data.target = None;
    experiment.data.labels = None;
    read(&experiment, database, known, files, progress)
}

fn read(
    experiment: &Experiment,
    database: DatabaseConfig,
    known: KnownTarget<'_>,
    files: &dyn Files,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Dataset, DataError> {
    let mut experiment = experiment.clone();
    experiment.data.databases = vec![database];
    let (mut loading, tables, probes) = gather(&experiment, files, true, progress)?;
    let mut parts: Parts<Vec<Row>> = Parts::default();
    for (index, (database, rows)) in experiment.data.databases.iter().zip(tables).enumerate() {
        parts
            .test
            .append(&mut loading.split(index, database, rows)?.test);
    }
    loading.told = loading.report.warnings.len();
    loading.filter(&mut parts);
    loading.finish_known(parts, known, &probes)
}

impl Loading<'_> {
    /// Encodes the target as the model does.
    fn finish_known(
        mut self,
        mut parts: Parts<Vec<Row>>,
        known: KnownTarget<'_>,
        probes: &Probes,
    ) -> Result<Dataset, DataError> {
        self.require(&parts, &[Part::Test])?;
        let mut transform = known.transform.clone();
        match self.kind {
            Kind::Unlabelled => {}
            Kind::Numbers => {
                parts = parts.map(super::finish::unlabel);
                let database = &self.experiment.data.databases[0];
                transform.include(database, &parts.test);
            }
            Kind::Binned => {
                if let Some(bins) = known.bins {
                    bins.apply(&mut parts, &mut self.drops);
                }
            }
            Kind::Texts => {}
        }
        if matches!(self.kind, Kind::Texts | Kind::Binned) {
            let warnings = &mut self.report.warnings;
            target::drop_unseen(&mut parts, known.labels, &mut self.drops, warnings);
        }
        self.require(&parts, &[Part::Test])?;
        let bins = known.bins.cloned();
        Ok(self.assemble(parts, known.labels.to_vec(), transform, bins, probes))
    }
}
