//! All runs of an experiment.

mod write;

use super::{
    Identity, Output, RunError, Start,
    aside::make_room,
    checkpoints::{Checkpoints, Resumed},
    keeper::Keeper,
    live::{self, Live},
    note::{note_steps, note_versions},
    recorder::Recorder,
    save::{Folders, Saver},
    tell,
};
use crate::{
    config::{Experiment, Precision, Setting, Task},
    data::Dataset,
    model::SpeechModel,
    ops::supports,
    protocol::{Event, Status},
    report::{ConfigRecord, FoldNumber, Layout, Manifest, ModelRecord, RunOutcome, TrainingRecord},
    train::{Store, Surroundings, TrainError, Trained, Training, class_weights, train},
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
    /// The effective keys, by which a user is told what is other than it was.
    pub settings: &'a [Setting],
    /// Where is kept what is computed once a clip, if it is to be.
    pub store: Option<&'a Store<'a>>,
    /// Whether to begin anew where there are results already; they are moved aside.
    pub force: bool,
    /// The one run that is carried out; `None` is all.
    pub only: Option<u32>,
    /// Which fold of a cross validation this is.
    pub fold: Option<FoldNumber>,
}

/// What came out of all runs.
#[derive(Debug)]
pub struct Finished {
    /// One a run, in order, with its figures.
    pub manifests: Vec<Manifest>,
    /// How the last run ended; interrupted if it was not even begun.
    pub status: Status,
    /// Why, if it failed, or ended before there was anything to show.
    pub failure: Option<RunError>,
}

/// What all runs have in common.
struct Common {
    layout: Layout,
    /// [`Identity::hash`].
    identity: String,
    /// [`Start::hash`].
    weights: Option<String>,
}

impl Job<'_> {
    /// Trains, evaluates and writes every run. An interrupted or failed run ends the experiment with
    /// what there is.
    ///
    /// A run that has finished before is kept, one that was broken off goes on from its last
    /// checkpoint.
    ///
    /// A run that fails without any result is [`Finished::failure`], too, once an earlier one has
    /// results: these are summed up all the same.
    ///
    /// # Errors
    /// The model cannot be read, nothing could be trained, files cannot be written, or the folder
    /// holds another experiment.
    pub async fn run(&self) -> Result<Finished, RunError> {
        let layout = Layout::new(self.experiment);
        let weights = self.start.hash();
        let (experiment, dataset) = (self.experiment, self.dataset);
        let identity = Identity::new(
            experiment,
            self.settings,
            dataset,
            self.start,
            weights.as_deref(),
        );
        if let Some(message) = make_room(self.output, &layout, &identity, self.force)? {
            self.warn(message);
        }
        // Of a fold it is told once.
        if self.only.is_none_or(|run| run == 0) {
            self.tell_data();
        }
        let common = Common {
            layout,
            identity: identity.hash(),
            weights,
        };
        let mut kept: Vec<Option<Manifest>> = (0..experiment.runs)
            .map(|run| self.finished_before(run, &common))
            .collect();
        let wanted = |run: u32| self.only.is_none_or(|only| only == run);
        let is_done = (0..)
            .zip(&kept)
            .all(|(run, kept)| kept.is_some() || !wanted(run));
        if !is_done {
            self.begin(&common, &identity)?;
        }

        let mut finished = Finished {
            manifests: Vec::new(),
            status: Status::Finished,
            failure: None,
        };
        for (run, kept) in (0..).zip(&mut kept) {
            if !wanted(run) {
                finished.manifests.extend(kept.take());
                continue;
            }
            let (manifest, failure) = match kept.take() {
                Some(manifest) => {
                    let runs = experiment.runs;
                    self.world.emit(Event::Kept { run, runs });
                    tell::results(&manifest, self.world);
                    tell::end(&manifest, &common.layout, self.world);
                    (manifest, None)
                }
                None => {
                    let begun = self.world.now();
                    match self.begun(run, &common).await {
                        Ok(done) => done,
                        Err(error) => {
                            let seconds = self.world.now() - begun;
                            finished.status = self.tell_failure(run, &error, seconds);
                            finished.failure = Some(error);
                            break;
                        }
                    }
                }
            };
            if manifest.status == Status::Finished && !experiment.tuning.keep_checkpoints {
                self.checkpoints(run, &common).remove_all()?;
            }
            finished.status = manifest.status;
            finished.failure = failure;
            finished.manifests.push(manifest);
            if finished.status != Status::Finished {
                break;
            }
        }
        if !is_done || !self.output.exists(&common.layout.summary_json()) {
            let written = self.write_joint(&finished.manifests);
            match (written, &finished.failure) {
                (Err(error), None) => return Err(error),
                // Why a run failed says more than what follows from it.
                (Err(error), Some(_)) => self.warn(error.to_string()),
                (Ok(()), _) => {}
            }
        }
        // Then there is nothing to show.
        if finished.manifests.is_empty()
            && finished.status == Status::Failed
            && let Some(error) = finished.failure
        {
            return Err(error);
        }
        Ok(finished)
    }

    pub(super) fn warn(&self, message: String) {
        self.world.emit(Event::Warning { message });
    }

    /// The manifest of a run of this experiment that needs nothing more.
    fn finished_before(&self, run: u32, common: &Common) -> Option<Manifest> {
        let bytes = self.output.read(&common.layout.manifest(run)).ok()?;
        let manifest: Manifest = serde_json::from_slice(&bytes).ok()?;
        let ours = manifest.identity.as_ref() == Some(&common.identity);
        (ours && manifest.status == Status::Finished).then_some(manifest)
    }

    fn checkpoints<'c>(&'c self, run: u32, common: &'c Common) -> Checkpoints<'c> {
        Checkpoints::new(
            self.output,
            common.layout.checkpoints(run),
            self.experiment.tuning.save_total_limit,
            &common.identity,
            self.device_name,
        )
    }

    fn training(&self, run: u32, common: &Common) -> Training<'_> {
        let chosen_on = self.chosen_on();
        Training {
            experiment: self.experiment,
            train: &self.dataset.train,
            train_seconds: &self.dataset.seconds.train,
            dev: self.dataset.part(chosen_on),
            dev_seconds: self.dataset.seconds.get(chosen_on),
            dev_part: chosen_on,
            labels: &self.dataset.labels,
            transform: &self.dataset.transform,
            class_weights: (self.experiment.tuning.class_weight
                && self.experiment.task == Task::Classification)
                .then(|| class_weights(&self.dataset.train, self.dataset.labels.len())),
            extractor: self.start.extractor.clone(),
            device: self.device.clone(),
            device_name: self.device_name.to_owned(),
            run,
            origin: match &common.weights {
                Some(weights) => weights.clone(),
                // They are drawn.
                None => {
                    let seed = self.experiment.tuning.seed;
                    seed.wrapping_add(u64::from(run)).to_string()
                }
            },
            store: self.store,
        }
    }

    fn model(&self, seed: u64) -> Result<(SpeechModel, Vec<String>), RunError> {
        self.start
            .model(self.experiment, self.dataset, seed, self.device)
    }

    /// What run `run` goes on from; its weights are then in `model`.
    fn resume(
        &self,
        model: &mut SpeechModel,
        training: &Training<'_>,
        checkpoints: &Checkpoints<'_>,
    ) -> Result<Option<Resumed>, RunError> {
        let mut torn = false;
        let resumed = checkpoints.resume(model, training, self.world.date(), &mut |message| {
            torn = true;
            self.warn(message);
        })?;
        if torn && resumed.is_none() {
            self.warn("no checkpoint is whole: the run begins anew".to_owned());
            *model = self.model(training.seed())?.0;
        }
        if resumed.as_ref().is_some_and(|one| one.is_of_another_device) {
            self.warn(
                "the run began on another device: its result is not that of one device to the bit"
                    .to_owned(),
            );
        }
        Ok(resumed)
    }

    /// A run, unless somebody wants to stop: then none is begun.
    async fn begun(
        &self,
        run: u32,
        common: &Common,
    ) -> Result<(Manifest, Option<RunError>), RunError> {
        if self.world.stopping() {
            return Err(TrainError::Untrained.into());
        }
        self.one(run, common).await
    }

    async fn one(
        &self,
        run: u32,
        common: &Common,
    ) -> Result<(Manifest, Option<RunError>), RunError> {
        let layout = &common.layout;
        let training = self.training(run, common);
        let (mut model, warnings) = self.model(training.seed())?;
        for message in warnings {
            self.warn(message);
        }
        let mut manifest = self.manifest(run, common);
        manifest.training.effective_batch = training.plan().effective_batch();
        let (parameters, trained) = model.count();
        manifest.model = ModelRecord {
            parameters,
            trained,
            revision: self.start.revision.clone(),
            license: self.start.license.clone(),
            ..manifest.model
        };

        let checkpoints = self.checkpoints(run, common);
        let (resume, progress) = match self.resume(&mut model, &training, &checkpoints)? {
            Some(resumed) => {
                manifest.started = resumed.started;
                manifest.resumptions = resumed.resumptions;
                (Some(resumed.resume), Some(resumed.progress))
            }
            None => (None, None),
        };
        live::remove_others(self.experiment, &manifest, self.output)
            .map_err(|source| RunError::write(&layout.events(run, 0), source))?;
        let live = Live::new(self.experiment, &manifest, self.output);
        let world = Recorder::new(self.world, progress, live);
        let saver = Saver::new(
            self.experiment,
            self.dataset,
            &self.start.config,
            &self.start.head,
            &self.start.extractor,
        );
        let mut keeper = Keeper {
            saver: &saver,
            folders: Folders {
                model: &layout.best_model(run),
                adapter: &layout.adapter(run),
            },
            output: self.output,
            checkpoints: &checkpoints,
            recorder: &world,
            started: manifest.started.as_deref(),
            drawn: (self.experiment, run),
            part: training.dev_part,
        };
        let trained = train(&mut model, &training, &world, &mut keeper, resume).await;
        let trained = match trained {
            Ok(trained) => trained,
            Err(error) => {
                manifest.error = Some(error.to_string());
                if matches!(error, TrainError::Untrained) {
                    manifest.status = Status::Interrupted;
                }
                note_steps(&mut manifest, &world);
                // The curves tell where it went wrong.
                let outcome = RunOutcome {
                    parts: Vec::new(),
                    progress: world.progress(),
                    manifest,
                };
                // Where training could not save its state, this may fail as well; the first
                // error says more.
                let _ = self.write_run(run, layout, &outcome);
                return Err(error.into());
            }
        };
        drop(model);
        let mut parts = Vec::new();
        let shown = self.parts(&training, &trained, &world, &mut parts).await;
        note_training(
            &mut manifest,
            &trained,
            self.dataset.part(training.dev_part).is_empty(),
        );
        let mut failure = trained.failure.map(RunError::from);
        if let Err(error) = shown {
            manifest.status = Status::Failed;
            failure = Some(failure.unwrap_or(error));
        }
        manifest.error = failure.as_ref().map(ToString::to_string);
        let outcome = RunOutcome {
            parts,
            progress: world.progress(),
            manifest,
        };
        match (self.write_run(run, layout, &outcome), &failure) {
            (Err(error), None) => return Err(error),
            // Why training failed says more than what follows from it.
            (Err(error), Some(_)) => self.warn(error.to_string()),
            (Ok(()), _) => {}
        }
        let manifest = outcome.manifest();
        tell::results(&manifest, self.world);
        tell::end(&manifest, layout, self.world);
        Ok((manifest, failure))
    }

    fn manifest(&self, run: u32, common: &Common) -> Manifest {
        let mut manifest = Manifest::new(
            self.experiment,
            run,
            ConfigRecord::new(self.text),
            &self.dataset.labels,
        );
        manifest.started = self.world.date();
        manifest.fold = self.fold;
        manifest.split_hash = Some(self.dataset.split_hash.clone());
        manifest.data = serde_json::to_value(&self.dataset.report).unwrap_or_default();
        manifest.selection = self.selection();
        manifest.device = self.device_name.to_owned();
        if !supports(self.device, manifest.precision) {
            manifest.precision = Precision::F32;
        }
        note_versions(&mut manifest.versions);
        manifest.identity = Some(common.identity.clone());
        manifest.model.hash.clone_from(&common.weights);
        manifest
    }
}

fn note_training(manifest: &mut Manifest, trained: &Trained, chose_nothing: bool) {
    manifest.status = trained.status;
    let record = TrainingRecord {
        steps: trained.steps,
        best_step: (!chose_nothing).then_some(trained.best.step),
        best_epoch: (!chose_nothing).then_some(trained.best.epoch),
        frozen: trained.frozen.clone(),
        stopped_early: trained.stopped_early,
        ..manifest.training.clone()
    };
    manifest.training = record.timed(trained.seconds, trained.audio_seconds);
}
