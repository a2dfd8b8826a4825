//! From split rows to a data set.

use super::Loading;
use crate::{
    config::{Balancing, SelectOn},
    data::{
        Bins, DataError, Dataset, Label, Part, Parts, TargetTransform, Utterance,
        draw::Draw,
        hash::split_hash,
        probe::Probes,
        row::Row,
        target::{self, Kind},
    },
};
use std::collections::BTreeSet;

impl Loading<'_> {
    /// Encodes the target and describes what came out.
    pub(super) fn finish(
        mut self,
        mut parts: Parts<Vec<Row>>,
        probes: &Probes,
    ) -> Result<Dataset, DataError> {
        let (data, kind) = (&self.experiment.data, self.kind);
        self.require(&parts, &Part::ALL)?;
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
                labels = self.labels(&parts.train, bins.as_ref())?;
                target::drop_unseen(
                    &mut parts,
                    &labels,
                    &mut self.drops,
                    &mut self.report.warnings,
                );
                self.name_absent(&labels);
                let tuning = &self.experiment.tuning;
                if tuning.balancing == Balancing::Ros {
                    let draw = Draw::part(tuning.seed, Part::Train);
                    let warnings = &mut self.report.warnings;
                    target::oversample(&mut parts.train, &labels, draw, warnings);
                }
            }
        }
        self.require(&parts, &Part::ALL)?;
        Ok(self.assemble(parts, labels, transform, bins, probes))
    }

    /// Describes the rows, and makes utterances of them.
    pub(super) fn assemble(
        self,
        parts: Parts<Vec<Row>>,
        labels: Vec<String>,
        transform: TargetTransform,
        bins: Option<Bins>,
        probes: &Probes,
    ) -> Dataset {
        let data = &self.experiment.data;
        let Self {
            drops,
            mut report,
            advice,
            survey,
            ..
        } = self;
        report.warnings.extend(advice);
        for (index, database) in report.databases.iter_mut().enumerate() {
            database.dropped = drops.count(index);
        }
        report.dropped = drops.into_dropped();
        report.describe(&parts, data, probes);
        report.audio.levels = survey.map(|survey| survey.report(&parts));
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
        Dataset {
            train,
            dev,
            test,
            seconds,
            labels,
            transform,
            bins,
            report,
            split_hash,
        }
    }

    /// The classes of the train part; those of all folds where there are some, since predictions of
    /// different folds must be of the same classes.
    fn labels(&mut self, train: &[Row], bins: Option<&Bins>) -> Result<Vec<String>, DataError> {
        let own = target::classes(train, &self.drops.summary())?;
        let all = match (self.classes.take(), bins) {
            (Some(all), _) => all,
            (None, Some(bins)) if self.experiment.folds.is_some() => {
                let names: BTreeSet<String> = bins.names.iter().cloned().collect();
                names.into_iter().collect()
            }
            (None, _) => return Ok(own),
        };
        let absent: Vec<&str> = all
            .iter()
            .filter(|class| !own.contains(class))
            .map(String::as_str)
            .collect();
        if !absent.is_empty() {
            self.report.warnings.push(format!(
                "this fold's train part has no rows of: {}; the model cannot learn them, and each such utterance of the \
                 other parts counts as a mistake",
                absent.join(", ")
            ));
        }
        Ok(all)
    }

    /// Fails where nothing is left for a part that is needed.
    pub(super) fn require(
        &self,
        parts: &Parts<Vec<Row>>,
        needed: &[Part],
    ) -> Result<(), DataError> {
        let needs_dev = self.experiment.tuning.select_on == SelectOn::Dev;
        for &part in needed {
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
            let notes = self
                .advice
                .iter()
                .chain(self.report.warnings.iter().take(self.told));
            let reason = reason + &notes.map(|note| format!("; {note}")).collect::<String>();
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
}

/// A regression's rows have a value and no class.
pub(super) fn unlabel(mut rows: Vec<Row>) -> Vec<Row> {
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
