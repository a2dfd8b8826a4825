//! What a run's best state says of each part.

use super::{Job, RunError, table_units};
use crate::{
    config::SelectOn,
    data::Part,
    report::{PartOutcome, PredictionSet, Selection, Summary, SummaryOptions},
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

    /// Predictions and figures of dev and test, as far as there are any.
    pub(super) async fn parts(
        &self,
        training: &Training<'_>,
        trained: &Trained,
        world: &dyn Surroundings,
    ) -> Result<Vec<PartOutcome>, RunError> {
        let mut parts = Vec::new();
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
                )
                .await?;
                world.emit(evaluation.event(
                    training.run,
                    trained.best.step,
                    trained.best.epoch,
                    part,
                    false,
                ));
                evaluation.predictions
            };
            parts.push(self.outcome(part, predictions)?);
        }
        Ok(parts)
    }

    fn outcome(&self, part: Part, mut predictions: PredictionSet) -> Result<PartOutcome, RunError> {
        table_units(
            &mut predictions,
            self.dataset.part(part),
            &self.dataset.transform,
        );
        let labelled = predictions
            .predictions
            .iter()
            .any(|prediction| prediction.truth.is_some());
        let options = SummaryOptions {
            part: Some(part),
            note: self.selection().note(part),
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
}
