//! Datasets: what was uploaded, with names.

use super::{
    Library,
    blobs::Sha,
    dataset::{Content, List, Shelf},
    kind::{guess, path},
    library::{check_name, content, is_id, new_id},
    tidy::remove,
    unpack::unpack,
    uploads::{self, Busy},
};
use crate::serve::{
    Problem,
    extract::{Body, Path},
    state::AppState,
    store::{number, signed},
    time,
    users::User,
};
use axum::{Json, extract::State, http::StatusCode};
use rusqlite::{Connection, OptionalExtension, Row, params};
use shared::{
    files::Place,
    protocol::{
        CreateDataset, Dataset, DatasetFile, DatasetKind, Datasets, ProblemKind, UploadKind,
    },
};
use std::{
    fs,
    io::Write,
    sync::{Arc, PoisonError},
};

/// Files of a dataset.
const MOST: usize = 200_000;
const COLUMNS: &str = "id, name, kind, files, bytes, created, user, ini";

fn dataset(row: &Row<'_>) -> rusqlite::Result<Dataset> {
    let (files, bytes): (i64, i64) = (row.get(3)?, row.get(4)?);
    let (id, kind): (String, String) = (row.get(0)?, row.get(2)?);
    Ok(Dataset {
        path: path(&id, ""),
        id,
        name: row.get(1)?,
        kind: match kind.as_str() {
            "csv" => DatasetKind::Csv,
            "audformat" => DatasetKind::Audformat,
            _ => DatasetKind::Audio,
        },
        files: number(files),
        bytes: number(bytes),
        created: row.get(5)?,
        user: row.get(6)?,
        ini: row.get(7)?,
    })
}

pub(super) fn find(store: &Connection, user: &str, id: &str) -> Result<Dataset, Problem> {
    let query = format!("SELECT {COLUMNS} FROM datasets WHERE user = ? AND id = ?");
    let found = store
        .prepare_cached(&query)?
        .query_row([user, id], dataset)
        .optional()?;
    found.ok_or_else(|| Problem::not_found("dataset", id))
}

/// The user's datasets, newest first.
pub(super) async fn list(
    State(state): State<AppState>,
    user: User,
) -> Result<Json<Datasets>, Problem> {
    let library = state.library.clone();
    let found = state.store.read(move |store| {
        let query = format!("SELECT {COLUMNS} FROM datasets WHERE user = ? ORDER BY number DESC");
        let mut query = store.prepare_cached(&query)?;
        let rows = query.query_map([&user.name], dataset)?;
        Ok(Datasets {
            datasets: rows.collect::<Result<_, _>>()?,
            quota: library.room(store, &user.name)?,
        })
    });
    Ok(Json(found.await?))
}

/// A dataset.
pub(super) async fn show(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
) -> Result<Json<Dataset>, Problem> {
    let found = state.store.read(move |store| find(store, &user.name, &id));
    Ok(Json(found.await?))
}

/// Makes a dataset of uploads that are complete.
pub(super) async fn create(
    State(state): State<AppState>,
    user: User,
    Body(wanted): Body<CreateDataset>,
) -> Result<(StatusCode, Json<Dataset>), Problem> {
    check_name(&wanted.name)?;
    let library = state.library.clone();
    let work = state
        .library
        .work
        .run(move || make(&library, &user.name, &wanted));
    Ok((StatusCode::CREATED, Json(work.await??)))
}

fn make(library: &Arc<Library>, user: &str, wanted: &CreateDataset) -> Result<Dataset, Problem> {
    let id = wanted_id(wanted)?;
    // An id that was asked for can be asked for by two at once.
    let _busy = Busy::new(library, &id)?;
    let gate = library.gate.read().unwrap_or_else(PoisonError::into_inner);
    let (list, archive) = match (&wanted.archive, wanted.files.as_slice()) {
        (Some(archive), []) => of_archive(library, user, archive)?,
        (None, [_, ..]) => (of_files(library, user, &wanted.files)?, None),
        _ => {
            let detail = "a dataset is made of one `archive`, or of `files`";
            return Err(Problem::new(ProblemKind::Unprocessable, detail));
        }
    };
    if list.files.is_empty() {
        return Err(Problem::new(
            ProblemKind::Unprocessable,
            "there are no files in it",
        ));
    }
    if wanted.id.is_some()
        && let Some(known) = same(library, user, &id, &list)?
    {
        return Ok(known);
    }
    write(library, &id, &list)?;
    let shelf = Shelf::open(&library.list(&id), library.blobs(user).folder())?;
    let guess = guess(&id, &wanted.name, &shelf);
    let kind = match guess.kind {
        DatasetKind::Csv => "csv",
        DatasetKind::Audformat => "audformat",
        DatasetKind::Audio => "audio",
    };
    let made = library.store.write_now(|store| {
        store.execute(
            "INSERT INTO datasets (id, user, name, kind, files, bytes, created, ini, archive) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                id,
                user,
                wanted.name,
                kind,
                list.files.len() as i64,
                signed(list.bytes()),
                time::now(),
                guess.ini,
                archive,
            ],
        )?;
        let mut held =
            store.prepare_cached("INSERT INTO holdings (dataset, sha256) VALUES (?, ?)")?;
        let mut kept = store.prepare_cached(
            "INSERT OR IGNORE INTO contents (user, sha256, size) VALUES (?, ?, ?)",
        )?;
        let mut used = store
            .prepare_cached("DELETE FROM uploads WHERE user = ? AND sha256 = ? AND complete = 1")?;
        for (sha, size) in list.contents() {
            held.execute([id.as_str(), sha.as_str()])?;
            kept.execute(params![user, sha.as_str(), signed(size)])?;
            used.execute([user, sha.as_str()])?;
        }
        if let Some(archive) = &archive {
            used.execute([user, archive])?;
        }
        find(store, user, &id)
    });
    drop(gate);
    if made.is_err() {
        remove(&library.list(&id))?;
    }
    // The archive itself is not needed any more.
    library.release(user)?;
    made
}

/// The id that a dataset has elsewhere, or a new one.
fn wanted_id(wanted: &CreateDataset) -> Result<String, Problem> {
    match &wanted.id {
        None => new_id(),
        Some(id) if is_id(id) => Ok(id.clone()),
        Some(_) => {
            let detail = "`id` must be `d` and 24 hexadecimal digits";
            Err(Problem::new(ProblemKind::Unprocessable, detail).about("id"))
        }
    }
}

/// The dataset of this id, if it has the same files.
fn same(library: &Library, user: &str, id: &str, list: &List) -> Result<Option<Dataset>, Problem> {
    let is_taken = library.store.read_now(|store| {
        let mut query = store.prepare_cached("SELECT 1 FROM datasets WHERE id = ?")?;
        Ok(query.exists([id])?)
    })?;
    if !is_taken {
        return Ok(None);
    }
    let own = library.store.read_now(|store| find(store, user, id));
    let taken = || {
        let detail = format!("there is another dataset of the id `{id}`");
        Problem::new(ProblemKind::Conflict, detail).about("id")
    };
    let own = own.map_err(|_| taken())?;
    if List::read(&library.list(id))? == *list {
        Ok(Some(own))
    } else {
        Err(taken())
    }
}

/// Writes the list so that it is whole or not there.
fn write(library: &Library, id: &str, list: &List) -> Result<(), Problem> {
    let place = library.list(id);
    let part = place.with_extension("part");
    let mut file = fs::File::create(&part)?;
    file.write_all(&serde_json::to_vec(list)?)?;
    file.sync_all()?;
    fs::rename(part, place)?;
    Ok(())
}

/// The files of an archive that was uploaded; and its SHA-256.
fn of_archive(library: &Library, user: &str, id: &str) -> Result<(List, Option<String>), Problem> {
    let (upload, before, room) = library.store.read_now(|store| {
        let upload = uploads::find(store, user, id)?;
        let mut query =
            store.prepare_cached("SELECT id FROM datasets WHERE user = ? AND archive = ?")?;
        let before: Option<String> = query
            .query_row([user, &upload.sha256], |row| row.get(0))
            .optional()?;
        Ok((upload, before, library.room(store, user)?))
    })?;
    if !upload.complete {
        let detail = format!("the upload `{}` is not complete", upload.name);
        return Err(Problem::new(ProblemKind::Conflict, detail).about("archive"));
    }
    if upload.kind != UploadKind::Archive {
        let detail = "that upload was not sent as an archive";
        return Err(Problem::new(ProblemKind::Unprocessable, detail).about("archive"));
    }
    if let Some(before) = before {
        return Ok((List::read(&library.list(&before))?, Some(upload.sha256)));
    }
    let sha = Sha::parse(&upload.sha256)
        .ok_or_else(|| Problem::internal("a broken SHA-256 in the store"))?;
    let blobs = library.blobs(user);
    // The archive goes away once it is unpacked.
    let left = room
        .limit
        .saturating_sub(room.used)
        .saturating_add(upload.size);
    let list = unpack(
        blobs.open(&sha)?,
        &blobs,
        library.folder(),
        left,
        library.reserve,
    )?;
    Ok((list, Some(upload.sha256)))
}

/// The list of single files.
fn of_files(library: &Library, user: &str, files: &[DatasetFile]) -> Result<List, Problem> {
    let refused = |at: usize, why: String| {
        Problem::new(
            ProblemKind::Unprocessable,
            format!("file {at} of the list: {why}"),
        )
        .about("files")
    };
    if files.len() > MOST {
        return Err(refused(MOST, format!("a dataset has at most {MOST} files")));
    }
    library.store.read_now(|store| {
        let mut list = List::default();
        for (at, file) in files.iter().enumerate() {
            let place = Place::parse(&file.path)
                .map_err(|error| refused(at, format!("its path cannot be used: {error}")))?;
            let sha = Sha::parse(&file.sha256);
            let sha = sha
                .ok_or_else(|| refused(at, "`sha256` must be 64 hexadecimal digits".to_owned()))?;
            let Some(size) = content(store, user, &sha)? else {
                let detail = format!("the content of `{place}` was not uploaded, or not all of it");
                return Err(Problem::new(ProblemKind::Conflict, detail).about("files"));
            };
            if !list.add(&place, Content { sha256: sha, size }) {
                return Err(refused(
                    at,
                    format!("`{place}` is in it twice, or is a file and a folder"),
                ));
            }
        }
        Ok(list)
    })
}

/// Deletes a dataset that no queued or running job reads.
pub(super) async fn delete(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let library = state.library.clone();
    let done = tokio::task::spawn_blocking(move || {
        library.store.write_now(|store| {
            find(store, &user.name, &id)?;
            if let Some(job) = library.reader(store, &user.name, &id)? {
                let detail = format!("the job `{job}` reads it: wait for its end, or cancel it");
                return Err(Problem::new(ProblemKind::Conflict, detail));
            }
            store.execute("DELETE FROM datasets WHERE id = ?", [&id])?;
            Ok(())
        })?;
        remove(&library.list(&id))?;
        library.release(&user.name)
    });
    done.await.map_err(Problem::internal)??;
    Ok(StatusCode::NO_CONTENT)
}
