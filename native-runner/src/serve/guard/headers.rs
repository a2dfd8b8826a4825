//! What every answer tells the browser.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

/// Of pages: everything from the runner itself, WebAssembly, and nobody frames it.
const PAGE_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: blob:; \
     media-src 'self' blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";
/// Of the one document that asks the hub for models, which is of the same site and sends nothing: see `static/hub.html`.
const HUB_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
     connect-src 'self' https://huggingface.co https://*.huggingface.co https://*.hf.co; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";
/// Of data, should a browser ever show them as a page: nothing at all.
const DATA_POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

/// On every answer.
const ALWAYS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    // These two give the page memory that WebAssembly's threads share.
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-embedder-policy"),
        "require-corp",
    ),
];

/// Adds them.
pub(super) async fn add(request: Request, next: Next) -> Response {
    let policy = policy(request.uri().path());
    let is_data = policy == DATA_POLICY;
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(policy),
    );
    if is_data {
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
    }
    response
}

/// What an answer to `path` may do.
fn policy(path: &str) -> &'static str {
    match path {
        path if is_data(path) => DATA_POLICY,
        "/hub.html" => HUB_POLICY,
        _ => PAGE_POLICY,
    }
}

/// Whether `path` is none of the page's files.
fn is_data(path: &str) -> bool {
    path.starts_with("/api/") || matches!(path, "/api" | "/healthz" | "/metrics" | "/login")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_of_the_hub_has_one_policy_with_and_without_a_runner() {
        let document = include_str!("../../../../static/hub.html");
        // A document cannot say itself where it may be framed.
        let own = HUB_POLICY.trim_end_matches("; frame-ancestors 'none'");
        assert_ne!(own, HUB_POLICY);
        assert!(document.contains(&format!("content=\"{own}\"")), "{own}");
        assert_eq!(policy("/hub.html"), HUB_POLICY);
        assert_eq!(policy("/index.html"), PAGE_POLICY);
        assert_eq!(policy("/api/hub.html"), DATA_POLICY);
    }
}
