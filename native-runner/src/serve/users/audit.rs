//! What was done, by whom, from where.

use super::{User, tokens::address};
use crate::serve::{
    Problem,
    extract::Params,
    route::operation_of,
    state::AppState,
    store::{Write, number, signed},
    time,
};
use axum::{
    Json,
    extract::{RawPathParams, Request, State},
    middleware::Next,
    response::Response,
};
use rusqlite::params;
use serde::Deserialize;
use shared::protocol::{AuditEntry, AuditLog, operations};

/// Entries that are kept.
const KEPT: i64 = 100_000;

/// Writes down what changes something, and who logs in, with what it was answered.
pub(crate) async fn record(
    State(state): State<AppState>,
    params: Result<RawPathParams, axum::extract::rejection::RawPathParamsRejection>,
    request: Request,
    next: Next,
) -> Response {
    let noted = operation_of(&request)
        .filter(|operation| !operation.method.is_safe() || **operation == operations::ENTER)
        // Pieces of an upload or of sound are not worth a line each.
        .filter(|operation| {
            ![&operations::UPLOAD_PIECE, &operations::LIVE_SOUND].contains(operation)
        });
    let address = address(&request);
    let response = next.run(request).await;
    if let Some(operation) = noted {
        let object = params
            .ok()
            .and_then(|params| params.iter().next().map(|(_, value)| value.to_owned()))
            .unwrap_or_default();
        let user = response
            .extensions()
            .get::<User>()
            .map_or_else(String::new, |user| user.name.clone());
        let (action, status) = (operation.id, response.status().as_u16());
        tracing::info!(user, address, action, object, status, "done");
        let write = move |write: &mut Write<'_>| {
            write
                .prepare_cached(
                    "INSERT INTO audit (time, user, address, action, object, status) VALUES (?, ?, ?, ?, ?, ?)",
                )?
                .execute(params![time::now(), user, address, action, object, status])?;
            let last = write.last_insert_rowid();
            write.execute("DELETE FROM audit WHERE id <= ?", [last - KEPT])?;
            Ok(())
        };
        // What was done is done; the log above has it in any case.
        let _ = state.store.write(write).await;
    }
    response
}

#[derive(Deserialize)]
pub(super) struct Page {
    limit: Option<u32>,
    before: Option<u64>,
}

/// What was done, newest first.
pub(super) async fn list(
    State(state): State<AppState>,
    Params(page): Params<Page>,
) -> Result<Json<AuditLog>, Problem> {
    let limit = page.limit.unwrap_or(100).min(1000);
    let before = signed(page.before.unwrap_or(u64::MAX));
    let entries = state.store.read(move |store| {
        let mut statement = store.prepare_cached(
            "SELECT id, time, user, address, action, object, status FROM audit \
             WHERE id < ? ORDER BY id DESC LIMIT ?",
        )?;
        let entries = statement.query_map(params![before, limit], |row| {
            Ok(AuditEntry {
                id: number(row.get(0)?),
                time: row.get(1)?,
                user: row.get(2)?,
                address: row.get(3)?,
                action: row.get(4)?,
                object: row.get(5)?,
                status: row.get(6)?,
            })
        })?;
        Ok(entries.collect::<Result<Vec<_>, _>>()?)
    });
    Ok(Json(AuditLog {
        entries: entries.await?,
    }))
}
