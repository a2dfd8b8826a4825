//! Serves what was built, as any web server would.

use axum::{
    Router,
    extract::Query,
    extract::Request,
    http::{HeaderValue, header::CONTENT_TYPE},
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

/// The workspace's folder.
pub(crate) fn workspace() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    root.expect("this crate lies in the workspace").to_owned()
}

/// A module that runs the script `before`, and is the module `then` afterwards.
async fn hooked(Query(parts): Query<HashMap<String, String>>) -> impl IntoResponse {
    let part = |name: &str| parts.get(name).cloned().unwrap_or_default();
    let script = format!("{}\nawait import({:?});", part("before"), part("then"));
    ([(CONTENT_TYPE, "text/javascript")], script)
}

/// An empty page.
async fn empty() -> Html<&'static str> {
    Html("<!doctype html><title>empty</title><link rel=icon href=data:,>")
}

/// Adds what makes a page a world of its own, and what its workers need for being part of that.
async fn apart(mut response: Response) -> Response {
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-embedder-policy", "require-corp"),
    ] {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

/// The document that asks the hub, of a site whose hub is at the address in the file `note`: where the document and its
/// policy name one, as who hosts a site would change them. Without a note it is as it was built.
fn hub(note: &Path) -> Html<String> {
    let built = workspace().join("target/page/hub.html");
    let text = fs::read_to_string(built).expect("hub.html: `make page` builds it");
    Html(match fs::read_to_string(note) {
        Ok(address) => {
            let store = "http://127.0.0.2:*";
            let named = "https://huggingface.co https://*.huggingface.co https://*.hf.co";
            assert!(text.contains(named), "another policy");
            text.replace(named, &format!("{address} {store}"))
                .replace("https://huggingface.co", &address)
        }
        Err(_) => text,
    })
}

/// Starts serving on a free port of the loopback, and gives the address without a slash at its end:
/// `/page`, `/worker`, `/parity` (the reference's files), `/given` (the folder `given`), `/hooked.js`, and an
/// empty page at `/`, and at `/apart` one that may share memory with its workers. `requests` counts what it is asked for.
pub(crate) async fn start(given: &Path, requests: Arc<AtomicUsize>) -> String {
    let count = move |request: Request, next: Next| {
        requests.fetch_add(1, Ordering::SeqCst);
        next.run(request)
    };
    let root = workspace();
    for (folder, step) in [("target/page", "page"), ("target/worker", "worker")] {
        assert!(
            root.join(folder).is_dir(),
            "{folder} is missing: `make {step}` builds it"
        );
    }
    let note = given.join("hub");
    // Scripts of workers come from these two.
    let scripts = |folder: &Path| {
        Router::new()
            .fallback_service(ServeDir::new(folder))
            .layer(middleware::map_response(apart))
    };
    let router = Router::new()
        .route("/", get(empty))
        .route("/apart", get(empty).layer(middleware::map_response(apart)))
        .route(
            "/hooked.js",
            get(hooked).layer(middleware::map_response(apart)),
        )
        .route(
            "/page/hub.html",
            get(move || {
                let note = note.clone();
                async move { hub(&note) }
            }),
        )
        .nest_service("/page", ServeDir::new(root.join("target/page")))
        .nest("/worker", scripts(&root.join("target/worker")))
        .nest_service("/parity", ServeDir::new(root.join("tests/fixtures/parity")))
        .nest("/given", scripts(given))
        .layer(middleware::from_fn(count));
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        axum::serve(listener, router)
            .await
            .expect("the server runs")
    });
    format!("http://{address}")
}
