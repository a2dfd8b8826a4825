//! Tokens for cookies.

use super::{Secret, User, by_token, tokens::address_of};
use crate::serve::settings::Tls;
use crate::serve::{
    Problem,
    extract::{Body, Params},
    state::AppState,
    time,
};
use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rusqlite::params;
use serde::Deserialize;
use shared::protocol::{Login, Session, operations::Nothing};

/// Seconds for which a cookie counts.
const LIFE: i64 = 30 * 24 * 3600;

#[derive(Deserialize)]
pub(super) struct Once {
    token: String,
}

/// Swaps the one-time token for a cookie, and goes on to the page.
pub(super) async fn enter(
    State(state): State<AppState>,
    Params(Once { token }): Params<Once>,
    request: Request,
) -> Result<Response, Problem> {
    if !state.tokens.take(&token) {
        let address = address_of(request.extensions());
        return Err(state.tokens.failed(&state, &address));
    }
    let first = state
        .store
        .read(|store| {
            Ok(store.query_row(
                "SELECT name, admin FROM users WHERE admin = 1 ORDER BY rowid LIMIT 1",
                [],
                |row| {
                    Ok(User {
                        name: row.get(0)?,
                        admin: row.get(1)?,
                    })
                },
            )?)
        })
        .await?;
    let cookie = begin(&state, &first).await?;
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, HeaderValue::from_static("/"));
    headers.insert(header::SET_COOKIE, cookie);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.extensions_mut().insert(first);
    Ok(response)
}

/// Swaps a token for a cookie.
pub(super) async fn login(
    State(state): State<AppState>,
    extensions: axum::http::Extensions,
    Body(login): Body<Login>,
) -> Result<Response, Problem> {
    let Some(user) = by_token(&state, Secret::hash_of(login.token.trim())).await? else {
        return Err(state.tokens.failed(&state, &address_of(&extensions)));
    };
    let cookie = begin(&state, &user).await?;
    let mut response = Json(about(&state, &user)).into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response.extensions_mut().insert(user);
    Ok(response)
}

/// Forgets the cookie, here and in the browser.
pub(super) async fn logout(
    State(state): State<AppState>,
    headers: HeaderMap,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Response, Problem> {
    if let Some(cookie) = cookie(&headers, &state.cookie) {
        let hash = Secret::hash_of(cookie);
        let write = move |write: &mut crate::serve::store::Write<'_>| {
            Ok(write.execute("DELETE FROM sessions WHERE cookie = ?", [hash.bytes()])?)
        };
        state.store.write(write).await?;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    response
        .headers_mut()
        .insert(header::SET_COOKIE, set_cookie(&state, "", 0)?);
    Ok(response)
}

/// Who asks.
pub(super) async fn session(State(state): State<AppState>, user: User) -> Json<Session> {
    Json(about(&state, &user))
}

fn about(state: &AppState, user: &User) -> Session {
    Session {
        user: user.name.clone(),
        admin: user.admin,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        host: state.machine.host.clone(),
        can_publish: state.machine.can_publish,
    }
}

/// Begins a session; the header that hands its cookie over.
async fn begin(state: &AppState, user: &User) -> Result<HeaderValue, Problem> {
    let secret = Secret::new().map_err(Problem::internal)?;
    let (hash, name, now) = (secret.hash(), user.name.clone(), time::seconds());
    let write = move |write: &mut crate::serve::store::Write<'_>| {
        write.execute("DELETE FROM sessions WHERE expires <= ?", [now])?;
        write.execute(
            "INSERT INTO sessions (cookie, user, expires) VALUES (?, ?, ?)",
            params![hash.bytes(), name, now + LIFE],
        )?;
        Ok(())
    };
    state.store.write(write).await?;
    set_cookie(state, secret.reveal(), LIFE)
}

fn set_cookie(state: &AppState, value: &str, life: i64) -> Result<HeaderValue, Problem> {
    let secure = match state.settings.tls {
        Tls::Off => "",
        Tls::Files { .. } | Tls::SelfSigned => "; Secure",
    };
    let name = &state.cookie;
    let text = format!("{name}={value}; Path=/; Max-Age={life}; HttpOnly; SameSite=Strict{secure}");
    let mut header = HeaderValue::from_str(&text).map_err(Problem::internal)?;
    header.set_sensitive(true);
    Ok(header)
}

/// The value of the cookie `name`.
pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}
