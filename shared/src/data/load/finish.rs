//! From split rows to a data set.

use super::Loading;
use crate::{
    config::SelectOn,
    data::{
        Bins, DataError, Dataset, Label, Part, Parts, TargetTransform, Utterance,
        draw::Draw,
        hash::split_hash,
        probe::Probes,
        row::Row,
        target::{self, Kind},
    },
};

impl Loading<'_> {
    /// Encodes the target and describes what came out.
    pub(super) fn finish(
        mut self,
        mut parts: Parts<Vec<Row>>,
        probes: &Probes,
    ) -> Result<Dataset, DataError> {
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
                labels = target::classes(&parts.train, &self.drops.summary())?;
                target::drop_unseen(
                    &mut parts,
                    &labels,
                    &mut self.drops,
                    &mut self.report.warnings,
                );
                self.name_absent(&labels);
                let tuning = &self.experiment.tuning;
                if tuning.oversample {
                    let draw = Draw::part(tuning.seed, Part::Train);
                    let warnings = &mut self.report.warnings;
                    target::oversample(&mut parts.train, &labels, draw, warnings);
                }
            }
        }
        self.require(&parts)?;
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
