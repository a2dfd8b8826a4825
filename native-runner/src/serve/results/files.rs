//! The files of a job's run, one by one.

use super::{serve_file::serve_file, walk};
use crate::serve::{Problem, extract::Path, jobs, state::AppState, time, users::User};
use axum::{Json, extract::State, http::HeaderMap, response::Response};
use shared::protocol::{Artefact, ArtefactKind, Artefacts};
use std::path::Path as FilePath;
use tokio::task::spawn_blocking;

/// The files of a job's run, by path.
pub(super) async fn list(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
) -> Result<Json<Artefacts>, Problem> {
    let job = jobs::get(&state, &user, &id).await?;
    let run = jobs::folder(&state.settings, &job.id).run();
    let files = spawn_blocking(move || all(&run)).await;
    let files = files.map_err(Problem::internal)?;
    let bytes = files.iter().map(|file| file.size).sum();
    Ok(Json(Artefacts { files, bytes }))
}

/// The files below `run`, by path. Those that are still being written are left out.
pub(super) fn all(run: &FilePath) -> Vec<Artefact> {
    let mut files = Vec::new();
    walk(run, super::DEPTH, &mut |path, meta| {
        let Some(inner) = path.strip_prefix(run).ok().and_then(FilePath::to_str) else {
            return;
        };
        if inner.ends_with(".part") || inner.ends_with("/.lock") {
            return;
        }
        files.push(Artefact {
            path: inner.replace('\\', "/"),
            kind: kind(inner),
            size: meta.len(),
            modified: meta.modified().ok().map(time::text),
        });
    });
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// What a file is, by its place and name.
fn kind(path: &str) -> ArtefactKind {
    let folders: Vec<&str> = path.split(['/', '\\']).collect();
    let name = folders.last().copied().unwrap_or_default();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let below = |folder: &str| folders.iter().rev().skip(1).any(|name| *name == folder);
    if folders
        .iter()
        .any(|name| name.starts_with("ckpt-") || *name == "checkpoints")
    {
        ArtefactKind::Checkpoint
    } else if below("torch") {
        ArtefactKind::Model
    } else if name == "run.json" {
        ArtefactKind::Record
    } else {
        match extension {
            "svg" | "png" => ArtefactKind::Plot,
            "csv" => ArtefactKind::Table,
            "log" => ArtefactKind::Log,
            "ini" => ArtefactKind::Experiment,
            "txt" | "md" | "json" => ArtefactKind::Text,
            _ => ArtefactKind::Other,
        }
    }
}

/// One file of a job's run.
pub(super) async fn file(
    State(state): State<AppState>,
    user: User,
    Path((id, path)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let job = jobs::get(&state, &user, &id).await?;
    let run = jobs::folder(&state.settings, &job.id).run();
    let found = spawn_blocking(move || {
        // Only what the list has: whatever stands in the path, it cannot name anything else.
        let listed = all(&run).into_iter().find(|file| file.path == path);
        listed
            .map(|file| run.join(file.path))
            .ok_or_else(|| Problem::not_found("file", &path))
    });
    let place = found.await.map_err(Problem::internal)??;
    serve_file(&place, media_type(&place), &headers).await
}

/// What a job's process printed.
pub(super) async fn log(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let job = jobs::get(&state, &user, &id).await?;
    let place = jobs::folder(&state.settings, &job.id).log();
    serve_file(&place, "text/plain; charset=utf-8", &headers).await
}

/// The media type of a file. What a browser would run is never told as what it is: an SVG is only
/// ever an image of the page, and pages may not be framed or sniffed.
fn media_type(path: &FilePath) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("csv") => "text/csv; charset=utf-8",
        Some("json") => "application/json",
        Some("txt" | "log" | "ini" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_place_and_name() {
        for (path, expected) in [
            (
                "tones/models/run_0/torch/model.safetensors",
                ArtefactKind::Model,
            ),
            ("tones/models/run_0/torch/config.json", ArtefactKind::Model),
            (
                "tones/models/run_0/ckpt-12/state.json",
                ArtefactKind::Checkpoint,
            ),
            ("tones/results/run_0/run.json", ArtefactKind::Record),
            ("tones/results/run_0/predictions.csv", ArtefactKind::Table),
            ("tones/images/run_0/confusion.svg", ArtefactKind::Plot),
            ("tones/log/tones.log", ArtefactKind::Log),
            ("tones/x", ArtefactKind::Other),
        ] {
            assert_eq!(kind(path), expected, "{path}");
        }
    }
}
