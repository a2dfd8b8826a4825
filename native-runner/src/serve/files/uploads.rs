//! Bringing files: pieces that are resumed, and nothing twice.

use super::{
    Library,
    blobs::Sha,
    library::{check_name, content, is_id, new_id},
    space,
    tidy::{expire, remove},
};
use crate::serve::{
    Problem,
    extract::{Body as Sent, Params, Path},
    state::AppState,
    store::{number, signed},
    time,
    users::User,
};
use axum::{Json, body::Body, extract::State, http::StatusCode};
use futures_util::StreamExt;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Deserialize;
use shared::protocol::{CreateUpload, ProblemKind, Quota, Upload, UploadKind, Uploads};
use std::{
    fs,
    io::SeekFrom,
    sync::{Arc, PoisonError},
    time::{Duration, UNIX_EPOCH},
};
use tokio::{
    fs::OpenOptions,
    io::{AsyncSeekExt, AsyncWriteExt},
};

/// Seconds that an upload is kept for without a new piece.
const KEPT: i64 = 7 * 86_400;
/// Uploads of a user that are not complete.
const MOST: i64 = 2_000;
const COLUMNS: &str = "id, name, size, sha256, kind, complete, created, expires";

/// An upload as the store has it; `offset` is 0 until the disk was asked.
fn upload(row: &Row<'_>) -> rusqlite::Result<Upload> {
    let (size, expires): (i64, Option<i64>) = (row.get(2)?, row.get(7)?);
    let (kind, complete): (String, bool) = (row.get(4)?, row.get(5)?);
    let expires = expires.map(|at| UNIX_EPOCH + Duration::from_secs(number(at)));
    Ok(Upload {
        id: row.get(0)?,
        name: row.get(1)?,
        size: number(size),
        offset: 0,
        sha256: row.get(3)?,
        kind: if kind == "archive" {
            UploadKind::Archive
        } else {
            UploadKind::File
        },
        complete,
        created: row.get(6)?,
        expires: expires.map(time::text),
    })
}

/// Says how much of it is there.
fn measured(library: &Library, mut upload: Upload) -> Upload {
    let there = || fs::metadata(library.partial(&upload.id)).map_or(0, |meta| meta.len());
    upload.offset = if upload.complete {
        upload.size
    } else {
        there().min(upload.size)
    };
    upload
}

/// An upload of a user.
pub(super) fn find(store: &Connection, user: &str, id: &str) -> Result<Upload, Problem> {
    let query = format!("SELECT {COLUMNS} FROM uploads WHERE user = ? AND id = ?");
    let found = store
        .prepare_cached(&query)?
        .query_row([user, id], upload)
        .optional()?;
    found.ok_or_else(|| Problem::not_found("upload", id))
}

/// The uploads that are under way or wait to be used.
pub(super) async fn list(
    State(state): State<AppState>,
    user: User,
) -> Result<Json<Uploads>, Problem> {
    let library = state.library.clone();
    let (uploads, quota) = state
        .store
        .read(move |store| {
            let query = format!(
                "SELECT {COLUMNS} FROM uploads WHERE user = ? ORDER BY number DESC LIMIT 10000"
            );
            let mut query = store.prepare_cached(&query)?;
            let rows = query.query_map([&user.name], upload)?;
            let uploads: Vec<Upload> = rows.collect::<Result<_, _>>()?;
            let uploads = uploads
                .into_iter()
                .map(|upload| measured(&library, upload))
                .collect();
            Ok((uploads, library.room(store, &user.name)?))
        })
        .await?;
    Ok(Json(Uploads { uploads, quota }))
}

/// Says how far an upload is.
pub(super) async fn show(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
) -> Result<Json<Upload>, Problem> {
    let library = state.library.clone();
    let found = state
        .store
        .read(move |store| Ok(measured(&library, find(store, &user.name, &id)?)));
    Ok(Json(found.await?))
}

/// Begins an upload, or goes on with one of the same content.
pub(super) async fn create(
    State(state): State<AppState>,
    user: User,
    Sent(wanted): Sent<CreateUpload>,
) -> Result<(StatusCode, Json<Upload>), Problem> {
    check_name(&wanted.name)?;
    let sha = Sha::parse(&wanted.sha256).ok_or_else(|| {
        Problem::new(
            ProblemKind::Unprocessable,
            "`sha256` must be 64 hexadecimal digits",
        )
        .about("sha256")
    })?;
    let library = state.library.clone();
    let done = tokio::task::spawn_blocking(move || begin(&library, &user.name, wanted, &sha));
    let (is_new, upload) = done.await.map_err(Problem::internal)??;
    let status = if is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(upload)))
}

fn begin(
    library: &Arc<Library>,
    user: &str,
    wanted: CreateUpload,
    sha: &Sha,
) -> Result<(bool, Upload), Problem> {
    expire(library)?;
    let id = new_id()?;
    let (is_new, found) = library.store.write_now(|store| {
        let query = format!("SELECT {COLUMNS} FROM uploads WHERE user = ? AND sha256 = ? AND size = ? AND kind = ?");
        let kind = word(wanted.kind);
        let before = store
            .prepare_cached(&query)?
            .query_row(params![user, sha.as_str(), signed(wanted.size), kind], upload)
            .optional()?;
        if let Some(before) = before {
            return Ok((false, before));
        }
        let there = content(store, user, sha)? == Some(wanted.size) || unpacked(store, user, sha, wanted.kind)?;
        if !there {
            make_room(library, store, user, wanted.size)?;
            // Before anybody can see the upload, since a piece may come at once. Without its row the
            // next start removes it.
            fs::File::create(library.partial(&id))?;
        }
        store
            .prepare_cached(
                "INSERT INTO uploads (id, user, name, size, sha256, kind, complete, created, expires) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                id,
                user,
                wanted.name,
                signed(wanted.size),
                sha.as_str(),
                kind,
                there,
                time::now(),
                (!there).then(|| time::seconds() + KEPT),
            ])?;
        Ok((!there, find(store, user, &id)?))
    })?;
    if is_new && found.size == 0 {
        return Ok((is_new, complete(library, user, &found)?));
    }
    Ok((is_new, measured(library, found)))
}

fn word(kind: UploadKind) -> &'static str {
    match kind {
        UploadKind::Archive => "archive",
        UploadKind::File => "file",
    }
}

/// Whether a dataset was made of this archive, which is not kept.
fn unpacked(store: &Connection, user: &str, sha: &Sha, kind: UploadKind) -> Result<bool, Problem> {
    let mut query =
        store.prepare_cached("SELECT 1 FROM datasets WHERE user = ? AND archive = ?")?;
    Ok(kind == UploadKind::Archive && query.exists([user, sha.as_str()])?)
}

/// Whether `size` bytes more may come.
fn make_room(library: &Library, store: &Connection, user: &str, size: u64) -> Result<(), Problem> {
    let Quota { limit, used } = library.room(store, user)?;
    if used.saturating_add(size) > limit {
        let detail = format!(
            "{size} bytes are more than the {} that are left of your quota: delete datasets or uploads that are no longer needed",
            limit.saturating_sub(used)
        );
        return Err(Problem::new(ProblemKind::OutOfSpace, detail));
    }
    space::check(library.folder(), size, library.reserve)?;
    let mut query =
        store.prepare_cached("SELECT count(*) FROM uploads WHERE user = ? AND complete = 0")?;
    let waiting: i64 = query.query_row([user], |row| row.get(0))?;
    if waiting >= MOST {
        let detail = format!("{waiting} uploads are not complete: finish or delete some first");
        return Err(Problem::new(ProblemKind::TooMany, detail).retry_after(10));
    }
    Ok(())
}

/// Where a piece begins.
#[derive(Debug, Deserialize)]
pub(crate) struct Offset {
    offset: u64,
}

/// Takes a piece. What came before a cut stays, so that the next piece begins there.
pub(super) async fn piece(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
    Params(Offset { offset }): Params<Offset>,
    body: Body,
) -> Result<Json<Upload>, Problem> {
    let library = state.library.clone();
    let (name, wanted) = (user.name.clone(), id.clone());
    // Only who may see it keeps others from it.
    state
        .store
        .read(move |store| find(store, &name, &wanted))
        .await?;
    let _busy = Busy::new(&library, &id)?;
    // As it is now that nothing else changes it: another piece may have made it whole in between.
    let found = state.store.read({
        let (library, name, id) = (library.clone(), user.name.clone(), id.clone());
        move |store| Ok(measured(&library, find(store, &name, &id)?))
    });
    let found = found.await?;
    if found.complete {
        return Ok(Json(found));
    }
    if found.offset != offset {
        return Err(Problem::new(
            ProblemKind::Conflict,
            format!(
                "{} bytes are there, and the piece begins at {offset}: send from there on",
                found.offset
            ),
        )
        .about("offset"));
    }
    receive(&library, &found, body).await?;
    let found = measured(&library, found);
    if found.offset < found.size {
        let kept = found.id.clone();
        let write = move |store: &mut crate::serve::store::Write<'_>| {
            let expires = time::seconds() + KEPT;
            store.execute(
                "UPDATE uploads SET expires = ? WHERE id = ?",
                params![expires, kept],
            )?;
            Ok(())
        };
        state.store.write(write).await?;
        return Ok(Json(found));
    }
    let work = state
        .library
        .work
        .run(move || complete(&library, &user.name, &found));
    Ok(Json(work.await??))
}

/// Appends what comes.
async fn receive(library: &Library, upload: &Upload, body: Body) -> Result<(), Problem> {
    let left = upload.size - upload.offset;
    let mut file = OpenOptions::new()
        .write(true)
        .open(library.partial(&upload.id))
        .await
        .map_err(|_| Problem::not_found("upload", &upload.id))?;
    // At its place, and not at the end: bytes of a piece that was cut may still be on their way.
    file.seek(SeekFrom::Start(upload.offset)).await?;
    let mut pieces = body.into_data_stream();
    let mut taken = 0;
    while let Some(piece) = pieces.next().await {
        let piece = match piece {
            Ok(piece) => piece,
            Err(error) => {
                file.flush().await?;
                let kind = if error.to_string().contains("length limit") {
                    ProblemKind::TooLarge
                } else {
                    ProblemKind::BadRequest
                };
                return Err(Problem::new(
                    kind,
                    format!("the piece was cut: {error}; go on from what is there"),
                ));
            }
        };
        taken += piece.len() as u64;
        if taken > left {
            file.flush().await?;
            return Err(Problem::new(
                ProblemKind::Unprocessable,
                format!(
                    "more came than the {} bytes that the upload was said to have",
                    upload.size
                ),
            ));
        }
        space::check(library.folder(), piece.len() as u64, library.reserve)?;
        file.write_all(&piece).await?;
    }
    file.flush().await?;
    Ok(())
}

/// Puts a whole upload among the contents, if it is what it was said to be.
fn complete(library: &Library, user: &str, upload: &Upload) -> Result<Upload, Problem> {
    let partial = library.partial(&upload.id);
    let sha = Sha::parse(&upload.sha256)
        .ok_or_else(|| Problem::internal("a broken SHA-256 in the store"))?;
    let _gate = library.gate.read().unwrap_or_else(PoisonError::into_inner);
    if !library.blobs(user).adopt(&partial, &sha)? {
        fs::File::create(&partial)?;
        let detail = "what came has another SHA-256 than it was said to have, and was thrown away: send it again from 0";
        return Err(Problem::new(ProblemKind::Unprocessable, detail).about("sha256"));
    }
    library.store.write_now(|store| {
        store
            .prepare_cached("INSERT OR IGNORE INTO contents (user, sha256, size) VALUES (?, ?, ?)")?
            .execute(params![user, sha.as_str(), signed(upload.size)])?;
        store
            .prepare_cached("UPDATE uploads SET complete = 1, expires = NULL WHERE user = ? AND sha256 = ? AND size = ?")?
            .execute(params![user, sha.as_str(), signed(upload.size)])?;
        Ok(measured(library, find(store, user, &upload.id)?))
    })
}

/// Throws an upload away.
pub(super) async fn delete(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let library = state.library.clone();
    let done = tokio::task::spawn_blocking(move || {
        let _busy = Busy::new(&library, &id)?;
        let found = library.store.write_now(|store| {
            let found = find(store, &user.name, &id)?;
            store.execute("DELETE FROM uploads WHERE id = ?", [&id])?;
            Ok(found)
        })?;
        remove(&library.partial(&found.id))?;
        if found.complete {
            library.release(&user.name)?;
        }
        Ok::<_, Problem>(())
    });
    done.await.map_err(Problem::internal)??;
    Ok(StatusCode::NO_CONTENT)
}

/// The only one that changes what has an id.
pub(super) struct Busy {
    library: Arc<Library>,
    id: String,
}

impl Busy {
    pub(super) fn new(library: &Arc<Library>, id: &str) -> Result<Self, Problem> {
        if !is_id(id) {
            return Err(Problem::not_found("upload", id));
        }
        let mut busy = library.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if !busy.insert(id.to_owned()) {
            let detail = format!("another request is at work on `{id}`: wait for it");
            return Err(Problem::new(ProblemKind::Conflict, detail).retry_after(1));
        }
        drop(busy);
        Ok(Self {
            library: library.clone(),
            id: id.to_owned(),
        })
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut busy = self
            .library
            .busy
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        busy.remove(&self.id);
    }
}
