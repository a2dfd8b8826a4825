//! Looking around below data roots.

use super::{Library, Sight, demo};
use crate::serve::{
    Problem,
    extract::{Params, Path},
    state::AppState,
    time,
    users::User,
};
use axum::{Json, extract::State};
use serde::Deserialize;
use shared::{
    files::Files,
    protocol::{Entry, EntryKind, Listing, ProblemKind, Root, Roots},
};

/// Entries that are listed of a folder.
const LISTED: usize = 5_000;
/// Endings of recordings.
const AUDIO: &[&str] = &[
    "wav", "wave", "flac", "mp3", "ogg", "oga", "m4a", "mp4", "aac", "aif", "aiff", "aifc", "caf",
    "mp2", "mka",
];

/// The data roots, then the user's datasets, then the demo.
pub(super) async fn roots(
    State(state): State<AppState>,
    user: User,
) -> Result<Json<Roots>, Problem> {
    let mut roots: Vec<Root> = state.library.roots().collect();
    let datasets = state.store.read(move |store| {
        let mut query = store
            .prepare_cached("SELECT id, name FROM datasets WHERE user = ? ORDER BY number DESC")?;
        let rows = query.query_map([&user.name], |row| {
            let id: String = row.get(0)?;
            let path = super::kind::path(&id, "");
            Ok(Root {
                id,
                name: row.get(1)?,
                path,
            })
        })?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?)
    });
    roots.extend(datasets.await?);
    roots.push(Root {
        id: demo::ID.to_owned(),
        name: "the demo".to_owned(),
        path: super::kind::path(demo::ID, ""),
    });
    Ok(Json(Roots { roots }))
}

/// Where to look.
#[derive(Debug, Deserialize)]
pub(crate) struct Folder {
    path: Option<String>,
}

/// What lies in a folder.
pub(super) async fn list(
    State(state): State<AppState>,
    user: User,
    Path(root): Path<String>,
    Params(folder): Params<Folder>,
) -> Result<Json<Listing>, Problem> {
    let library = state.library.clone();
    let listing = state.library.work.run(move || {
        let sight = library.sight(&user.name)?;
        listing(&library, &sight, root, folder.path.unwrap_or_default())
    });
    Ok(Json(listing.await??))
}

fn listing(
    library: &Library,
    sight: &Sight,
    root: String,
    path: String,
) -> Result<Listing, Problem> {
    let folder = library.path_in(&root, &path)?;
    if sight.covers(&folder).is_err() {
        return Err(Problem::not_found("data root", &root));
    }
    let nothing = |_| Problem::new(ProblemKind::NotFound, "there is no such folder").about("path");
    let (found, truncated) = sight.entries(&folder, LISTED).map_err(nothing)?;
    let mut entries: Vec<Entry> = found
        .into_iter()
        .map(|entry| Entry {
            kind: if entry.is_folder {
                folder_kind(sight, &format!("{folder}/{}", entry.name))
            } else {
                file_kind(&entry.name)
            },
            size: (!entry.is_folder).then_some(entry.size),
            modified: entry.modified.map(time::text),
            name: entry.name,
        })
        .collect();
    entries.sort_by(|a, b| (a.size.is_some(), &a.name).cmp(&(b.size.is_some(), &b.name)));
    Ok(Listing {
        root,
        path,
        entries,
        truncated,
    })
}

fn folder_kind(sight: &Sight, path: &str) -> EntryKind {
    let has = |name: &str| sight.size(&format!("{path}/{name}")).is_ok();
    if has("db.yaml") {
        EntryKind::Audformat
    } else if has("config.json") {
        EntryKind::Model
    } else {
        EntryKind::Folder
    }
}

fn file_kind(name: &str) -> EntryKind {
    let ending = name
        .rsplit_once('.')
        .map_or("", |(_, ending)| ending)
        .to_ascii_lowercase();
    match ending.as_str() {
        "csv" => EntryKind::Table,
        "ini" => EntryKind::Experiment,
        ending if AUDIO.contains(&ending) => EntryKind::Audio,
        _ => EntryKind::Other,
    }
}
