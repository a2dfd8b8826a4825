//! `voxtune predict`

use super::{devices::choice, model};
use crate::{cli::Predict, progress, serve::Sight, world::World};
use anyhow::{Context, bail};
use shared::{
    data::{self, Part},
    files::{Disk, Files},
    model::SpeechModel,
    report::{predictions_csv, table_units},
    run::stored,
    train::{Evaluator, Surroundings, open_device, predict as run_model, prediction_set},
};
use std::{fs, io::Write, process::ExitCode, sync::Arc};

pub(crate) fn predict(args: &Predict) -> anyhow::Result<ExitCode> {
    let checkpoint = model::open(&args.model)?;
    if !checkpoint.has_head() {
        bail!(
            "{} has no head to predict with: give a fine-tuned folder, for instance results/exp/models/run_0/torch",
            args.model.display()
        );
    }
    let config = &checkpoint.config;
    let labels = config.labels()?.unwrap_or_default();
    let said = stored(config);
    let (device, _) = pollster::block_on(open_device(choice(&args.device)?))?;
    let (model, report) = SpeechModel::load(
        &checkpoint,
        config,
        &config.head()?,
        config.num_labels()?,
        true,
        0,
        &device,
    )?;
    if !report.head_loaded {
        bail!(
            "{}: the shapes of its head's tensors are not those that config.json tells",
            args.model.display()
        );
    }
    let evaluator = Evaluator {
        batch_size: args.batch_size.max(1),
        max_duration: args.max_duration.or(said.max_duration).unwrap_or(8.0),
        windows: args.windows.or(said.eval_windows).unwrap_or(1),
        extractor: model::extractor(&checkpoint)?,
    };

    let inputs: Vec<String> = args
        .inputs
        .iter()
        .map(|path| {
            path.to_str()
                .map(str::to_owned)
                .with_context(|| format!("{}: the path is not UTF-8", path.display()))
        })
        .collect::<anyhow::Result<_>>()?;
    let bar = progress::counter(0, "files");
    let files: Arc<dyn Files> = match &args.sight {
        Some(sight) => Arc::new(Sight::read(sight)?),
        None => Arc::new(Disk),
    };
    let listing = data::list(&*files, &inputs, &mut |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    })?;
    for dropped in &listing.dropped {
        eprintln!(
            "warning: {} left out: {} ({})",
            dropped.count,
            dropped.reason.text(),
            dropped.examples.join("; ")
        );
    }
    for warning in &listing.warnings {
        eprintln!("warning: {warning}");
    }

    let files: Arc<dyn Files> = Arc::new(Disk);
    let world = World::new(
        &files,
        &[(Part::Test, &listing.utterances)],
        evaluator.max_duration,
        |_| {},
    );
    let clips = world.clips(Part::Test, evaluator.plan(&listing.seconds));
    bar.set_position(0);
    bar.set_message("predicting");
    let mut tick = |clips: usize| bar.inc(clips as u64);
    let logits = pollster::block_on(run_model(
        &model,
        &evaluator,
        &listing.seconds,
        clips,
        &device,
        &mut tick,
    ))?;
    bar.finish_and_clear();
    let mut set = prediction_set(&listing.utterances, &listing.seconds, logits, &labels);
    set.check()?;
    table_units(&mut set, &listing.utterances, &said.transform);
    let table = predictions_csv(&set)?;
    match &args.out {
        Some(path) => {
            fs::write(path, table).with_context(|| format!("cannot write {}", path.display()))?;
            eprintln!(
                "{} predictions in {}",
                set.predictions.len(),
                path.display()
            );
        }
        None => std::io::stdout().write_all(&table)?,
    }
    Ok(if listing.dropped.is_empty() {
        ExitCode::SUCCESS
    } else {
        crate::failure::FAILED.into()
    })
}
