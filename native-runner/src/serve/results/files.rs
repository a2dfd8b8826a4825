//! The files of a job's run, one by one.

use super::{serve_file::serve_file, walk};
use crate::serve::{Problem, extract::Path, jobs, state::AppState, time, users::User};
use axum::{Json, extract::State, http::HeaderMap, response::Response};
use shared::protocol::{Artefact, ArtefactKind, Artefacts, media_type};
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
            kind: ArtefactKind::of(inner),
            size: meta.len(),
            modified: meta.modified().ok().map(time::text),
        });
    });
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
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
    serve_file(&place, media_type(&place.to_string_lossy()), &headers).await
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
