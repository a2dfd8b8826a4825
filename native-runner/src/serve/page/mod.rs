//! The page, as it is built into the program.

mod file;
mod negotiate;

use super::{Problem, files::demo, state::AppState};
use axum::{
    Router,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use file::{File, find, is_built};
use negotiate::{Coding, choose, matches};
use shared::protocol::ProblemKind;

/// What stands in place of a page that was not built.
const MISSING: &str = "<!doctype html><html lang=en><meta charset=utf-8><title>Voxtune</title>\
    <h1>This program was built without its page</h1>\
    <p>Run <code>scripts/build-page.sh</code>, then <code>cargo build --release</code> again, and start the new program. \
    The interface for programs works all the same: <a href=/api/openapi.json>its description</a>.";

/// The page's files, for all addresses that are nothing else.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().fallback(serve)
}

async fn serve(request: Request) -> Response {
    let path = request.uri().path();
    let name = path.trim_start_matches('/');
    if name == "api" || name.starts_with("api/") {
        let path: String = path.chars().take(80).collect();
        return Problem::new(ProblemKind::NotFound, format!("there is nothing at {path}"))
            .into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let detail = "the page's files can only be read";
        return Problem::new(ProblemKind::MethodNotAllowed, detail).into_response();
    }
    if !is_built() {
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        let headers = [(header::CONTENT_TYPE, html)];
        return (StatusCode::SERVICE_UNAVAILABLE, headers, MISSING).into_response();
    }
    // For a page that trains in its tab.
    if let Some(bytes) = name.strip_prefix("demo/").and_then(demo::find) {
        let headers = [
            (header::CONTENT_TYPE, file::media_type(name)),
            (header::CACHE_CONTROL, "no-cache"),
        ];
        return (headers, bytes).into_response();
    }
    match found(name) {
        Some(file) => answer(file, request.headers()),
        None => {
            let name: String = name.chars().take(80).collect();
            Problem::new(
                ProblemKind::NotFound,
                format!("the page has no file `{name}`"),
            )
            .into_response()
        }
    }
}

/// The file of that name. Addresses within the page, which its program understands, have no ending.
fn found(name: &str) -> Option<&'static File> {
    let last = name.rsplit('/').next().unwrap_or(name);
    match name {
        "" => find("index.html"),
        _ if !last.contains('.') => find(name).or_else(|| find("index.html")),
        _ => find(name),
    }
}

fn answer(file: &'static File, asked: &HeaderMap) -> Response {
    let accepted = asked.get(header::ACCEPT_ENCODING);
    let accepted = accepted.and_then(|value| value.to_str().ok()).unwrap_or("");
    let (coding, bytes) = choose(file, accepted);
    let tag = file.tag(coding);
    let mut headers = HeaderMap::new();
    let mut set = |name, value: &str| {
        // They are made of a table's words and digits.
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(header::ETAG, &tag);
    set(header::CACHE_CONTROL, file.caching());
    set(header::VARY, "accept-encoding");
    let before = asked
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    if before.is_some_and(|before| matches(before, &tag)) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    set(header::CONTENT_TYPE, file.media_type());
    if coding != Coding::Plain {
        set(header::CONTENT_ENCODING, coding.word());
    }
    (headers, bytes).into_response()
}
