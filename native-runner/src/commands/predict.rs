//! `voxtune predict`

use super::{config, devices::choice, model};
use crate::failure::ExitCode;
use crate::{
    cli::{Config, Predict},
    failure::{FAILED, INTERRUPTED, WrongArgument},
    local::Local,
    output,
    predict::{
        Engine, Failed, Options, Outcome, Record, TableFile, from_config, from_inputs, model_hash,
        work, write_plots,
    },
    serve::Sight,
    world,
};
use anyhow::{Context, bail};
use serde_json::Value;
use shared::{
    checkpoint::Checkpoint,
    config::{Experiment, Mode},
    predict::Rows,
    report::{Layout, Prediction, PredictionTable},
    run::{Stored, stored},
    train::{Evaluator, open_device},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Failures that are printed; the record has all of them.
const SHOWN: usize = 100;
/// Shortest window and hop, in seconds.
const SHORTEST: f64 = 0.025;

pub(crate) fn predict(args: &Predict) -> anyhow::Result<ExitCode> {
    check(args)?;
    let experiment = args
        .config
        .as_ref()
        .map(|path| {
            let config = Config {
                config: path.clone(),
                set: args.set.clone(),
            };
            config::open_valid(&config, &Local, Mode::Data)
                .map(|(_, experiment)| (config, experiment))
        })
        .transpose()?;
    let folder = match (&args.model, &experiment) {
        (Some(model), _) => model.clone(),
        (None, Some((_, experiment))) => own_model(experiment)?,
        (None, None) => bail!("--model is missing"),
    };
    let checkpoint = model::open(&folder)?;
    let said = stored(&checkpoint.config);
    let options = options(args, &said);
    let (engine, hash) = engine(args, &checkpoint, &said, options)?;

    let mut found = match &experiment {
        Some((config, experiment)) => from_config(
            &*engine.files,
            config,
            experiment,
            args.part,
            &engine.labels,
        )?,
        None => from_inputs(&*engine.files, &args.inputs)?,
    };
    if let Some(hop) = options.hop {
        found.rows = found.rows.timeline(options.max_duration, hop);
    }
    let times = |at: fn((f64, f64)) -> f64| -> Vec<Option<f64>> {
        let rows = 0..found.rows.len();
        rows.map(|row| Some(at(found.rows.times(row)))).collect()
    };
    let table = PredictionTable::new(&engine.labels, &times(|t| t.0), &times(|t| t.1))
        .with_values(&engine.values);

    world::watch_ctrl_c()?;
    let Some(out) = &args.out else {
        show(&found.failed);
        output::rows(&table.header()?)?;
        let outcome = work(&engine, &found.rows, &mut |predictions| {
            output::rows(&table.rows(predictions)?)
        })?;
        show(&outcome.failed);
        return Ok(status(&outcome, &found.failed));
    };
    let record = Record::new(
        folder.display().to_string(),
        hash,
        options,
        found.inputs,
        table,
        found.rows.len(),
    );
    let target = checkpoint.config.raw("finetuning_task");
    let target = target.and_then(Value::as_str).unwrap_or("value").to_owned();
    show(&found.failed);
    to_file(
        args,
        out,
        &engine,
        found.rows,
        record,
        found.failed,
        &target,
    )
}

/// What options say that cannot be.
fn check(args: &Predict) -> anyhow::Result<()> {
    let least = |name: &str, value: Option<f64>| match value {
        Some(value) if !(value.is_finite() && value >= SHORTEST) => Err(WrongArgument(format!(
            "{name} {value}: seconds, at least {SHORTEST}"
        ))),
        _ => Ok(()),
    };
    least("--window", args.window)?;
    least("--hop", args.hop)?;
    least("--max-duration", args.max_duration)?;
    Ok(())
}

/// The model of an experiment's first run.
fn own_model(experiment: &Experiment) -> anyhow::Result<PathBuf> {
    let layout = Layout::new(experiment);
    let folder = Path::new(layout.experiment()).join(layout.best_model(0));
    if !folder.is_dir() {
        bail!(
            "{} is not there: `voxtune run` has not made a model of this experiment yet; name one with --model",
            folder.display()
        );
    }
    errln!("the model is {}", folder.display());
    Ok(folder)
}

/// How recordings are put to the model: as asked, else as it was evaluated.
fn options(args: &Predict, said: &Stored) -> Options {
    match args.window {
        Some(window) => Options {
            max_duration: window,
            windows: 1,
            hop: Some(args.hop.unwrap_or(window)),
        },
        None => Options {
            max_duration: args.max_duration.or(said.max_duration).unwrap_or(8.0),
            windows: args.windows.or(said.eval_windows).unwrap_or(1).max(1),
            hop: None,
        },
    }
}

/// Loads the model; its hash is only computed where a table is written.
fn engine(
    args: &Predict,
    checkpoint: &Checkpoint<'_>,
    said: &Stored,
    options: Options,
) -> anyhow::Result<(Engine, String)> {
    let mut engine = prepare(checkpoint, said, options, &args.device, args.batch_size)?;
    if let Some(sight) = &args.sight {
        engine.files = Arc::new(Sight::read(sight)?);
    }
    let hash = match args.out {
        Some(_) => model_hash(checkpoint, &engine.evaluator.extractor)?,
        None => String::new(),
    };
    Ok((engine, hash))
}

/// A model on a device, ready to predict what lies on the disk.
pub(super) fn prepare(
    checkpoint: &Checkpoint<'_>,
    said: &Stored,
    options: Options,
    device: &str,
    batch_size: usize,
) -> anyhow::Result<Engine> {
    let config = &checkpoint.config;
    let (device, _) = pollster::block_on(open_device(choice(device)?))?;
    let model = model::load(checkpoint, &device)?;
    Ok(Engine {
        model,
        files: Arc::new(Local),
        evaluator: Evaluator {
            batch_size: batch_size.max(1),
            max_duration: options.max_duration,
            windows: options.windows,
            extractor: model::extractor(checkpoint)?,
        },
        device,
        labels: config.labels()?.unwrap_or_default(),
        values: config
            .value_names()
            .filter(|names| names.len() > 1)
            .unwrap_or_default(),
        transform: said.transform.clone(),
    })
}

/// Writes the table and its record, from the beginning or from where they are.
fn to_file(
    args: &Predict,
    out: &Path,
    engine: &Engine,
    all: Rows,
    mut record: Record,
    mut failed: Vec<Failed>,
    target: &str,
) -> anyhow::Result<ExitCode> {
    let mut file = TableFile::open(out)?;
    let old = Record::read(out)?;
    let mut rows = all.clone();
    let mut kept = 0;
    match old {
        Some(old) if args.resume => {
            let differences = old.differences(&record);
            if !differences.is_empty() {
                bail!(
                    "{} was begun otherwise, so it is not gone on with:\n  {}\nmake it as before, or choose another --out",
                    out.display(),
                    differences.join("\n  ")
                );
            }
            record.table = old.table;
            let mut done = file.heal(&record.table.columns())?;
            rows.retain(|row| {
                let (start, end) = all.times(row);
                let key = record
                    .table
                    .key(&all.utterances[row].name, start, Some(end));
                match done.get_mut(&key) {
                    Some(count) if *count > 0 => {
                        *count -= 1;
                        false
                    }
                    _ => true,
                }
            });
            kept = all.len() - rows.len();
            if kept > 0 {
                errln!("{kept} of {} predictions are there already", all.len());
            }
        }
        Some(old) if !old.finished && !file.is_empty()? => bail!(
            "{} is a prediction that was broken off: --resume goes on with it; or remove it, or choose another --out",
            out.display()
        ),
        None if args.resume && !file.is_empty()? => bail!(
            "{} is not there, so it is not known what {} was made with; choose another --out, or remove it",
            Record::path(out).display(),
            out.display()
        ),
        _ => {}
    }
    if kept == 0 {
        // Before the record: rows of an older table must never stand under a newer record.
        file.clear()?;
        record.write(out)?;
        file.append(&record.table.header()?)?;
    }
    let outcome = work(engine, &rows, &mut |predictions: &[Prediction]| {
        file.append(&record.table.rows(predictions)?)
    })?;
    show(&outcome.failed);
    let code = status(&outcome, &failed);
    let count = kept + outcome.predicted;
    if outcome.stopped {
        errln!(
            "interrupted: {count} of {} predictions are in {}; the same call with --resume goes on",
            all.len(),
            out.display()
        );
        return Ok(code);
    }
    failed.extend(outcome.failed);
    record.failed = failed;
    record.finished = true;
    record.write(out)?;
    errln!("{count} predictions in {}", out.display());
    if let Some(folder) = &args.plots {
        let table = file.read()?;
        let drawn = write_plots(folder, &record.table, &table, &all, target)
            .context("the table is written, but its plots are not")?;
        errln!("{drawn} recordings are drawn in {}", folder.display());
    }
    Ok(code)
}

/// Names what has no prediction.
fn show(failed: &[Failed]) {
    for Failed { what, reason } in failed.iter().take(SHOWN) {
        errln!("warning: {what}: left out: {reason}");
    }
    if let Some(more) = failed.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        errln!("warning: and {more} others");
    }
}

/// The exit status, and how many failed in words.
fn status(outcome: &Outcome, before: &[Failed]) -> ExitCode {
    let failed = outcome.failed.len() + before.len();
    if failed > 0 {
        errln!("{failed} could not be predicted");
    }
    if outcome.stopped {
        INTERRUPTED.into()
    } else if failed > 0 {
        FAILED.into()
    } else {
        ExitCode::SUCCESS
    }
}
