//! What a run's best state says of each part.

use super::{Job, RunError};
use crate::{
    config::{Experiment, SelectOn},
    data::{Part, Utterance},
    report::{
        Combining, Grouping, PartOutcome, PredictionSet, Selection, Summary, SummaryOptions,
        table_units,
    },
    train::{Surroundings, Trained, Training, evaluate},
};

impl Job<'_> {
    /// The part that the best state is chosen on.
    pub(super) fn chosen_on(&self) -> Part {
        match self.experiment.tuning.select_on {
            SelectOn::Dev => Part::Dev,
            SelectOn::Test => Part::Test,
        }
    }

    /// How the best state was chosen.
    pub(super) fn selection(&self) -> Selection {
        let part = self.chosen_on();
        let chosen = !self.dataset.part(part).is_empty();
        Selection::new(chosen.then_some(part), self.experiment.tuning.measure)
    }

    /// Pushes predictions and figures of dev and test, as far as there are any; those of before an
    /// error stay.
    pub(super) async fn parts(
        &self,
        training: &Training<'_>,
        trained: &Trained,
        world: &dyn Surroundings,
        parts: &mut Vec<PartOutcome>,
    ) -> Result<(), RunError> {
        for part in [Part::Dev, Part::Test] {
            let utterances = self.dataset.part(part);
            if utterances.is_empty() {
                continue;
            }
            let predictions = if part == training.dev_part {
                trained.best.predictions.clone()
            } else {
                let seconds = self.dataset.seconds.get(part);
                let evaluation = evaluate(
                    training,
                    &trained.best.model,
                    part,
                    utterances,
                    seconds,
                    world,
                    None,
                )
                .await?;
                world.emit(evaluation.event(
                    training,
                    trained.best.step,
                    trained.best.epoch,
                    part,
                    false,
                ));
                evaluation.predictions
            };
            parts.push(self.outcome(part, predictions)?);
        }
        Ok(())
    }

    fn outcome(&self, part: Part, mut predictions: PredictionSet) -> Result<PartOutcome, RunError> {
        let utterances = self.dataset.part(part);
        table_units(&mut predictions, utterances, &self.dataset.transform);
        let utterances: Vec<&Utterance> = utterances.iter().collect();
        let note = self.selection().note(part);
        measured(self.experiment, note, part, predictions, &utterances)
    }
}

/// The figures of `predictions`, which are in the units of the table and of these `utterances`.
pub(super) fn measured(
    experiment: &Experiment,
    note: Option<String>,
    part: Part,
    predictions: PredictionSet,
    utterances: &[&Utterance],
) -> Result<PartOutcome, RunError> {
    let labelled = predictions
        .predictions
        .iter()
        .any(|prediction| prediction.truth.is_some());
    let (data, plot) = (&experiment.data, &experiment.plot);
    // Nkululeko looks for the second of two labels, in the order of the INI.
    let positive = match data.labels.as_deref() {
        Some([_, second]) => predictions.labels.iter().position(|label| label == second),
        _ => None,
    };
    let options = SummaryOptions {
        part: Some(part),
        note,
        positive,
        groupings: vec![
            Grouping {
                by: "sex".to_owned(),
                values: utterances.iter().copied().map(sex).collect(),
            },
            Grouping {
                by: "database".to_owned(),
                values: utterances
                    .iter()
                    .map(|one| Some(one.database.clone()))
                    .collect(),
            },
        ],
        combining: plot.combine.map(|method| Combining {
            method,
            by: plot.combine_column.clone(),
            values: utterances
                .iter()
                .map(|one| column(one, &plot.combine_column).map(str::to_owned))
                .collect(),
        }),
        uncertainty_threshold: plot.uncertainty_threshold,
        ..SummaryOptions::default()
    };
    let summary = labelled
        .then(|| Summary::of(&predictions, &options))
        .transpose()?;
    Ok(PartOutcome {
        part,
        predictions,
        summary,
    })
}

/// What a row of the table has in a column.
fn column<'a>(utterance: &'a Utterance, name: &str) -> Option<&'a str> {
    match name {
        "speaker" => utterance.speaker.as_deref(),
        "file" => Some(&utterance.name),
        "gender" => utterance.gender.as_deref(),
        _ => utterance.columns.get(name).map(String::as_str),
    }
}

/// The sex as the table says it, in whichever of the usual columns.
fn sex(utterance: &Utterance) -> Option<String> {
    utterance
        .gender
        .as_ref()
        .or_else(|| utterance.columns.get("sex"))
        .cloned()
}
