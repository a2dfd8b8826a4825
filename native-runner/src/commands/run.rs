//! `voxtune run`

use super::{config, dataset, devices::choice};
use crate::{
    cli::Run,
    event_log::EventLog,
    failure::{FAILED, INTERRUPTED},
    folder::Folder,
    hub::{self, Need, Publisher, Target},
    progress::{Progress, print_event},
    world::{World, watch_ctrl_c},
};
use anyhow::Context;
use shared::{
    config::{Experiment, Mode, Origin, Setting},
    data::{Dataset, Part},
    files::Disk,
    protocol::{Event, Status},
    report::{Layout, Manifest, result_table},
    run::{Job, RunError, Start},
    train::{Surroundings, TrainError, open_device},
};
use std::{cell::Cell, path::Path, process::ExitCode};

/// Carries the command out. With `--json` the last event is always `ended`, and says what was wrong.
pub(crate) fn run(args: &Run) -> anyhow::Result<ExitCode> {
    let ended = Cell::new(false);
    let done = carry_out(args, &ended);
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
    done
}

/// `ended` becomes true with the event that tells of the end.
fn carry_out(args: &Run, ended: &Cell<bool>) -> anyhow::Result<ExitCode> {
    let mut given = args.config.clone();
    if let Some(device) = &args.device {
        choice(device)?;
        given.set.push(format!("FINETUNE.device={device}"));
    }
    let (opened, experiment) = config::open_valid(&given, Mode::Run)?;
    let dataset = dataset::load(&experiment, true)?;
    let progress = Progress::new();
    let show = |event: &Event| progress.take(event, args.json);
    let need = if experiment.tuning.from_scratch {
        Need::Description
    } else {
        Need::Weights
    };
    let model = hub::locate(&experiment.tuning.pretrained_model, need, &show)?;
    let start = Start::open_at(&experiment, &model.folder, model.revision, &Disk)?;
    let (device, info) = pollster::block_on(open_device(experiment.tuning.device))?;
    if args.dry_run {
        return dry_run(
            &opened.checked.settings,
            &experiment,
            &dataset,
            &start,
            &info.name,
        );
    }
    let publisher = publisher(&experiment)?;
    watch_ctrl_c()?;

    let root = Layout::new(&experiment).experiment().to_owned();
    let folder = Folder::create(&root)?;
    let log = EventLog::new(&root, &experiment.name);
    let show = |event: &Event| {
        ended.set(matches!(event, Event::Ended { error: Some(_), .. }));
        log.take(event);
        progress.take(event, args.json);
    };
    let parts = [Part::Train, Part::Dev, Part::Test].map(|part| (part, dataset.part(part)));
    let world = World::new(
        &parts,
        experiment.tuning.max_duration,
        &experiment.tuning.augmentation,
        show,
    );
    let job = Job {
        experiment: &experiment,
        text: &opened.text,
        dataset: &dataset,
        start: &start,
        device: &device,
        device_name: &info.name,
        world: &world,
        output: &folder,
        settings: &opened.checked.settings,
        force: args.force,
    };
    let finished = match pollster::block_on(job.run()) {
        Ok(finished) => finished,
        // Paths in it are below the folder.
        Err(error @ (RunError::Write { .. } | RunError::Train(TrainError::Keep { .. }))) => {
            return Err(error).with_context(|| format!("the results in {root} are not complete"));
        }
        Err(error) => return Err(error.into()),
    };

    if !args.json {
        for manifest in &finished.manifests {
            let summaries: Vec<_> = manifest.results.values().collect();
            if experiment.runs > 1 {
                println!("run {} of {}", manifest.run + 1, experiment.runs);
            }
            if !summaries.is_empty() {
                println!("{}", result_table(&summaries));
            }
            if let Some(resumed) = manifest.resumed() {
                println!("{resumed}\n");
            }
        }
        print!("{}", folder.guide(&experiment));
    }
    if let Some(failure) = &finished.failure {
        eprintln!("error: {failure}");
    } else if finished.status == Status::Finished && world.stopping() {
        eprintln!("all steps had been made by then: the experiment is complete");
    }
    match &publisher {
        Some(publisher) if finished.status == Status::Finished => {
            let run = best_run(&finished.manifests);
            let model = folder.path(&Layout::new(&experiment).best_model(run));
            push(publisher, &model, &experiment, &show)?;
        }
        Some(_) => eprintln!("warning: the run did not finish, so nothing was uploaded"),
        None => {}
    }
    Ok(match finished.status {
        Status::Finished => ExitCode::SUCCESS,
        Status::Interrupted => INTERRUPTED.into(),
        Status::Failed => FAILED.into(),
    })
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
fn best_run(manifests: &[Manifest]) -> u32 {
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
    dataset: &Dataset,
    start: &Start<'_>,
    device: &str,
) -> anyhow::Result<ExitCode> {
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
        println!("{name:<width$}  {}{origin}", setting.value);
    }
    println!("\n{}", dataset.report);
    let (model, warnings) = start.model(
        experiment,
        dataset,
        experiment.tuning.seed,
        &burn::tensor::Device::flex(),
    )?;
    for warning in start.warnings.iter().chain(&warnings) {
        println!("warning: {warning}");
    }
    let (parameters, trained) = model.count();
    println!(
        "model   {}, {} layers of width {}, {:.2} M parameters, of which {:.2} M are trained",
        start.config.family.model_type(),
        start.config.num_hidden_layers,
        start.config.hidden_size,
        parameters as f64 / 1e6,
        trained as f64 / 1e6
    );
    println!("device  {device}");
    println!("folder  {}", Layout::new(experiment).experiment());
    Ok(ExitCode::SUCCESS)
}
