//! The files of a dataset, as they were sent: a run that goes on elsewhere takes them along.

use super::{Library, dataset::List, datasets::find};
use crate::serve::{Problem, extract::Path, results::serve_file, state::AppState, users::User};
use axum::{Json, extract::State, http::HeaderMap, response::Response};
use shared::protocol::{DatasetContent, DatasetFiles};
use std::{path::PathBuf, sync::Arc};
use tokio::task::spawn_blocking;

/// What lies in it, by path.
pub(super) async fn list(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
) -> Result<Json<DatasetFiles>, Problem> {
    let library = state.library.clone();
    let found = spawn_blocking(move || own(&library, &user.name, &id)).await;
    let (name, list) = found.map_err(Problem::internal)??;
    let files = list
        .files
        .into_iter()
        .map(|(path, content)| DatasetContent {
            path,
            sha256: content.sha256.to_string(),
            size: content.size,
        });
    Ok(Json(DatasetFiles {
        name,
        files: files.collect(),
    }))
}

/// One of its files. Whatever it is, it is told as bytes.
pub(super) async fn file(
    State(state): State<AppState>,
    user: User,
    Path((id, path)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let library = state.library.clone();
    let place = spawn_blocking(move || place(&library, &user.name, &id, &path)).await;
    let place = place.map_err(Problem::internal)??;
    serve_file(&place, "application/octet-stream", &headers).await
}

/// The name and the list of a dataset of the user's.
fn own(library: &Arc<Library>, user: &str, id: &str) -> Result<(String, List), Problem> {
    // The id as the store has it, so that nothing else becomes a path.
    let known = library.store.read_now(|store| find(store, user, id))?;
    let list = List::read(&library.list(&known.id))?;
    Ok((known.name, list))
}

/// Where the content of a file lies. The path is only looked for in the list, and leads nowhere by itself.
fn place(library: &Arc<Library>, user: &str, id: &str, path: &str) -> Result<PathBuf, Problem> {
    let (_, list) = own(library, user, id)?;
    let content = list.files.get(path);
    let content = content.ok_or_else(|| Problem::not_found("file", path))?;
    Ok(library.blobs(user).path(&content.sha256))
}
