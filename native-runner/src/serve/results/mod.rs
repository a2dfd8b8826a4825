//! What is left of jobs: files, records, comparisons, models that label and are published.

mod archive;
mod compare;
mod files;
mod predict;
mod publish;
mod range;
mod serve_file;

pub(crate) use range::{Wanted, wanted};
pub(crate) use serve_file::serve_file;

use super::{Problem, jobs, route::Routes, state::AppState, users::User};
use shared::{
    protocol::{Job, JobState, ProblemKind, is_set_aside, operations},
    report::Manifest,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What is answered here.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .on(&operations::JOB_LOG, files::log)
        .on(&operations::JOB_FILES, files::list)
        .on(&operations::JOB_FILE, files::file)
        .on(&operations::JOB_ARCHIVE, archive::archive)
        .on(&operations::JOB_RECORDS, compare::records)
        .on(&operations::COMPARE, compare::compare)
        .on(&operations::PREDICT, predict::predict)
        .on(&operations::PREDICT_AUDIO, predict::predict_audio)
        .on(&operations::PUBLISH, publish::publish)
}

/// Folders of a run are searched so many levels deep.
const DEPTH: usize = 24;

/// The records of a job's runs with where they stand, by run.
fn records(run: &Path) -> Vec<(PathBuf, Manifest)> {
    let mut found = Vec::new();
    walk(run, DEPTH, &mut |path, _| {
        if path.file_name().is_some_and(|name| name == "run.json")
            && !is_old(run, path)
            && let Ok(bytes) = fs::read(path)
            && let Ok(manifest) = serde_json::from_slice::<Manifest>(&bytes)
        {
            found.push((path.to_owned(), manifest));
        }
    });
    found.sort_by_key(|(_, manifest)| manifest.run);
    found
}

/// Whether a file belongs to results that were moved aside.
fn is_old(run: &Path, path: &Path) -> bool {
    let inner = path.strip_prefix(run).unwrap_or(path);
    is_set_aside(&inner.to_string_lossy())
}

/// Shows every file below `folder` with what the system says of it; links are passed over.
fn walk(folder: &Path, depth: usize, show: &mut dyn FnMut(&Path, &fs::Metadata)) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        match entry.metadata() {
            Ok(meta) if meta.is_dir() && depth > 0 => walk(&entry.path(), depth - 1, show),
            Ok(meta) if meta.is_file() => show(&entry.path(), &meta),
            _ => {}
        }
    }
}

/// A job that has finished, and where its run is.
pub(crate) async fn finished(
    state: &AppState,
    user: &User,
    id: &str,
) -> Result<(Job, PathBuf), Problem> {
    let job = jobs::get(state, user, id).await?;
    if job.state != JobState::Finished {
        let detail = format!(
            "the job `{}` is {}: only a finished one has a model",
            job.name, job.state
        );
        return Err(Problem::new(ProblemKind::Conflict, detail));
    }
    let run = jobs::folder(&state.settings, &job.id).run();
    Ok((job, run))
}

/// The model folder of a run of a job, and the run's number; without a number that of the best one.
pub(crate) fn model(run: &Path, wanted: Option<u32>) -> Result<(PathBuf, u32), Problem> {
    let records = records(run);
    let number = match wanted {
        Some(number) => number,
        None => {
            let manifests: Vec<Manifest> = records.iter().map(|(_, one)| one.clone()).collect();
            crate::commands::run::best_run(&manifests)
        }
    };
    let mut found = None;
    let wanted = format!("run_{number}");
    walk(run, DEPTH, &mut |path, _| {
        let folder = path.parent().unwrap_or(run);
        let of_run = folder
            .parent()
            .and_then(Path::file_name)
            .is_some_and(|name| name == wanted.as_str());
        if path.file_name().is_some_and(|name| name == "config.json")
            && folder.file_name().is_some_and(|name| name == "torch")
            && of_run
            && !is_old(run, path)
        {
            found = Some(folder.to_owned());
        }
    });
    found.map(|folder| (folder, number)).ok_or_else(|| {
        Problem::new(
            ProblemKind::NotFound,
            format!("there is no model of run {number}"),
        )
    })
}
