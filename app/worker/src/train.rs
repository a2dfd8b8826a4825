//! A job from its text to its files, by the same steps as `voxtune run`.

use crate::{
    browser::heap,
    host::{self, Tab},
    message::{post, post_with},
    room,
    shelf::Shelf,
};
use between::Blobs;
use shared::{
    checkpoint::Description,
    config::{self, DeviceChoice, Experiment, Mode, diagnostics::Severity},
    data,
    estimate::Fit,
    files::Files,
    protocol::{
        FailureKind, Status,
        tab::{FromEngine, TabJob},
    },
    report::Layout,
    run::{Below, Start, Undertaking, World},
    train::{Room, Store, Surroundings, open_device},
};
use std::{cell::Cell, error::Error, io, sync::Arc};

/// What may be kept of what is computed once a clip: all addresses are 4 GB, and a file's end is one.
const ROOM: Room = Room {
    memory: 512 << 20,
    file: 2 << 30,
};
/// Seconds between two messages of how far the recordings were looked into.
const OFTEN: f64 = 0.2;

/// How a job ended that did not finish.
pub(crate) struct Failed {
    kind: FailureKind,
    message: String,
}

impl Failed {
    fn config(message: String) -> Self {
        Self {
            kind: FailureKind::Config,
            message,
        }
    }

    fn run(error: impl Error + 'static) -> Self {
        Self {
            kind: kind(&error),
            message: error.to_string(),
        }
    }
}

/// What kind of failure an error is, by what is at its bottom.
fn kind(error: &(dyn Error + 'static)) -> FailureKind {
    let (mut next, mut found) = (Some(error), None);
    while let Some(cause) = next {
        found = cause
            .downcast_ref()
            .map_or(found, |error: &io::Error| Some(error.kind()));
        next = cause.source();
    }
    match found {
        Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => FailureKind::Disk,
        Some(io::ErrorKind::OutOfMemory) => FailureKind::Memory,
        _ => FailureKind::Run,
    }
}

/// Carries a job out, and tells how it ended.
pub(crate) async fn train(job: TabJob, files: Blobs) {
    host::reset();
    let opened = if job.memory_only {
        Shelf::in_memory(&files).await
    } else {
        Shelf::open(&job.id, &files).await
    };
    let outcome = match opened {
        Ok(shelf) => {
            let outcome = carry_out(&job, files, shelf).await;
            let settled = shelf.refill().await;
            match (outcome, settled) {
                (Ok((Status::Finished, ..)), Err(error)) => Err(Failed {
                    kind: FailureKind::Disk,
                    message: format!("results cannot be kept: {error}"),
                }),
                (outcome, _) => outcome,
            }
        }
        Err(error) => Err(Failed {
            kind: FailureKind::Disk,
            message: format!("the files of this run cannot be opened: {error}"),
        }),
    };
    let kept = Shelf.unkept();
    Shelf::close().await;
    let (status, failure, message) = match outcome {
        Ok(ended) => ended,
        Err(Failed { kind, message }) => (Status::Failed, Some(kind), Some(message)),
    };
    let ended = FromEngine::Ended {
        status,
        failure,
        message,
        heap: heap(),
    };
    post_with(&ended, &kept);
}

async fn carry_out(
    job: &TabJob,
    files: Blobs,
    shelf: Shelf,
) -> Result<(Status, Option<FailureKind>, Option<String>), Failed> {
    let files: Arc<dyn Files> = Arc::new(files);
    let mut checked = config::check_in(&job.text, "", &*files, Mode::Run);
    let Some(experiment) = checked.experiment.take() else {
        let errors: Vec<String> = checked
            .diagnostics
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| finding.message.clone())
            .collect();
        return Err(Failed::config(errors.join("; ")));
    };
    let folder = &experiment.tuning.pretrained_model;
    if !files.is_folder(folder) {
        return Err(Failed::config(format!(
            "the model `{folder}` is no folder that this tab was given: give it the model's folder, or get it from the hub, both \
             at the top, under where training runs; or train on a runner, which fetches models from the hub"
        )));
    }
    let device = match job.device.as_str() {
        "cpu" => DeviceChoice::Cpu,
        _ => DeviceChoice::Auto,
    };
    fits(&experiment, device, &*files).await?;
    let last = Cell::new(0.0);
    let tab = Tab { shelf };
    let mut tick = |done: usize, all: usize| {
        let now = crate::browser::seconds();
        if now - last.get() >= OFTEN || done == all {
            last.set(now);
            post(&FromEngine::Looking { done, all });
        }
    };
    let datasets = data::load_all(&experiment, &*files, &mut tick).map_err(Failed::config_of)?;
    let start = Start::open_at(&experiment, folder, None, &*files).map_err(Failed::run)?;
    let (device, info) = open_device(device).await.map_err(Failed::run)?;
    let root = Layout::new(&experiment).experiment().to_owned();
    let name = root.rsplit('/').next().unwrap_or(&root).to_owned();
    let output = Below::new(&shelf, name);
    let tuning = &experiment.tuning;
    let world = |dataset| -> Box<dyn Surroundings> {
        let (longest, changes) = (tuning.max_duration, &tuning.augmentation);
        Box::new(World::of(&files, dataset, longest, changes, 0, tab))
    };
    let store = Store::new(ROOM, Some((&output, Layout::new(&experiment).frozen())));
    let undertaking = Undertaking {
        experiment: &experiment,
        text: &job.text,
        settings: &checked.settings,
        datasets: &datasets,
        start: &start,
        device: &device,
        device_name: &info.name,
        world: &world,
        output: &output,
        store: &store,
        force: false,
    };
    let finished = undertaking.run().await.map_err(Failed::run)?;
    let failure = finished.failure;
    Ok((
        finished.status,
        failure.as_ref().map(|failure| kind(failure)),
        failure.map(|failure| failure.to_string()),
    ))
}

impl Failed {
    fn config_of(error: data::DataError) -> Self {
        Self::config(error.to_string())
    }
}

/// Refuses what has no room in a tab.
async fn fits(
    experiment: &Experiment,
    device: DeviceChoice,
    files: &dyn Files,
) -> Result<(), Failed> {
    let folder = &experiment.tuning.pretrained_model;
    let Ok(model) = Description::read(files, folder) else {
        // Whoever reads the model says what is wrong with it.
        return Ok(());
    };
    room::ask().await;
    let fit = Fit::of(&model.config, experiment, &room::limits(device));
    if fit.fits {
        return Ok(());
    }
    Err(Failed {
        kind: FailureKind::Memory,
        message: format!(
            "this has no room in a tab: {}; or train on a runner",
            fit.advice()
        ),
    })
}
