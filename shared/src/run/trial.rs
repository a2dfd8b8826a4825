//! A finished run on data that it knows nothing of.

use super::{Output, RunError, outcome, tell};
use crate::{
    config::Experiment,
    data::{Dataset, Part, Utterance},
    model::SpeechModel,
    protocol::{Event, Status},
    report::{
        ConfigRecord, Layout, Manifest, PredictionSet, Progress, RunOutcome, run_files, table_units,
    },
    train::{Evaluator, Surroundings, predict, prediction_set},
};
use burn::tensor::Device;

/// A finished run that is about to be tested on another database.
pub struct Trial<'a> {
    /// The experiment, under the name of the folder that results go to.
    pub experiment: &'a Experiment,
    /// The INI's text as it is now.
    pub text: &'a str,
    /// The database.
    pub dataset: &'a Dataset,
    /// The model of the run.
    pub model: &'a SpeechModel,
    /// How it was evaluated.
    pub evaluator: &'a Evaluator,
    /// Where tensors live.
    pub device: &'a Device,
    /// Its name.
    pub device_name: &'a str,
    /// Clips, clock, events.
    pub world: &'a dyn Surroundings,
    /// Where files go.
    pub output: &'a dyn Output,
}

impl Trial<'_> {
    /// What the model says of the test part, in the units of the table.
    ///
    /// # Errors
    /// A clip cannot be had, the device failed, or the outputs are no numbers.
    pub async fn predictions(
        &self,
        tick: &mut dyn FnMut(usize),
    ) -> Result<PredictionSet, RunError> {
        let (utterances, seconds) = (&self.dataset.test, &self.dataset.seconds.test);
        let logits = predict(
            self.model,
            self.evaluator,
            (Part::Test, seconds),
            self.world,
            self.device,
            tick,
        )
        .await?;
        let mut set = prediction_set(utterances, seconds, logits, &self.dataset.labels);
        set.check()?;
        table_units(&mut set, utterances, &self.dataset.transform);
        Ok(set)
    }

    /// Tests the model of the run that `trained` tells of, and writes what a run writes of its test part.
    ///
    /// # Errors
    /// As for [`Trial::predictions`]; files cannot be written.
    pub async fn run(
        &self,
        trained: &Manifest,
        tick: &mut dyn FnMut(usize),
    ) -> Result<Manifest, RunError> {
        let begun = self.world.now();
        let predictions = self.predictions(tick).await?;
        self.write(trained, predictions, begun)
    }

    /// Writes what a run writes of its test part for these `predictions`, which were begun at `begun` by the
    /// clock of [`Surroundings::now`].
    ///
    /// # Errors
    /// They cannot be measured; files cannot be written.
    pub fn write(
        &self,
        trained: &Manifest,
        predictions: PredictionSet,
        begun: f64,
    ) -> Result<Manifest, RunError> {
        let layout = Layout::new(self.experiment);
        let utterances: Vec<&Utterance> = self.dataset.test.iter().collect();
        let part = outcome::measured(self.experiment, None, Part::Test, predictions, &utterances)?;
        let database = self.experiment.data.databases.first();
        let mut manifest = Manifest {
            status: Status::Finished,
            error: None,
            name: self.experiment.name.clone(),
            config: ConfigRecord::new(self.text),
            split_hash: Some(self.dataset.split_hash.clone()),
            data: serde_json::to_value(&self.dataset.report).unwrap_or_default(),
            device: self.device_name.to_owned(),
            tested: database.map(|database| database.name.clone()),
            ..trained.clone()
        };
        manifest.results.clear();
        manifest.folds.clear();
        // It was chosen on other data.
        manifest.selection.optimistic = false;
        let outcome = RunOutcome {
            parts: vec![part],
            progress: Progress::default(),
            manifest,
        };
        for (path, bytes) in run_files(self.experiment, trained.run, &outcome)? {
            self.output
                .write(&path, &bytes)
                .map_err(|source| RunError::write(&path, source))?;
        }
        let manifest = outcome.manifest();
        tell::results(&manifest, self.world);
        self.world.emit(Event::Ended {
            run: manifest.run,
            status: manifest.status,
            error: None,
            stopped_early: false,
            optimistic: false,
            best_step: None,
            best_epoch: None,
            seconds: self.world.now() - begun,
            folder: Some(layout.experiment().to_owned()),
        });
        Ok(manifest)
    }
}
