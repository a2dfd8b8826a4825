//! `voxtune test`

use super::{config, model};
use crate::failure::ExitCode;
use crate::{
    cli::Test,
    commands::devices::choice,
    event_log::EventLog,
    folder::Folder,
    local::Local,
    progress::{self, Progress},
    world::{World, world},
};
use anyhow::{Context, bail};
use burn::tensor::Device;
use shared::{
    audio::Augmentation,
    config::{DatabaseConfig, Experiment, Folds, Labelling, Mode},
    data::{self, Dataset, KnownTarget},
    files::Files,
    model::SpeechModel,
    protocol::{Event, Status},
    report::{
        FoldNumber, Layout, Manifest, PredictionSet, RunsSummary, experiment_files,
        predictions_csv, result_table, runs_text,
    },
    run::{Below, Identity, Output, Stored, Trial, stored},
    train::{Evaluator, Surroundings, open_device},
};
use std::{fs, path::Path, sync::Arc};

/// Where recordings are read from.
fn disk() -> Arc<dyn Files> {
    Arc::new(Local)
}

pub(crate) fn test(args: &Test) -> anyhow::Result<ExitCode> {
    let mut given = args.config.clone();
    if let Some(device) = &args.device {
        choice(device)?;
        given.set.push(format!("FINETUNE.device={device}"));
    }
    let (opened, experiment) = config::open_valid(&given, &Local, Mode::Data)?;
    let data = &experiment.data;
    if data.tests.is_empty() && data.labelling.is_none() {
        bail!(
            "{}: there is nothing to test on: name databases in `[DATA] tests`, for instance `tests = ['mytest']`, \
             or one to be labelled in `label_data`",
            args.config.config.display()
        );
    }
    if experiment.folds == Some(Folds::Databases) {
        bail!(
            "`databases` of [EXP] tests the model of each database on each other one already; to test one further, name \
             its database in `databases` of [DATA], under another `[EXP] name`"
        );
    }
    let layout = Layout::new(&experiment);
    let root = layout.experiment().to_owned();
    if !Path::new(&root).join(layout.identity()).exists() {
        bail!("{root} holds no experiment yet: `voxtune run` comes first");
    }
    let folder = Folder::create(&root)?;
    if let Some(identity) = Identity::read(&folder, &layout)? {
        let other = identity.config_differences(&experiment, &opened.checked.settings);
        if !other.is_empty() {
            bail!(
                "the models in {root} were trained with another configuration:\n  {}",
                other.join("\n  ")
            );
        }
    }
    let trained = finished(&experiment, &layout, &folder)?;
    let (device, info) = pollster::block_on(open_device(experiment.tuning.device))?;
    let log = EventLog::new(&root, &experiment.name);
    let show = Progress::new();
    let show = |event: &Event| {
        log.take(event);
        if args.json || matches!(event, Event::Warning { .. }) {
            show.take(event, args.json);
        }
    };
    let bench = Bench {
        experiment: &experiment,
        text: &opened.text,
        layout: &layout,
        folder: &folder,
        device: &device,
        device_name: &info.name,
        show: &show,
        json: args.json,
    };
    for database in &data.tests {
        bench.test(database, &trained)?;
    }
    if let Some(labelling) = &data.labelling {
        bench.label(labelling, best(&trained))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The records of the runs that have finished; the others are named.
fn finished(
    experiment: &Experiment,
    layout: &Layout,
    folder: &Folder,
) -> anyhow::Result<Vec<Manifest>> {
    let mut found = Vec::new();
    for run in 0..experiment.runs {
        let path = layout.manifest(run);
        let record = folder
            .read(&path)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Manifest>(&bytes).ok());
        match record {
            Some(record) if record.status == Status::Finished => found.push(record),
            _ => errln!(
                "warning: run {run} has not finished, and is left out; `voxtune run` goes on with it"
            ),
        }
    }
    if found.is_empty() {
        bail!(
            "no run in {} has finished: `voxtune run` comes first",
            layout.experiment()
        );
    }
    Ok(found)
}

/// The run with the best figure on the part that its checkpoint was chosen on.
fn best(trained: &[Manifest]) -> &Manifest {
    let value = |record: &Manifest| {
        let part = record.selection.selected_on?;
        let value = record.results.get(&part)?;
        value.value(record.selection.measure.word())
    };
    let mut best = &trained[0];
    for record in &trained[1..] {
        let is_better = match (value(record), value(best)) {
            (Some(one), Some(other)) if record.selection.measure.larger_is_better() => one > other,
            (Some(one), Some(other)) => one < other,
            (one, _) => one.is_some(),
        };
        if is_better {
            best = record;
        }
    }
    best
}

/// A model with what it knows of its target.
struct Loaded {
    model: SpeechModel,
    labels: Vec<String>,
    said: Stored,
    evaluator: Evaluator,
}

impl Loaded {
    /// Whether `dataset` was made with the same classes and scale.
    fn fits(&self, dataset: &Dataset) -> bool {
        dataset.bins == self.said.bins && dataset.transform == self.said.transform
    }

    fn known(&self) -> KnownTarget<'_> {
        KnownTarget {
            labels: &self.labels,
            transform: &self.said.transform,
            bins: self.said.bins.as_ref(),
        }
    }
}

/// What all tests have in common.
struct Bench<'a> {
    experiment: &'a Experiment,
    text: &'a str,
    layout: &'a Layout,
    folder: &'a Folder,
    device: &'a Device,
    device_name: &'a str,
    show: &'a dyn Fn(&Event),
    json: bool,
}

impl Bench<'_> {
    /// The model of a run, or of a fold of it.
    fn load(&self, run: u32, fold: Option<FoldNumber>) -> anyhow::Result<Loaded> {
        let model = self.layout.best_model(run);
        let path = match fold {
            Some(fold) => self.folder.path(&self.layout.fold(fold.fold)).join(model),
            None => self.folder.path(&model),
        };
        let checkpoint = model::open(&path)?;
        let config = &checkpoint.config;
        let said = stored(config);
        let labels = config.labels()?.unwrap_or_default();
        let data = &self.experiment.data;
        let is_binned = !labels.is_empty() && (data.continuous || data.bins.is_some());
        if is_binned && said.bins.is_none() {
            bail!(
                "{} does not say where its classes begin and end, since an older voxtune wrote it: train it again",
                path.display()
            );
        }
        let model = model::load(&checkpoint, self.device)?;
        let tuning = &self.experiment.tuning;
        let evaluator = Evaluator {
            batch_size: tuning.batch_size,
            max_duration: said.max_duration.unwrap_or(tuning.max_duration),
            windows: said.eval_windows.unwrap_or(tuning.eval_windows),
            extractor: model::extractor(&checkpoint)?,
        };
        Ok(Loaded {
            model,
            labels,
            said,
            evaluator,
        })
    }

    /// Tests all runs on `database`, and writes the results into a folder of its own.
    fn test(&self, database: &DatabaseConfig, trained: &[Manifest]) -> anyhow::Result<()> {
        let below = self.layout.tested(&database.name);
        let mut experiment = Experiment {
            name: format!("{}/{below}", self.experiment.name),
            ..self.experiment.clone()
        };
        experiment.data.databases = vec![database.clone()];
        // With folds, what they say together.
        experiment.folds = None;
        let output = Below::new(self.folder, below.clone());
        let mut tested: Vec<Manifest> = Vec::new();
        let mut data: Option<Dataset> = None;
        for record in trained {
            let mut sets = Vec::new();
            let mut together = None;
            for fold in folds(record) {
                let loaded = self.load(record.run, fold)?;
                // All runs have the same split, so the same classes; of folds, each has its own scale.
                if data.as_ref().is_none_or(|data| !loaded.fits(data)) {
                    let bar = progress::counter(0, "files");
                    let mut tick = tick(&bar);
                    let known = loaded.known();
                    let dataset = data::load_test(&experiment, database, known, &Local, &mut tick)?;
                    bar.finish_and_clear();
                    if data.is_none() {
                        self.tell(database, &dataset);
                    }
                    data = Some(dataset);
                }
                let Some(dataset) = &data else { continue };
                if dataset.labels != loaded.labels {
                    bail!("run {} has other classes than the first one", record.run);
                }
                let world = world(
                    &disk(),
                    dataset,
                    loaded.evaluator.max_duration,
                    &Augmentation::default(),
                    self.show,
                );
                let bar = progress::counter(dataset.test.len() as u64, "clips");
                let mut tick = |clips: usize| bar.inc(clips as u64);
                let Some(fold) = fold else {
                    let trial = self.trial(&experiment, dataset, &loaded, &world, &output);
                    let manifest = pollster::block_on(trial.run(record, &mut tick))?;
                    bar.finish_and_clear();
                    tested.push(manifest);
                    continue;
                };
                let inner = self.layout.fold(fold.fold);
                let own = Experiment {
                    name: format!("{}/{inner}", experiment.name),
                    ..experiment.clone()
                };
                let own_output = Below::new(&output, inner);
                let trial = self.trial(&own, dataset, &loaded, &world, &own_output);
                let begun = world.now();
                let set = pollster::block_on(trial.predictions(&mut tick))?;
                bar.finish_and_clear();
                sets.push(set.clone());
                let of_fold = Manifest {
                    fold: Some(fold),
                    ..record.clone()
                };
                trial.write(&of_fold, set, begun)?;
                if sets.len() < record.folds.len() {
                    continue;
                }
                let Some(mean) = PredictionSet::mean(&sets) else {
                    bail!(
                        "the folds of run {} say something of different rows",
                        record.run
                    );
                };
                let trial = self.trial(&experiment, dataset, &loaded, &world, &output);
                together = Some(trial.write(record, mean, begun)?);
            }
            tested.extend(together);
        }
        for (path, bytes) in experiment_files(&experiment, &tested)? {
            output
                .write(&path, &bytes)
                .with_context(|| format!("cannot write {path}"))?;
        }
        if !self.json {
            for manifest in &tested {
                let summaries: Vec<_> = manifest.results.values().collect();
                outln!(
                    "{}, run {} of {}",
                    database.name,
                    manifest.run + 1,
                    manifest.runs
                );
                outln!("{}", result_table(&summaries));
            }
            if tested.len() > 1 {
                outln!("{}", runs_text(&RunsSummary::of(&tested)));
            }
            outln!("everything is in {}/{below}\n", self.layout.experiment());
        }
        Ok(())
    }

    fn trial<'t>(
        &'t self,
        experiment: &'t Experiment,
        dataset: &'t Dataset,
        loaded: &'t Loaded,
        world: &'t World<'t>,
        output: &'t dyn Output,
    ) -> Trial<'t> {
        Trial {
            experiment,
            text: self.text,
            dataset,
            model: &loaded.model,
            evaluator: &loaded.evaluator,
            device: self.device,
            device_name: self.device_name,
            world,
            output,
        }
    }

    /// What became of the rows of a database.
    fn tell(&self, database: &DatabaseConfig, dataset: &Dataset) {
        let report = &dataset.report;
        (self.show)(&Event::Data {
            rows: report.rows,
            used: report.used(),
            dropped: report.dropped.clone(),
        });
        if self.json {
            return;
        }
        errln!(
            "{}: {} rows, {} used, {} dropped",
            database.name,
            report.rows,
            report.used(),
            report.rows - report.used()
        );
        for dropped in &report.dropped {
            let example = dropped.examples.first().map_or("", String::as_str);
            errln!(
                "  dropped: {} x {}, for instance {example}",
                dropped.count,
                dropped.reason.text()
            );
        }
        for warning in &report.warnings {
            errln!("warning: {warning}");
        }
    }

    /// Labels the rows of a database with the model of a run.
    fn label(&self, labelling: &Labelling, record: &Manifest) -> anyhow::Result<()> {
        let database = &labelling.database;
        let mut data: Option<Dataset> = None;
        let mut sets = Vec::new();
        for fold in folds(record) {
            let loaded = self.load(record.run, fold)?;
            if data.as_ref().is_none_or(|data| !loaded.fits(data)) {
                let bar = progress::counter(0, "files");
                let mut tick = tick(&bar);
                let known = loaded.known();
                let found =
                    data::load_unlabelled(self.experiment, database, known, &Local, &mut tick)?;
                bar.finish_and_clear();
                if data.is_none() {
                    self.tell(database, &found);
                }
                // Rows without a label have no class to be checked against.
                let labels = loaded.labels.clone();
                data = Some(Dataset { labels, ..found });
            }
            let Some(dataset) = &data else { continue };
            let world = world(
                &disk(),
                dataset,
                loaded.evaluator.max_duration,
                &Augmentation::default(),
                self.show,
            );
            let trial = self.trial(self.experiment, dataset, &loaded, &world, self.folder);
            let bar = progress::counter(dataset.test.len() as u64, "clips");
            let tell = &mut |clips| bar.inc(clips as u64);
            sets.push(pollster::block_on(trial.predictions(tell))?);
            bar.finish_and_clear();
        }
        let Some(set) = PredictionSet::mean(&sets) else {
            bail!(
                "the folds of run {} say something of different rows",
                record.run
            );
        };
        let path = &labelling.result;
        fs::write(path, predictions_csv(&set)?).with_context(|| format!("cannot write {path}"))?;
        errln!(
            "{} rows of {} were labelled by run {}: {path}",
            set.predictions.len(),
            database.name,
            record.run
        );
        Ok(())
    }
}

/// The folds of a run, or nothing where there are none: each has a model.
fn folds(record: &Manifest) -> Vec<Option<FoldNumber>> {
    let folds = u32::try_from(record.folds.len()).unwrap_or(u32::MAX);
    match folds {
        0 => vec![None],
        _ => (0..folds)
            .map(|fold| Some(FoldNumber { fold, folds }))
            .collect(),
    }
}

/// Moves a bar.
fn tick(bar: &indicatif::ProgressBar) -> impl FnMut(usize, usize) + '_ {
    |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    }
}
