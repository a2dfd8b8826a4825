//! `voxtune run`

use super::{config, dataset, devices::choice};
use crate::{
    cli::Run,
    event_log::EventLog,
    failure::{FAILED, INTERRUPTED},
    folder::Folder,
    progress::Progress,
    world::{World, watch_ctrl_c},
};
use anyhow::Context;
use shared::{
    config::{Experiment, Origin, Setting},
    data::{Dataset, Part},
    files::Disk,
    protocol::{Event, Status},
    report::{Layout, result_table},
    run::{Job, RunError, Start},
    train::{Surroundings, TrainError, open_device},
};
use std::{
    cell::Cell,
    io::{self, Write},
    process::ExitCode,
    sync::Once,
};

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
    let (opened, mut experiment) = config::open_valid(&args.config)?;
    if let Some(device) = &args.device {
        experiment.tuning.device = choice(device)?;
    }
    let dataset = dataset::load(&experiment, false)?;
    let start = Start::open(&experiment, &Disk)?;
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
    watch_ctrl_c()?;

    let root = Layout::new(&experiment).experiment().to_owned();
    let folder = Folder::create(&root)?;
    let progress = Progress::new();
    let log = EventLog::new(&root, &experiment.name);
    let show = |event: &Event| {
        ended.set(matches!(event, Event::Ended { error: Some(_), .. }));
        log.take(event);
        if args.json {
            print_event(event);
        } else {
            progress.show(event);
        }
    };
    let parts = [Part::Train, Part::Dev, Part::Test].map(|part| (part, dataset.part(part)));
    let world = World::new(&parts, experiment.tuning.max_duration, show);
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
    Ok(match finished.status {
        Status::Finished => ExitCode::SUCCESS,
        Status::Interrupted => INTERRUPTED.into(),
        Status::Failed => FAILED.into(),
    })
}

/// One line of JSON. Training goes on where nobody can read it any more (a full disk, a reader
/// that has ended).
fn print_event(event: &Event) {
    static COMPLAINED: Once = Once::new();
    let line = serde_json::to_string(event).map_err(io::Error::from);
    if let Err(error) = line.and_then(|line| writeln!(io::stdout().lock(), "{line}")) {
        COMPLAINED.call_once(|| eprintln!("warning: events cannot be written: {error}"));
    }
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
