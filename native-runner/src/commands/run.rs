//! `voxtune run`

use super::{config, dataset, devices::choice};
use crate::failure::ExitCode;
use crate::{
    cli,
    event_log::EventLog,
    failure::{FAILED, INTERRUPTED},
    folder::Folder,
    hub::{self, Need, Publisher, Target},
    job,
    local::Local,
    memory,
    progress::{Progress, print_event},
    world::{is_stopping, watch_ctrl_c, world},
};
use anyhow::{Context, bail};
use shared::{
    config::{Experiment, Mode, Origin, Setting},
    data::{Dataset, folds_report},
    estimate::{Estimate, Load},
    files::{Disk, Files},
    protocol::{Event, Status},
    report::{Layout, Manifest, RunsSummary, cross_text, folds_text, result_table},
    run::{Finished, Output, RunError, Start, Undertaking},
    train::{Room, Store, Surroundings, TrainError, open_device},
};
use std::{cell::Cell, fs, path::Path, sync::Arc};

/// What may be kept of what is computed once a clip.
const ROOM: Room = Room {
    memory: 2 << 30,
    file: 16 << 30,
};

/// An experiment to be run.
pub(crate) struct Run {
    /// The INI and what changes it.
    pub(crate) config: cli::Config,
    /// The device, instead of the INI's.
    pub(crate) device: Option<String>,
    /// Only say what would be done.
    pub(crate) dry_run: bool,
    /// Print events instead of the progress bar.
    pub(crate) json: bool,
    /// Begin anew where there are results.
    pub(crate) force: bool,
    /// Where data and models come from.
    pub(crate) files: Arc<dyn Files>,
}

/// Carries the command out. With `--json` the last event is always `ended`, and says what was wrong.
pub(crate) fn run(args: &cli::Run) -> anyhow::Result<ExitCode> {
    let config = match (&args.config, &args.job) {
        (_, Some(job)) => return job::run(job, args.attempt),
        (Some(config), None) => config.clone(),
        (None, None) => bail!("give an INI, or --job DIR"),
    };
    let given = Run {
        config: cli::Config {
            config,
            set: args.set.clone(),
        },
        device: args.device.clone(),
        dry_run: args.dry_run,
        json: args.json,
        force: args.force,
        files: Arc::new(Local),
    };
    let ended = Cell::new(false);
    let done = carry_out(&given, &|event| {
        ended.set(matches!(event, Event::Ended { error: Some(_), .. }));
    });
    if let Err(error) = &done
        && args.json
        && !args.dry_run
        && !ended.get()
    {
        print_event(&Event::Ended {
            run: 0,
            status: Status::Failed,
            error: Some(format!("{error:#}")),
            stopped_early: false,
            optimistic: false,
            best_step: None,
            best_epoch: None,
            seconds: 0.0,
            folder: None,
        });
    }
    Ok(match done? {
        Status::Finished => ExitCode::SUCCESS,
        Status::Interrupted => INTERRUPTED.into(),
        Status::Failed => FAILED.into(),
    })
}

/// Runs an experiment; `observe` gets every event.
pub(crate) fn carry_out(args: &Run, observe: &dyn Fn(&Event)) -> anyhow::Result<Status> {
    let mut given = args.config.clone();
    if let Some(device) = &args.device {
        choice(device)?;
        given.set.push(format!("FINETUNE.device={device}"));
    }
    let files = &args.files;
    let (opened, experiment) = config::open_valid(&given, &**files, Mode::Run)?;
    let cache = Layout::new(&experiment).split_cache();
    let stored = || {
        let root = Layout::new(&experiment).experiment().to_owned();
        fs::read(Path::new(&root).join(&cache)).ok()
    };
    let stored = (!experiment.data.no_reuse).then(stored).flatten();
    let loaded = dataset::load_or_reuse(&experiment, &**files, stored.as_deref())?;
    let datasets = loaded.datasets;
    let progress = Progress::new();
    let show = |event: &Event| {
        observe(event);
        progress.take(event, args.json);
    };
    let need = if experiment.tuning.from_scratch {
        Need::Description
    } else {
        Need::Weights
    };
    let model = hub::locate(&experiment.tuning.pretrained_model, need, &**files, &show)?;
    // What came from the hub lies in this machine's cache.
    let shelf: &dyn Files = if model.revision.is_some() {
        &Disk
    } else {
        &**files
    };
    let start = Start::open_at(&experiment, &model.folder, model.revision, shelf)?;
    let (device, info) = pollster::block_on(open_device(experiment.tuning.device))?;
    let needed = Estimate::of(&start.config, &Load::of(&experiment));
    let fit = (info.id == "cpu")
        .then(|| memory::fit(&start.config, &experiment))
        .flatten();
    if args.dry_run {
        outln!(
            "memory  about {:.1} GB{}",
            needed.memory() as f64 / 1e9,
            fit.as_ref()
                .map_or_else(String::new, |fit| match fit.advice() {
                    advice if advice.is_empty() => String::new(),
                    advice => format!(" ({advice})"),
                })
        );
        return dry_run(
            &opened.checked.settings,
            &experiment,
            &datasets,
            &start,
            &info.name,
        );
    }
    if let Some(fit) = fit.filter(|fit| !fit.fits) {
        if memory::is_hopeless(&needed) {
            bail!("this does not fit this machine: {}", fit.advice());
        }
        show(&Event::Warning {
            message: fit.advice(),
        });
    }
    let publisher = publisher(&experiment)?;
    watch_ctrl_c()?;

    let root = Layout::new(&experiment).experiment().to_owned();
    let folder = Folder::create(&root)?;
    let log = EventLog::new(&root, &experiment.name);
    let show = &|event: &Event| {
        observe(event);
        log.take(event);
        progress.take(event, args.json);
    };
    let warn = |message: String| show(&Event::Warning { message });
    if let Some(damage) = loaded.damage {
        warn(format!(
            "{root}/{cache} is damaged ({damage}): the split was made anew"
        ));
    }
    if let Some(bytes) = loaded.store
        && let Err(error) = folder.write(&cache, &bytes)
    {
        warn(format!(
            "{root}/{cache}: {error}; the next call makes the split anew"
        ));
    }
    let tuning = &experiment.tuning;
    let clips = |dataset| -> Box<dyn Surroundings> {
        let (longest, changes) = (tuning.max_duration, &tuning.augmentation);
        Box::new(world(files, dataset, longest, changes, show))
    };
    let store = Store::new(ROOM, Some((&folder, Layout::new(&experiment).frozen())));
    let undertaking = Undertaking {
        experiment: &experiment,
        text: &opened.text,
        settings: &opened.checked.settings,
        datasets: &datasets,
        start: &start,
        device: &device,
        device_name: &info.name,
        world: &clips,
        output: &folder,
        store: &store,
        force: args.force,
    };
    let done = pollster::block_on(undertaking.run());
    let finished = match done {
        Ok(finished) => finished,
        // Paths in it are below the folder.
        Err(error @ (RunError::Write { .. } | RunError::Train(TrainError::Keep { .. }))) => {
            return Err(error).with_context(|| format!("the results in {root} are not complete"));
        }
        Err(error) => return Err(error.into()),
    };

    if !args.json {
        if experiment.folds.is_some() {
            out!("{}", folds_end(&experiment, &finished));
        }
        for manifest in &finished.manifests {
            let summaries: Vec<_> = manifest.results.values().collect();
            if experiment.runs > 1 {
                outln!("run {} of {}", manifest.run + 1, experiment.runs);
            }
            if !summaries.is_empty() {
                outln!("{}", result_table(&summaries));
            }
            if let Some(resumed) = manifest.resumed() {
                outln!("{resumed}\n");
            }
        }
        out!("{}", folder.guide(&experiment));
    }
    if let Some(failure) = &finished.failure {
        errln!("error: {failure}");
    } else if finished.status == Status::Finished && is_stopping() {
        errln!("all steps had been made by then: the experiment is complete");
    }
    match &publisher {
        Some(publisher) if finished.status == Status::Finished => {
            let run = best_run(&finished.manifests);
            let model = folder.path(&Layout::new(&experiment).best_model(run));
            push(publisher, &model, &experiment, show)?;
        }
        Some(_) => errln!("warning: the run did not finish, so nothing was uploaded"),
        None => {}
    }
    Ok(finished.status)
}

/// The report of a cross validation, and what is left of it to do.
fn folds_end(experiment: &Experiment, finished: &Finished) -> String {
    let summary = RunsSummary::of(&finished.manifests);
    let mut text = match &summary.folds {
        _ if finished
            .manifests
            .iter()
            .any(|one| !one.databases.is_empty()) =>
        {
            cross_text(&finished.manifests)
        }
        Some(folds) => folds_text(experiment, &summary, folds, &finished.manifests),
        None => {
            "no run has all of its folds yet, so there is no report of them together\n".to_owned()
        }
    };
    let runs = experiment.runs as usize - finished.manifests.len();
    if runs > 0 {
        text += &format!(
            "\n{runs} of {} runs are not complete; the same command goes on with them\n",
            experiment.runs
        );
    }
    text.push('\n');
    text
}

/// The repository for `push_to_hub`, which must be there before the work begins.
fn publisher(experiment: &Experiment) -> anyhow::Result<Option<Publisher>> {
    let tuning = &experiment.tuning;
    if !tuning.push_to_hub {
        return Ok(None);
    }
    let target = Target {
        id: tuning.hub_model_id.as_deref(),
        name: &experiment.name,
        private: tuning.hub_private_repo,
    };
    Ok(Some(Publisher::prepare(&target)?))
}

/// The run whose best state is best; the first one where they cannot be told apart.
pub(crate) fn best_run(manifests: &[Manifest]) -> u32 {
    let value = |manifest: &Manifest| {
        let part = manifest.selection.selected_on?;
        let summary = manifest.results.get(&part)?;
        summary.value(manifest.selection.measure.word())
    };
    let mut best: Option<(u32, f64)> = None;
    for manifest in manifests {
        if let Some(value) = value(manifest)
            && best.is_none_or(|(_, most)| {
                if manifest.selection.measure.larger_is_better() {
                    value > most
                } else {
                    value < most
                }
            })
        {
            best = Some((manifest.run, value));
        }
    }
    best.map_or(0, |(run, _)| run)
}

/// Uploads a run's model. What was trained is on the disk, whatever comes of it.
fn push(
    publisher: &Publisher,
    model: &Path,
    experiment: &Experiment,
    show: &dyn Fn(&Event),
) -> anyhow::Result<()> {
    let summary = format!("{}, fine-tuned with Voxtune", experiment.name);
    publisher.push(model, &summary, show).with_context(|| {
        let public = if experiment.tuning.hub_private_repo {
            ""
        } else {
            " --public"
        };
        format!(
            "the run is finished and its results are on the disk, but the model was not uploaded; `voxtune push {} --to {}{public}` \
             tries that again",
            model.display(),
            publisher.id
        )
    })
}

/// Says what would be done: effective keys, split, parameters.
fn dry_run(
    settings: &[Setting],
    experiment: &Experiment,
    datasets: &[Dataset],
    start: &Start<'_>,
    device: &str,
) -> anyhow::Result<Status> {
    let width = settings
        .iter()
        .map(|s| s.section.len() + s.key.len() + 1)
        .max()
        .unwrap_or(0);
    for setting in settings {
        let name = format!("{}.{}", setting.section, setting.key);
        let origin = match setting.origin {
            Origin::File => "",
            Origin::Alias => "  (by its other name)",
            Origin::Roots => "  (from root_folders)",
            Origin::Default => "  (default)",
        };
        outln!("{name:<width$}  {}{origin}", setting.value);
    }
    let Some(dataset) = datasets.first() else {
        bail!("there is no data");
    };
    if experiment.folds.is_some() {
        outln!("\n{}\nFOLD 0", folds_report(datasets));
    }
    outln!("\n{}", dataset.report);
    let (model, warnings) = start.model(
        experiment,
        dataset,
        experiment.tuning.seed,
        &burn::tensor::Device::flex(),
    )?;
    for warning in start.warnings.iter().chain(&warnings) {
        outln!("warning: {warning}");
    }
    let (parameters, trained) = model.count();
    outln!(
        "model   {}, {} layers of width {}, {:.2} M parameters, of which {:.2} M are trained",
        start.config.family.model_type(),
        start.config.num_hidden_layers,
        start.config.hidden_size,
        parameters as f64 / 1e6,
        trained as f64 / 1e6
    );
    outln!("device  {device}");
    outln!("folder  {}", Layout::new(experiment).experiment());
    Ok(Status::Finished)
}
