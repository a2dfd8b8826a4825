//! Who asks: users with tokens, sessions of browsers, and what they did.

mod audit;
mod login;
mod secret;
#[cfg(test)]
mod tests;
mod tokens;

pub(crate) use audit::record;
pub(crate) use secret::{Hash, Secret};
pub(crate) use tokens::Tokens;

use super::{
    Problem,
    route::{Routes, operation_of},
    state::AppState,
    store::Store,
    time,
};
use axum::{
    Json,
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use rusqlite::{Connection, OptionalExtension, params};
use shared::protocol::{self, Access, ProblemKind, Users, operations};

/// Somebody who is known. Handlers of operations that are not open to all can ask for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    /// Their name.
    pub(crate) name: String,
    /// Whether they see everybody's jobs.
    pub(crate) admin: bool,
}

impl User {
    /// Whether they see what belongs to `owner`.
    pub(crate) fn sees(&self, owner: &str) -> bool {
        self.admin || self.name == owner
    }
}

/// What is answered here.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .on(&operations::ENTER, login::enter)
        .on(&operations::LOGIN, login::login)
        .on(&operations::LOGOUT, login::logout)
        .on(&operations::SESSION, login::session)
        .on(&operations::USERS, list)
        .on(&operations::AUDIT, audit::list)
}

/// Lets only those through who may ask for an operation, and remembers who it is.
pub(crate) async fn authenticate(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    // What is no operation is the page itself, which tells nothing of users and jobs.
    let access = operation_of(&request).map_or(Access::Open, |operation| operation.access);
    if access == Access::Open {
        return next.run(request).await;
    }
    let address = tokens::address(&request);
    let user = match known(&state, request.headers(), &address).await {
        Ok(user) => user,
        Err(problem) => return problem.into_response(),
    };
    if access == Access::Admin && !user.admin {
        return Problem::new(ProblemKind::Forbidden, "only an admin sees this").into_response();
    }
    request.extensions_mut().insert(user.clone());
    let mut response = next.run(request).await;
    response.extensions_mut().insert(user);
    response
}

/// Who a token or cookie belongs to.
async fn known(state: &AppState, headers: &HeaderMap, address: &str) -> Result<User, Problem> {
    let cookie = login::cookie(headers, &state.cookie).map(Secret::hash_of);
    let token = bearer(headers)?.map(Secret::hash_of);
    // A token is said on purpose, a cookie comes by itself.
    let found = match (token, cookie) {
        (Some(token), _) => by_token(state, token).await?,
        (None, Some(cookie)) => {
            let read = move |store: &Connection| by_cookie(store, &cookie);
            state.store.read(read).await?
        }
        (None, None) => {
            return Err(Problem::new(
                ProblemKind::Unauthorized,
                "log in with the address that `voxtune serve` printed, or send a token: Authorization: Bearer TOKEN",
            ));
        }
    };
    match found {
        Some(user) => Ok(user),
        None => Err(state.tokens.failed(state, address)),
    }
}

/// The token of `Authorization: Bearer TOKEN`.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(header) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let token = header
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    token.map(Some).ok_or_else(|| {
        Problem::new(
            ProblemKind::Unauthorized,
            "the header Authorization is not of the form: Bearer TOKEN",
        )
    })
}

/// Whose token has this hash.
async fn by_token(state: &AppState, token: Hash) -> Result<Option<User>, Problem> {
    let read = move |store: &Connection| {
        let mut statement = store.prepare_cached("SELECT name, token, admin FROM users")?;
        let mut rows = statement.query([])?;
        let mut found = None;
        // All of them, so that the time tells nothing.
        while let Some(row) = rows.next()? {
            if token.is(&row.get::<_, Vec<u8>>(1)?) {
                found = Some(User {
                    name: row.get(0)?,
                    admin: row.get(2)?,
                });
            }
        }
        Ok(found)
    };
    state.store.read(read).await
}

/// Whose browser has this cookie.
fn by_cookie(store: &Connection, cookie: &Hash) -> Result<Option<User>, Problem> {
    let user = store
        .prepare_cached(
            "SELECT users.name, users.admin FROM sessions JOIN users ON users.name = sessions.user \
             WHERE sessions.cookie = ? AND sessions.expires > ?",
        )?
        .query_row(params![cookie.bytes(), time::seconds()], |row| {
            Ok(User {
                name: row.get(0)?,
                admin: row.get(1)?,
            })
        });
    Ok(user.optional()?)
}

impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| Problem::internal("a handler asks who it is where anybody may ask"))
    }
}

/// All users.
async fn list(State(state): State<AppState>) -> Result<Json<Users>, Problem> {
    let users = state.store.read(all).await?;
    Ok(Json(Users { users }))
}

/// All users, by name.
pub(crate) fn all(store: &Connection) -> Result<Vec<protocol::User>, Problem> {
    let mut statement = store.prepare("SELECT name, admin, created FROM users ORDER BY name")?;
    let users = statement.query_map([], |row| {
        Ok(protocol::User {
            name: row.get(0)?,
            admin: row.get(1)?,
            created: row.get(2)?,
        })
    })?;
    Ok(users.collect::<Result<_, _>>()?)
}

/// Adds a user, or gives one a new token; the old one and all sessions no longer count.
pub(crate) fn add(store: &Store, name: &str, admin: bool, token: &Secret) -> Result<(), Problem> {
    let (hash, created) = (token.hash(), time::now());
    store.write_now(|write| {
        write.execute("DELETE FROM sessions WHERE user = ?", [name])?;
        write.execute(
            "INSERT INTO users (name, token, admin, created) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (name) DO UPDATE SET token = ?2, admin = ?3",
            params![name, hash.bytes(), admin, created],
        )?;
        Ok(())
    })
}

/// Removes a user with all sessions; jobs stay, for an admin. Whether there was one.
pub(crate) fn remove(store: &Store, name: &str) -> Result<bool, Problem> {
    store.write_now(|write| {
        write.execute("DELETE FROM sessions WHERE user = ?", [name])?;
        Ok(write.execute("DELETE FROM users WHERE name = ?", [name])? > 0)
    })
}

/// What a user may be called: it stands in logs, addresses and the audit.
pub(crate) fn check_name(name: &str) -> Result<(), &'static str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
    if name.is_empty() || name.len() > 64 {
        Err("a name has 1 to 64 characters")
    } else if !name.chars().all(allowed) {
        Err("a name has letters, digits, `-`, `_`, `.` and `@` only")
    } else {
        Ok(())
    }
}
