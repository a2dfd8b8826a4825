//! From tables to a data set.

mod cross;
mod finish;
mod folds;
mod tests;

pub use folds::load_folds;
pub use tests::{KnownTarget, load_test, load_unlabelled};

use super::{
    DataError, DataReport, DatabaseReport, Dataset, Part, Parts, audformat,
    draw::Draw,
    drops::Drops,
    filter,
    probe::Probes,
    row::Row,
    split,
    survey::Survey,
    table::{self, Source},
    target::{self, Kind},
};
use crate::{
    config::{DatabaseConfig, DatabaseKind, Experiment, FilteredParts, SelectOn},
    files::Files,
};
use std::collections::BTreeSet;

/// Loads the data of an experiment: reads the tables, looks into every file once, filters, splits,
/// and encodes the labels.
///
/// `progress` is called with the number of files that were looked into, and of all.
///
/// The steps are those of Nkululeko, in its order but for one: `mapping` and `labels` come before
/// the split, so that no part is made of rows that go away afterwards.
///
/// # Errors
/// A table cannot be used, or nothing is left for a part. A row or file that cannot be used is no
/// error but stands in the report.
pub fn load(
    experiment: &Experiment,
    files: &dyn Files,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Dataset, DataError> {
    load_data(experiment, files, false, progress)
}

/// As [`load`], and decodes every stretch once before the split: rows that cannot be decoded to
/// their end are dropped, and clipped and silent recordings stand in the report.
///
/// `progress` counts the files that were looked into, then, from 0 again, the stretches that were
/// decoded.
///
/// # Errors
/// As [`load`].
pub fn load_surveyed(
    experiment: &Experiment,
    files: &dyn Files,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Dataset, DataError> {
    load_data(experiment, files, true, progress)
}

/// All that an experiment learns from: one set, or one a fold of a cross validation. Every recording is
/// decoded once, as by [`load_surveyed`].
///
/// # Errors
/// As [`load`].
pub fn load_all(
    experiment: &Experiment,
    files: &dyn Files,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Vec<Dataset>, DataError> {
    match experiment.folds {
        Some(folds) => load_folds(experiment, folds, files, true, progress),
        None => Ok(vec![load_surveyed(experiment, files, progress)?]),
    }
}

/// A file that a table names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Name of the database.
    pub database: String,
    /// Line of the table; of an audformat database, the row.
    pub line: u64,
    /// The file as it would be opened.
    pub file: String,
}

/// The files that the tables of an experiment name, row by row, before any is looked for. Rows that
/// go away for what stands in them (labels, filters) are not among them.
///
/// # Errors
/// A table cannot be used.
pub fn named(experiment: &Experiment, files: &dyn Files) -> Result<Vec<Named>, DataError> {
    let mut loading = Loading::new(experiment);
    let mut named = Vec::new();
    for (index, database) in experiment.data.databases.iter().enumerate() {
        let rows = loading.read(index, database, files)?;
        named.extend(rows.into_iter().map(|row| Named {
            database: database.name.clone(),
            line: row.line,
            file: row.file,
        }));
    }
    Ok(named)
}

fn load_data(
    experiment: &Experiment,
    files: &dyn Files,
    survey: bool,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Dataset, DataError> {
    let (mut loading, tables, probes) = gather(experiment, files, survey, progress)?;
    let databases = &experiment.data.databases;
    let mut parts: Parts<Vec<Row>> = Parts::default();
    for (index, (database, rows)) in databases.iter().zip(tables).enumerate() {
        let mut split = loading.split(index, database, rows)?;
        for part in Part::ALL {
            parts.get_mut(part).append(split.get_mut(part));
        }
    }
    loading.told = loading.report.warnings.len();
    loading.filter(&mut parts);
    loading.carve(&mut parts)?;
    loading.finish(parts, &probes)
}

/// Reads all tables and looks into every file: everything before the split.
fn gather<'a>(
    experiment: &'a Experiment,
    files: &dyn Files,
    survey: bool,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<(Loading<'a>, Vec<Vec<Row>>, Probes), DataError> {
    let data = &experiment.data;
    let mut loading = Loading::new(experiment);
    let mut tables = Vec::new();
    for (index, database) in data.databases.iter().enumerate() {
        tables.push(loading.read(index, database, files)?);
    }
    let paths: BTreeSet<&String> = tables.iter().flatten().map(|row| &row.file).collect();
    let probes = Probes::take(files, paths.into_iter().cloned().collect(), progress);
    for (database, rows) in data.databases.iter().zip(&mut tables) {
        loading.measure(database, rows, &probes);
    }
    let listens: Vec<bool> = data
        .databases
        .iter()
        .map(|database| data.check_vad || database.check_vad)
        .collect();
    if survey || listens.contains(&true) {
        loading.survey = Some(Survey::take(
            files,
            &mut tables,
            &|row| listens.get(row.database).is_some_and(|listen| *listen),
            &mut loading.drops,
            progress,
        ));
    }
    Ok((loading, tables, probes))
}

/// What the steps share.
#[derive(Clone)]
struct Loading<'a> {
    experiment: &'a Experiment,
    kind: Kind,
    drops: Drops,
    report: DataReport,
    /// What would help if files are not found.
    advice: Vec<String>,
    /// What decoding all of it showed.
    survey: Option<Survey>,
    /// How many warnings there were after the split; they may explain an empty part.
    told: usize,
    /// The classes of all folds; `None` takes those of the train part.
    classes: Option<Vec<String>>,
}

impl<'a> Loading<'a> {
    fn new(experiment: &'a Experiment) -> Self {
        let databases = experiment.data.databases.iter();
        Self {
            experiment,
            kind: Kind::of(experiment),
            drops: Drops::new(databases.map(|database| database.name.clone()).collect()),
            report: DataReport::default(),
            advice: Vec::new(),
            survey: None,
            told: 0,
            classes: None,
        }
    }
}

impl Loading<'_> {
    /// Reads a database's table and does what needs no audio.
    fn read(
        &mut self,
        index: usize,
        database: &DatabaseConfig,
        files: &dyn Files,
    ) -> Result<Vec<Row>, DataError> {
        let draw = self.draw(index);
        let Self {
            experiment,
            kind,
            drops,
            report,
            advice,
            ..
        } = self;
        let table = match database.kind {
            DatabaseKind::Csv => {
                let source = Source::new(index, database, experiment.data.target.as_deref());
                table::read(files, &source, drops)?
            }
            DatabaseKind::Audformat => {
                let source = audformat::Source::new(index, database, experiment);
                audformat::read(files, &source, drops)?
            }
        };
        report.rows += table.count;
        report.warnings.extend(table.warnings);
        report.databases.push(DatabaseReport {
            name: database.name.clone(),
            path: database.path.clone(),
            rows: table.count,
            used: Parts::default(),
            dropped: 0,
        });
        let mut rows = table.rows;
        advice.extend(
            rows.first()
                .and_then(|row| other_place(files, database, row)),
        );
        if let Some(column) = &database.required {
            filter::required(&mut rows, column, drops);
        }
        filter::by_content(&mut rows, &database.filters, None, draw, drops);
        target::prepare(
            &mut rows,
            *kind,
            &experiment.data,
            database,
            drops,
            &mut report.warnings,
        );
        Ok(rows)
    }

    /// Measures the rows of a database.
    fn measure(&mut self, database: &DatabaseConfig, rows: &mut Vec<Row>, probes: &Probes) {
        let Self {
            experiment,
            drops,
            report,
            ..
        } = self;
        let least = [database.check_size, experiment.data.check_size]
            .into_iter()
            .flatten()
            .max()
            .unwrap_or(0);
        probes.measure(rows, least, &database.name, drops, &mut report.warnings);
        filter::by_length(rows, &database.filters, None, drops);
    }

    /// Splits the rows of a database.
    fn split(
        &mut self,
        index: usize,
        database: &DatabaseConfig,
        mut rows: Vec<Row>,
    ) -> Result<Parts<Vec<Row>>, DataError> {
        let draw = self.draw(index);
        let Self {
            experiment,
            drops,
            report,
            ..
        } = self;
        if database.rename_speakers {
            for speaker in rows.iter_mut().filter_map(|row| row.speaker.as_mut()) {
                speaker.insert_str(0, &database.name);
            }
        }
        split::split(
            rows,
            database,
            experiment.traindevtest,
            draw,
            drops,
            &mut report.warnings,
        )
    }

    /// The filters of all data, on each part.
    fn filter(&mut self, parts: &mut Parts<Vec<Row>>) {
        let data = &self.experiment.data;
        let filters = &data.filters;
        let is_filtered = |part: &Part| match data.filtered {
            FilteredParts::All => true,
            FilteredParts::Train => *part == Part::Train,
            FilteredParts::Test => *part == Part::Test,
        };
        for part in Part::ALL.into_iter().filter(is_filtered) {
            let draw = Draw::part(self.experiment.tuning.seed, part);
            filter::by_content(
                parts.get_mut(part),
                filters,
                Some(part),
                draw,
                &mut self.drops,
            );
            filter::by_length(parts.get_mut(part), filters, Some(part), &mut self.drops);
        }
    }

    /// Makes a dev part where one is needed and there is none.
    fn carve(&mut self, parts: &mut Parts<Vec<Row>>) -> Result<(), DataError> {
        let tuning = &self.experiment.tuning;
        if !parts.dev.is_empty() || tuning.select_on == SelectOn::Test || parts.train.is_empty() {
            return Ok(());
        }
        if tuning.dev_from_train <= 0.0 {
            return Err(DataError::EmptyPart {
                part: Part::Dev,
                reason: "the best checkpoint is chosen there (select_on = dev); set dev_from_train to a percentage of the \
                         train speakers, or name dev data"
                    .into(),
            });
        }
        split::carve_dev(
            parts,
            tuning.dev_from_train,
            tuning.seed,
            &mut self.report.warnings,
        )
    }

    fn draw(&self, database: usize) -> Draw {
        Draw::database(self.experiment.tuning.seed, database)
    }
}

/// Says so if a row's file is not where the configuration says, but would be with the other
/// `absolute_path`.
fn other_place(files: &dyn Files, database: &DatabaseConfig, row: &Row) -> Option<String> {
    if database.kind != DatabaseKind::Csv {
        return None;
    }
    let (beside, other) = if database.absolute_path {
        (table::folder(&database.path), "False")
    } else {
        ("", "True")
    };
    let place = table::join(&[beside, &database.audio_path, &row.name]);
    (!files.exists(&row.file) && files.exists(&place)).then(|| {
        let (name, file) = (&database.name, &row.file);
        format!("{file} is not there, but {place} is: set {name}.absolute_path = {other}")
    })
}
