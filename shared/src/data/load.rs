//! From tables to a data set.

use super::{
    Bins, DataError, DataReport, DatabaseReport, Dataset, Label, Part, Parts, TargetTransform,
    Utterance,
    draw::Draw,
    drops::Drops,
    filter,
    hash::split_hash,
    probe::Probes,
    row::Row,
    split,
    table::{self, Source},
    target::{self, Kind},
};
use crate::{
    config::{DatabaseConfig, DatabaseKind, Experiment, SelectOn},
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
    let data = &experiment.data;
    let names = data
        .databases
        .iter()
        .map(|database| database.name.clone())
        .collect();
    let mut loading = Loading {
        experiment,
        kind: Kind::of(experiment),
        drops: Drops::new(names),
        report: DataReport::default(),
        advice: Vec::new(),
    };
    let mut tables = Vec::new();
    for (index, database) in data.databases.iter().enumerate() {
        tables.push(loading.read(index, database, files)?);
    }
    let paths: BTreeSet<&String> = tables.iter().flatten().map(|row| &row.file).collect();
    let probes = Probes::take(files, paths.into_iter().cloned().collect(), progress);
    let mut parts: Parts<Vec<Row>> = Parts::default();
    for (index, (database, rows)) in data.databases.iter().zip(tables).enumerate() {
        let mut split = loading.split(index, database, rows, &probes)?;
        for part in Part::ALL {
            parts.get_mut(part).append(split.get_mut(part));
        }
    }
    loading.filter(&mut parts);
    loading.carve(&mut parts)?;
    loading.finish(parts, &probes)
}

/// What the steps share.
struct Loading<'a> {
    experiment: &'a Experiment,
    kind: Kind,
    drops: Drops,
    report: DataReport,
    /// What would help if files are not found.
    advice: Vec<String>,
}

impl Loading<'_> {
    /// Reads a database's table and does what needs no audio.
    fn read(
        &mut self,
        index: usize,
        database: &DatabaseConfig,
        files: &dyn Files,
    ) -> Result<Vec<Row>, DataError> {
        if database.kind == DatabaseKind::Audformat {
            return Err(DataError::Unsupported {
                database: database.name.clone(),
                what: "type = audformat".into(),
                instead:
                    "export its table as CSV (file, start, end, speaker, label) and set type = csv"
                        .into(),
            });
        }
        let draw = self.draw(index);
        let Self {
            experiment,
            kind,
            drops,
            report,
            advice,
        } = self;
        let source = Source::new(index, database, experiment.data.target.as_deref());
        let table = table::read(files, &source, drops)?;
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

    /// Measures the rows of a database and splits them.
    fn split(
        &mut self,
        index: usize,
        database: &DatabaseConfig,
        mut rows: Vec<Row>,
        probes: &Probes,
    ) -> Result<Parts<Vec<Row>>, DataError> {
        let draw = self.draw(index);
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
        probes.measure(
            &mut rows,
            least,
            &database.name,
            drops,
            &mut report.warnings,
        );
        filter::by_length(&mut rows, &database.filters, None, drops);
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
        let filters = &self.experiment.data.filters;
        for part in Part::ALL {
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

    /// Encodes the target and describes what came out.
    fn finish(mut self, mut parts: Parts<Vec<Row>>, probes: &Probes) -> Result<Dataset, DataError> {
        let (data, kind) = (&self.experiment.data, self.kind);
        self.require(&parts)?;
        let bins = match kind {
            Kind::Binned => Some(Bins::fit(data, &parts.train)?),
            _ => None,
        };
        if let Some(bins) = &bins {
            bins.apply(&mut parts, &mut self.drops);
        }
        let mut labels = Vec::new();
        let mut transform = TargetTransform::default();
        match kind {
            Kind::Unlabelled => {}
            Kind::Numbers => {
                parts = parts.map(unlabel);
                transform = TargetTransform::fit(data, &parts, &mut self.report.warnings);
            }
            Kind::Texts | Kind::Binned => {
                labels = target::classes(&parts.train)?;
                target::drop_unseen(
                    &mut parts,
                    &labels,
                    &mut self.drops,
                    &mut self.report.warnings,
                );
                self.name_absent(&labels);
            }
        }
        self.require(&parts)?;
        let Self {
            drops,
            mut report,
            advice,
            ..
        } = self;
        report.warnings.extend(advice);
        for (index, database) in report.databases.iter_mut().enumerate() {
            database.dropped = drops.count(index);
        }
        report.dropped = drops.into_dropped();
        report.describe(&parts, data, probes);
        let split_hash = split_hash(&parts);
        let seconds = parts
            .clone()
            .map(|rows| rows.iter().map(|row| row.seconds).collect());
        let utterances = parts.map(|rows| {
            let name = |row: &Row| data.databases[row.database].name.clone();
            rows.into_iter()
                .map(|row| utterance(name(&row), row, &labels, &transform))
                .collect()
        });
        let Parts { train, dev, test } = utterances;
        Ok(Dataset {
            train,
            dev,
            test,
            seconds,
            labels,
            transform,
            bins,
            report,
            split_hash,
        })
    }

    /// Fails where nothing is left for train or test.
    fn require(&self, parts: &Parts<Vec<Row>>) -> Result<(), DataError> {
        let needs_dev = self.experiment.tuning.select_on == SelectOn::Dev;
        for part in Part::ALL {
            if !parts.get(part).is_empty() || part == Part::Dev && !needs_dev {
                continue;
            }
            let summary = self.drops.summary();
            let reason = if summary.is_empty() {
                format!(
                    "no database gives rows to it; see split_strategy, or name one with split_strategy = {}",
                    part.word()
                )
            } else {
                format!("of {} rows these were dropped: {summary}", self.report.rows)
            };
            let advice = self.advice.iter().map(|advice| format!("; {advice}"));
            let reason = reason + &advice.collect::<String>();
            return Err(DataError::EmptyPart { part, reason });
        }
        Ok(())
    }

    /// Warns of classes that `labels` names and the train part has not.
    fn name_absent(&mut self, classes: &[String]) {
        let wanted = self.experiment.data.labels.iter().flatten();
        let absent: Vec<&str> = wanted
            .filter(|label| !classes.contains(label))
            .map(String::as_str)
            .collect();
        if !absent.is_empty() {
            self.report.warnings.push(format!(
                "the train part has no rows of: {}",
                absent.join(", ")
            ));
        }
    }

    fn draw(&self, database: usize) -> Draw {
        Draw::database(self.experiment.tuning.seed, database)
    }
}

/// Says so if a row's file is not where the configuration says, but would be with the other
/// `absolute_path`.
fn other_place(files: &dyn Files, database: &DatabaseConfig, row: &Row) -> Option<String> {
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

/// A regression's rows have a value and no class.
fn unlabel(mut rows: Vec<Row>) -> Vec<Row> {
    rows.iter_mut().for_each(|row| row.label = None);
    rows
}

fn utterance(
    database: String,
    row: Row,
    labels: &[String],
    transform: &TargetTransform,
) -> Utterance {
    let class = row
        .label
        .as_ref()
        .and_then(|label| labels.iter().position(|name| name == label))
        .map(Label::Class);
    let value = row
        .value
        .map(|value| Label::Value(transform.apply(&database, value)));
    row.utterance(database, class.or(value))
}
