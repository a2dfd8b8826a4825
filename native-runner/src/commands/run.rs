//! `voxtune run`

use super::{config, dataset, devices::choice};
use crate::{
    cli::Run,
    failure::{FAILED, INTERRUPTED},
    folder::Folder,
    progress::Progress,
    world::{World, watch_ctrl_c},
};
use shared::{
    config::{Experiment, Mode, Origin, Setting},
    data::{Dataset, Part},
    files::Disk,
    protocol::{Event, Status},
    report::{Layout, result_table},
    run::{Job, Start},
    train::open_device,
};
use std::process::ExitCode;

pub(crate) fn run(args: &Run) -> anyhow::Result<ExitCode> {
    let mut given = args.config.clone();
    if let Some(device) = &args.device {
        choice(device)?;
        given.set.push(format!("FINETUNE.device={device}"));
    }
    let (opened, experiment) = config::open_valid(&given, Mode::Run)?;
    let dataset = dataset::load(&experiment, false)?;
    for warning in &dataset.report.warnings {
        eprintln!("warning: {warning}");
    }
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

    let folder = Folder::create(Layout::new(&experiment).experiment())?;
    let progress = Progress::new();
    let show = |event: &Event| {
        if args.json {
            match serde_json::to_string(event) {
                Ok(line) => println!("{line}"),
                Err(error) => eprintln!("an event cannot be written as JSON: {error}"),
            }
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
    };
    let finished = pollster::block_on(job.run())?;

    if !args.json {
        for outcome in &finished.outcomes {
            let summaries: Vec<_> = outcome
                .parts
                .iter()
                .filter_map(|part| part.summary.as_ref())
                .collect();
            if experiment.runs > 1 {
                println!("run {} of {}", outcome.manifest.run + 1, experiment.runs);
            }
            if !summaries.is_empty() {
                println!("{}", result_table(&summaries));
            }
        }
        print!("{}", folder.guide(&experiment));
    }
    if let Some(failure) = &finished.failure {
        eprintln!("error: {failure}");
    }
    Ok(match finished.status {
        Status::Finished => ExitCode::SUCCESS,
        Status::Interrupted => INTERRUPTED.into(),
        Status::Failed => FAILED.into(),
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
