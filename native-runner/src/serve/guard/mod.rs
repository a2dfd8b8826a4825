//! What every request must pass before anything looks at it.
//!
//! From outside to inside: [`headers`] go onto every answer, refusals too; [`host`] keeps out
//! pages that rebind a name to this machine; [`origin`] and the media type keep out requests that a
//! foreign page makes in a user's name; [`body`] ends bodies that are too large or too slow.

mod body;
pub(crate) mod connections;
mod headers;
mod host;
mod origin;
mod patience;
pub(crate) mod share;
pub(crate) mod tls;

use super::{Problem, route::operation_of, settings::Settings};
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use host::Hosts;
use shared::protocol::{Operation, ProblemKind, operations};
use std::sync::Arc;

/// Puts the guards around `router`.
pub(crate) fn layer(router: Router, settings: &Settings) -> Router {
    let hosts = Arc::new(Hosts::new(settings));
    router
        .layer(from_fn(body::limit))
        .layer(from_fn_with_state(hosts, check))
        .layer(from_fn(headers::add))
}

/// Lets a request through that is meant for this machine, and is no foreign page's.
async fn check(State(hosts): State<Arc<Hosts>>, request: Request, next: Next) -> Response {
    let operation = operation_of(&request);
    let passed = hosts
        .check(&request)
        .and_then(|origins| origin::check(request.headers(), &origins))
        .and_then(|origin| from_here(&request, operation, origin));
    match passed {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Whether a browser says, or proves, that the request is one of the runner's own page.
fn from_here(
    request: &Request,
    operation: Option<&Operation>,
    origin: Option<()>,
) -> Result<(), Problem> {
    let headers = request.headers();
    // Other ports of the same host are the same site, for which browsers send the cookie.
    let site = headers.get("sec-fetch-site").map(|site| site.as_bytes());
    let entering = operation.is_some_and(|operation| *operation == operations::ENTER);
    let foreign = matches!(site, Some(site) if site != b"same-origin" && site != b"none");
    if foreign && !entering && operation.is_some() {
        return Err(refused("another site's page asks for this"));
    }
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(());
    }
    // A foreign page cannot set this header, and with it no cookie counts.
    let token = headers.contains_key(header::AUTHORIZATION);
    if headers.contains_key(header::COOKIE) && !token && origin.is_none() {
        return Err(refused(
            "with a cookie, a request that changes something needs the header Origin of the runner's own page; \
             programs send their token: Authorization: Bearer TOKEN",
        ));
    }
    operation.map_or(Ok(()), |operation| media_type(headers, operation))
}

/// The body must be of the kind that the operation takes: what a plain form can send is none.
fn media_type(headers: &HeaderMap, operation: &Operation) -> Result<(), Problem> {
    let Some(wanted) = operation.request.media_type() else {
        return Ok(());
    };
    let mut given = headers.get_all(header::CONTENT_TYPE).iter();
    let (first, second) = (given.next(), given.next());
    let essence = first
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(str::trim);
    if second.is_none() && essence.is_some_and(|given| given.eq_ignore_ascii_case(wanted)) {
        return Ok(());
    }
    Err(Problem::new(
        ProblemKind::UnsupportedMediaType,
        format!("this takes a body with Content-Type: {wanted}"),
    ))
}

fn refused(why: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::Forbidden, why)
}
