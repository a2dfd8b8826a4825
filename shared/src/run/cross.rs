//! Cross validation: a training a fold and run, and one report of all of them.

use super::{
    Finished, Identity, Job, Output, RunError, Start, aside::make_room, below::Below,
    note::note_versions, outcome,
};
use crate::{
    config::{CrossDatabases, Experiment, Folds, SelectOn, Setting},
    data::{Dataset, Part, Utterance, folds_csv},
    protocol::{Event, Status},
    report::{
        ConfigRecord, CrossCell, FoldLine, FoldNumber, Layout, Manifest, PredictionSet, Progress,
        RunOutcome, Selection, experiment_files, run_files,
    },
    train::{Store, Surroundings},
};
use burn::tensor::Device;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// A cross validation that is about to be carried out. Each fold is an experiment of its own in a
/// folder of its own, and the runs of the whole are the predictions of all folds together.
pub struct CrossValidation<'a> {
    /// The experiment.
    pub experiment: &'a Experiment,
    /// The INI's text as it is run.
    pub text: &'a str,
    /// What is learnt from, fold by fold; the fold is the test part.
    pub folds: &'a [Dataset],
    /// What training begins from.
    pub start: &'a Start<'a>,
    /// Where tensors live.
    pub device: &'a Device,
    /// Its name.
    pub device_name: &'a str,
    /// Clips of a fold, clock, events.
    pub world: &'a dyn Fn(&'a Dataset) -> Box<dyn Surroundings + 'a>,
    /// Where files go.
    pub output: &'a dyn Output,
    /// The effective keys.
    pub settings: &'a [Setting],
    /// Where is kept what is computed once a clip.
    pub store: Option<&'a Store<'a>>,
    /// Whether to begin anew where there are results already; they are moved aside.
    pub force: bool,
}

impl<'a> CrossValidation<'a> {
    /// Trains every fold of run 0, writes what they say together, and goes on with run 1. A training
    /// that was broken off goes on from its last checkpoint, and those that have finished are kept.
    ///
    /// [`Finished::manifests`] has one entry a run of which all folds have finished.
    ///
    /// # Errors
    /// As for [`Job::run`].
    pub async fn run(&self) -> Result<Finished, RunError> {
        let experiment = self.experiment;
        let layout = Layout::new(experiment);
        let weights = self.start.hash();
        let identity = Identity::of_folds(
            experiment,
            self.settings,
            self.folds,
            self.start,
            weights.as_deref(),
        );
        if let Some(message) = make_room(self.output, &layout, &identity, self.force)?
            && let Some(first) = self.folds.first()
        {
            (self.world)(first).emit(Event::Warning { message });
        }
        self.begin(&layout, &identity)?;

        let hash = identity.hash();
        let mut finished = Finished {
            manifests: Vec::new(),
            status: Status::Finished,
            failure: None,
        };
        for run in 0..experiment.runs {
            if let Some(manifest) = self.finished_before(run, &layout, &hash) {
                self.tell_kept(&manifest, &layout);
                finished.manifests.push(manifest);
                continue;
            }
            let mut manifests = Vec::new();
            for (number, dataset) in (0..).zip(self.folds) {
                let done = match self.fold(run, number, dataset).await {
                    Ok(done) => done,
                    // What runs before have said is written all the same.
                    Err(error) if !finished.manifests.is_empty() => {
                        finished.status = Status::Failed;
                        finished.failure = Some(error);
                        break;
                    }
                    Err(error) => return Err(error),
                };
                finished.status = done.status;
                finished.failure = done.failure;
                if finished.status != Status::Finished {
                    break;
                }
                manifests.extend(done.manifests.into_iter().find(|one| one.run == run));
            }
            if finished.status != Status::Finished {
                break;
            }
            let manifest = match &experiment.cross {
                Some(cross) => self.tabulate(run, &layout, &manifests, &hash, cross)?,
                None => self.pool(run, &layout, &manifests, &hash)?,
            };
            finished.manifests.push(manifest);
        }
        for (path, bytes) in experiment_files(experiment, &finished.manifests)? {
            self.write(&path, &bytes)?;
        }
        Ok(finished)
    }

    /// Writes what is known before anything is trained.
    fn begin(&self, layout: &Layout, identity: &Identity) -> Result<(), RunError> {
        let table = folds_csv(self.folds).map_err(|source| RunError::Table {
            part: Part::Test.word(),
            source,
        })?;
        self.write(&layout.folds_table(), table.as_bytes())?;
        self.write(
            &layout.log(&format!("{}.ini", self.experiment.name)),
            self.text.as_bytes(),
        )?;
        let identity = serde_json::to_vec_pretty(identity).unwrap_or_default();
        self.write(&layout.identity(), &identity)
    }

    /// Speakers that are tested on, sorted, or the database; nobody where speakers are not known.
    fn tested_on(&self, dataset: &Dataset) -> Vec<String> {
        let folds = self.experiment.folds;
        let is_database = matches!(folds, Some(Folds::Lodo | Folds::Databases));
        let name = |one: &Utterance| match is_database {
            true => Some(one.database.clone()),
            false => one.speaker.clone(),
        };
        let names: BTreeSet<String> = dataset.test.iter().filter_map(name).collect();
        names.into_iter().collect()
    }

    /// The database that a training is on, where there is one for each.
    fn trained_on(&self, number: u32) -> Option<&str> {
        let trainings = self.experiment.cross.as_ref()?.trainings();
        let training = trainings.get(usize::try_from(number).ok()?)?;
        Some(training.database)
    }

    fn count(&self) -> u32 {
        u32::try_from(self.folds.len()).unwrap_or(u32::MAX)
    }

    /// Trains one fold of a run.
    async fn fold(
        &self,
        run: u32,
        number: u32,
        dataset: &'a Dataset,
    ) -> Result<Finished, RunError> {
        let world = (self.world)(dataset);
        world.emit(Event::Fold {
            fold: number,
            folds: self.count(),
            run,
            runs: self.experiment.runs,
            trained_on: self.trained_on(number).map(str::to_owned),
            tested_on: self.tested_on(dataset),
        });
        let folder = Layout::new(self.experiment).fold(number);
        let experiment = Experiment {
            name: format!("{}/{folder}", self.experiment.name),
            folds: None,
            cross: None,
            ..self.experiment.clone()
        };
        let output = Below::new(self.output, folder);
        let job = Job {
            experiment: &experiment,
            text: self.text,
            dataset,
            start: self.start,
            device: self.device,
            device_name: self.device_name,
            world: world.as_ref(),
            output: &output,
            settings: self.settings,
            store: self.store,
            force: false,
            only: Some(run),
            fold: Some(FoldNumber {
                fold: number,
                folds: self.count(),
            }),
        };
        job.run().await
    }

    /// The manifest of a run of which nothing is left to do.
    fn finished_before(&self, run: u32, layout: &Layout, identity: &str) -> Option<Manifest> {
        let bytes = self.output.read(&layout.manifest(run)).ok()?;
        let manifest: Manifest = serde_json::from_slice(&bytes).ok()?;
        let ours = manifest.identity.as_deref() == Some(identity);
        (ours && manifest.status == Status::Finished).then_some(manifest)
    }

    /// What the model of a fold said of its test part.
    fn scores(
        &self,
        run: u32,
        layout: &Layout,
        number: u32,
        dataset: &Dataset,
    ) -> Result<PredictionSet, RunError> {
        let path = format!("{}/{}", layout.fold(number), layout.scores(run));
        let unreadable = |reason: String| RunError::Scores {
            path: path.clone(),
            reason,
        };
        let bytes = self.output.read(&path);
        let bytes = bytes.map_err(|error| unreadable(error.to_string()))?;
        let set: PredictionSet =
            serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))?;
        if set.predictions.len() != dataset.test.len() || set.labels != dataset.labels {
            return Err(unreadable("it is of other data".to_owned()));
        }
        Ok(set)
    }

    /// The figures of each database by the model of each, as the record of the run.
    fn tabulate(
        &self,
        run: u32,
        layout: &Layout,
        manifests: &[Manifest],
        identity: &str,
        cross: &CrossDatabases,
    ) -> Result<Manifest, RunError> {
        let mut manifest = self.manifest(run, layout, manifests, identity);
        let lines = std::mem::take(&mut manifest.folds);
        let trainings = cross.trainings();
        for (number, (dataset, (training, line))) in
            (0..).zip(self.folds.iter().zip(trainings.iter().zip(&lines)))
        {
            let set = self.scores(run, layout, number, dataset)?;
            for name in &cross.names {
                let of_database = |one: &Utterance| one.database == *name;
                let (predictions, utterances): (Vec<_>, Vec<_>) = set
                    .predictions
                    .iter()
                    .zip(&dataset.test)
                    .filter(|(_, utterance)| of_database(utterance))
                    .map(|(prediction, utterance)| (prediction.clone(), utterance))
                    .unzip();
                if predictions.is_empty() {
                    continue;
                }
                let own = PredictionSet {
                    labels: set.labels.clone(),
                    predictions,
                };
                let part = outcome::measured(self.experiment, None, Part::Test, own, &utterances)?;
                if let Some(summary) = &part.summary {
                    let cell = CrossCell::new(training.database, name, line, summary);
                    manifest.databases.push(cell);
                }
            }
        }
        let place = |cell: &CrossCell| {
            let of = |name: &String| cross.names.iter().position(|one| one == name);
            (of(&cell.trained_on), of(&cell.tested_on))
        };
        manifest.databases.sort_by_key(place);
        let path = layout.manifest(run);
        self.write(&path, manifest.to_json()?.as_bytes())?;
        if let Some(world) = self.folds.first().map(self.world) {
            world.emit(Event::Pooled {
                run,
                runs: self.experiment.runs,
                folds: self.count(),
            });
            tell(&manifest, layout, world.as_ref());
        }
        Ok(manifest)
    }

    /// Puts the predictions of all folds together, and writes what they say.
    fn pool(
        &self,
        run: u32,
        layout: &Layout,
        manifests: &[Manifest],
        identity: &str,
    ) -> Result<Manifest, RunError> {
        let mut pooled = PredictionSet {
            labels: Vec::new(),
            predictions: Vec::new(),
        };
        let mut utterances: Vec<&Utterance> = Vec::new();
        for (number, dataset) in (0..).zip(self.folds) {
            let set = self.scores(run, layout, number, dataset)?;
            pooled.labels = set.labels;
            pooled.predictions.extend(set.predictions);
            utterances.extend(&dataset.test);
        }
        let selection = self.selection();
        let part = outcome::measured(
            self.experiment,
            selection.note(Part::Test),
            Part::Test,
            pooled,
            &utterances,
        )?;
        let outcome = RunOutcome {
            parts: vec![part],
            progress: Progress::default(),
            manifest: self.manifest(run, layout, manifests, identity),
        };
        let path = layout.manifest(run);
        let (last, others): (Vec<_>, Vec<_>) = run_files(self.experiment, run, &outcome)?
            .into_iter()
            .partition(|(name, _)| *name == path);
        // A run that has a manifest has everything.
        for (path, bytes) in others.into_iter().chain(last) {
            self.write(&path, &bytes)?;
        }
        let manifest = outcome.manifest();
        if let Some(world) = self.folds.first().map(self.world) {
            world.emit(Event::Pooled {
                run,
                runs: self.experiment.runs,
                folds: self.count(),
            });
            tell(&manifest, layout, world.as_ref());
        }
        Ok(manifest)
    }

    fn selection(&self) -> Selection {
        let part = match self.experiment.tuning.select_on {
            SelectOn::Dev => Part::Dev,
            SelectOn::Test => Part::Test,
        };
        Selection::new(Some(part), self.experiment.tuning.measure)
    }

    fn manifest(&self, run: u32, layout: &Layout, folds: &[Manifest], identity: &str) -> Manifest {
        let labels = self.folds.first().map_or(&[][..], |fold| &fold.labels);
        let mut manifest =
            Manifest::new(self.experiment, run, ConfigRecord::new(self.text), labels);
        manifest.status = Status::Finished;
        manifest.selection = self.selection();
        manifest.device = self.device_name.to_owned();
        note_versions(&mut manifest.versions);
        manifest.identity = Some(identity.to_owned());
        let mut splits = Sha256::new();
        for fold in self.folds {
            splits.update(&fold.split_hash);
        }
        manifest.split_hash = Some(super::identity::hex(splits));
        if let Some(first) = folds.first() {
            manifest.started.clone_from(&first.started);
            manifest.model = first.model.clone();
            manifest.training.effective_batch = first.training.effective_batch;
        }
        let mut training = manifest.training.clone();
        let (mut seconds, mut audio) = (0.0, 0.0);
        for fold in folds {
            training.steps += fold.training.steps;
            training.stopped_early |= fold.training.stopped_early;
            seconds += fold.training.seconds;
            audio += fold.training.audio_seconds;
            manifest
                .resumptions
                .extend(fold.resumptions.iter().cloned());
        }
        manifest.training = training.timed(seconds, audio);
        manifest.folds = (0..)
            .zip(folds.iter().zip(self.folds))
            .map(|(number, (fold, dataset))| {
                FoldLine::new(number, layout.fold(number), self.tested_on(dataset), fold)
            })
            .collect();
        manifest
    }

    /// That a run had finished before, with its figures.
    fn tell_kept(&self, manifest: &Manifest, layout: &Layout) {
        let Some(world) = self.folds.first().map(self.world) else {
            return;
        };
        world.emit(Event::Kept {
            run: manifest.run,
            runs: self.experiment.runs,
        });
        tell(manifest, layout, world.as_ref());
    }

    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), RunError> {
        self.output
            .write(path, bytes)
            .map_err(|source| RunError::write(path, source))
    }
}

/// The figures of a run, and that it has ended.
fn tell(manifest: &Manifest, layout: &Layout, world: &dyn Surroundings) {
    super::tell::results(manifest, world);
    super::tell::end(manifest, layout, world);
}
