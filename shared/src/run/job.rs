//! All runs of an experiment.

use super::{Output, RunError, Start, recorder::Recorder, save::Saver};
use crate::{
    config::{Experiment, Task},
    data::{Dataset, Part, split_csv},
    protocol::{Event, Status},
    report::{
        ConfigRecord, Layout, Manifest, ModelRecord, RunOutcome, TrainingRecord,
        distribution_files, experiment_files, run_files,
    },
    train::{Best, Surroundings, TrainError, Trained, Training, class_weights, train},
};
use burn::tensor::Device;

/// An experiment that is about to be carried out.
pub struct Job<'a> {
    /// The experiment.
    pub experiment: &'a Experiment,
    /// The INI's text as it is run.
    pub text: &'a str,
    /// What is learnt from.
    pub dataset: &'a Dataset,
    /// What training begins from.
    pub start: &'a Start<'a>,
    /// Where tensors live.
    pub device: &'a Device,
    /// Its name.
    pub device_name: &'a str,
    /// Clips, clock, events.
    pub world: &'a dyn Surroundings,
    /// Where files go.
    pub output: &'a dyn Output,
}

/// What came out of all runs.
#[derive(Debug)]
pub struct Finished {
    /// One a run, in order.
    pub outcomes: Vec<RunOutcome>,
    /// How the last run ended.
    pub status: Status,
    /// Why, if it failed.
    pub failure: Option<TrainError>,
}

impl Job<'_> {
    /// Trains, evaluates and writes every run. An interrupted or failed run ends the experiment with
    /// what there is.
    ///
    /// # Errors
    /// The model cannot be read, nothing could be trained, or files cannot be written.
    pub async fn run(&self) -> Result<Finished, RunError> {
        let layout = Layout::new(self.experiment);
        for part in Part::ALL {
            let utterances = self.dataset.part(part);
            if !utterances.is_empty() {
                let table =
                    split_csv(utterances, self.dataset.seconds.get(part)).map_err(|source| {
                        RunError::Table {
                            part: part.word(),
                            source,
                        }
                    })?;
                self.write(&layout.split(part), table.as_bytes())?;
            }
        }
        self.write(
            &layout.log(&format!("{}.ini", self.experiment.name)),
            self.text.as_bytes(),
        )?;
        for (path, bytes) in distribution_files(self.experiment, self.dataset)? {
            self.write(&path, &bytes)?;
        }
        for message in &self.start.warnings {
            self.world.emit(Event::Warning {
                message: message.clone(),
            });
        }

        let mut finished = Finished {
            outcomes: Vec::new(),
            status: Status::Finished,
            failure: None,
        };
        for run in 0..self.experiment.runs {
            let (outcome, failure) = self.one(run, &layout).await?;
            finished.status = outcome.manifest.status;
            finished.failure = failure;
            finished.outcomes.push(outcome);
            if finished.status != Status::Finished {
                break;
            }
        }
        let manifests: Vec<Manifest> = finished.outcomes.iter().map(RunOutcome::manifest).collect();
        for (path, bytes) in experiment_files(self.experiment, &manifests)? {
            self.write(&path, &bytes)?;
        }
        Ok(finished)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), RunError> {
        self.output
            .write(path, bytes)
            .map_err(|source| RunError::Write {
                path: path.to_owned(),
                source,
            })
    }

    fn training(&self, run: u32) -> Training<'_> {
        let chosen_on = self.chosen_on();
        Training {
            experiment: self.experiment,
            train: &self.dataset.train,
            train_seconds: &self.dataset.seconds.train,
            dev: self.dataset.part(chosen_on),
            dev_seconds: self.dataset.seconds.get(chosen_on),
            dev_part: chosen_on,
            labels: &self.dataset.labels,
            class_weights: (self.experiment.tuning.class_weight
                && self.experiment.task == Task::Classification)
                .then(|| class_weights(&self.dataset.train, self.dataset.labels.len())),
            extractor: self.start.extractor.clone(),
            device: self.device.clone(),
            device_name: self.device_name.to_owned(),
            run,
        }
    }

    async fn one(
        &self,
        run: u32,
        layout: &Layout,
    ) -> Result<(RunOutcome, Option<TrainError>), RunError> {
        let training = self.training(run);
        let seed = training.seed();
        let (mut model, warnings) =
            self.start
                .model(self.experiment, self.dataset, seed, self.device)?;
        for message in warnings {
            self.world.emit(Event::Warning { message });
        }
        let mut manifest = self.manifest(run);
        let (parameters, trained) = model.count();
        manifest.model = ModelRecord {
            parameters,
            trained,
            hash: self.start.hash(),
            license: self.start.license.clone(),
            ..manifest.model
        };

        let world = Recorder::new(self.world);
        let saver = Saver::new(
            self.experiment,
            self.dataset,
            &self.start.config,
            &self.start.head,
            &self.start.extractor,
        );
        let folder = layout.best_model(run);
        let (saver, folder, output) = (&saver, &folder, self.output);
        let trained = train(&mut model, &training, &world, &mut |best: Best| {
            Box::pin(async move {
                saver
                    .save(&best.model, folder, output)
                    .await
                    .map_err(|error| TrainError::Keep(Box::new(error)))
            })
        })
        .await;
        let trained = match trained {
            Ok(trained) => trained,
            Err(error) => {
                manifest.error = Some(error.to_string());
                // The curves tell where it went wrong.
                let outcome = RunOutcome {
                    parts: Vec::new(),
                    progress: world.into_progress(),
                    manifest,
                };
                for (path, bytes) in run_files(self.experiment, run, &outcome)? {
                    self.write(&path, &bytes)?;
                }
                self.end(run, Status::Failed, None, 0.0, layout);
                return Err(error.into());
            }
        };
        drop(model);
        let parts = self.parts(&training, &trained, &world).await?;
        note_training(
            &mut manifest,
            &trained,
            self.dataset.part(training.dev_part).is_empty(),
        );
        let outcome = RunOutcome {
            parts,
            progress: world.into_progress(),
            manifest,
        };
        for (path, bytes) in run_files(self.experiment, run, &outcome)? {
            self.write(&path, &bytes)?;
        }
        self.end(
            run,
            trained.status,
            Some(&trained.best),
            trained.seconds,
            layout,
        );
        Ok((outcome, trained.failure))
    }

    fn end(&self, run: u32, status: Status, best: Option<&Best>, seconds: f64, layout: &Layout) {
        self.world.emit(Event::Ended {
            run,
            status,
            best_step: best.map(|best| best.step),
            best_epoch: best.map(|best| best.epoch),
            seconds,
            folder: Some(layout.experiment().to_owned()),
        });
    }

    fn manifest(&self, run: u32) -> Manifest {
        let mut manifest = Manifest::new(
            self.experiment,
            run,
            ConfigRecord::new(self.text),
            &self.dataset.labels,
        );
        manifest.started = self.world.date();
        manifest.split_hash = Some(self.dataset.split_hash.clone());
        manifest.data = serde_json::to_value(&self.dataset.report).unwrap_or_default();
        manifest.selection = self.selection();
        manifest.device = self.device_name.to_owned();
        manifest
    }
}

fn note_training(manifest: &mut Manifest, trained: &Trained, chose_nothing: bool) {
    manifest.status = trained.status;
    manifest.error = trained.failure.as_ref().map(ToString::to_string);
    let record = TrainingRecord {
        steps: trained.steps,
        best_step: (!chose_nothing).then_some(trained.best.step),
        best_epoch: (!chose_nothing).then_some(trained.best.epoch),
        ..manifest.training.clone()
    };
    manifest.training = record.timed(trained.seconds, trained.audio_seconds);
}
