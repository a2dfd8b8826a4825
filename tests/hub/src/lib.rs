//! A server on the loopback that speaks the Hugging Face hub's protocol, as far as models need it:
//! what a repository holds, files with redirects and ranges, private and gated repositories, and
//! uploads by preupload, LFS and commit.
//!
//! `tests/oracles/hub.py` has Python's `huggingface_hub` use it, so that it is no fiction. Bytes of
//! large files lie on a second address, as on the hub, which refuses requests that bring a token.

mod api;
mod http;
mod resolve;
mod store;
mod upload;

pub use store::{Repository, State};

use http::{Request, Response};
use std::{
    io,
    net::TcpListener,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A token that may write, of [`USER`].
pub const WRITE_TOKEN: &str = "test-token-that-may-write-5b1c";
/// A token that may only read, of [`USER`].
pub const READ_TOKEN: &str = "test-token-that-may-read-9e07";
/// Whose the tokens are.
pub const USER: &str = "tester";
/// An organisation of theirs.
pub const ORGANISATION: &str = "lab";

/// A request that was seen.
#[derive(Debug, Clone)]
pub struct Seen {
    /// `GET`, `HEAD`, `POST`, `PUT`.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The whole `Authorization` header.
    pub authorization: Option<String>,
    /// The whole `Range` header.
    pub range: Option<String>,
}

/// The server. It runs until the process ends.
#[derive(Clone)]
pub struct FakeHub {
    state: Arc<Mutex<State>>,
    endpoint: String,
}

impl FakeHub {
    /// Starts serving on free ports of the loopback.
    ///
    /// # Errors
    /// There are none.
    pub fn start() -> io::Result<Self> {
        let hub = TcpListener::bind(("127.0.0.1", 0))?;
        // Another host, so that a client which takes its token along is found out.
        let store = TcpListener::bind(("127.0.0.2", 0))?;
        let endpoint = format!("http://{}", hub.local_addr()?);
        let state = State::new(&endpoint, &format!("http://{}", store.local_addr()?));
        let state = Arc::new(Mutex::new(state));
        for (listener, answer) in [
            (hub, answer as fn(&Mutex<State>, &Request) -> Response),
            (store, answer_store),
        ] {
            let state = Arc::clone(&state);
            http::serve(listener, move |request| {
                note(&state, request);
                answer(&state, request)
            });
        }
        Ok(Self { state, endpoint })
    }

    /// The address for `HF_ENDPOINT`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// What the hub holds, and its faults: to look at and to change.
    pub fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    // A test that failed while it held the state leaves it usable.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn note(state: &Mutex<State>, request: &Request) {
    lock(state).seen.push(Seen {
        method: request.method.clone(),
        path: request.target.clone(),
        authorization: request.header("authorization").map(str::to_owned),
        range: request.header("range").map(str::to_owned),
    });
}

fn answer(state: &Mutex<State>, request: &Request) -> Response {
    let mut state = lock(state);
    if let Some(status) = state.fault(&request.target) {
        return Response::error(status, "", "a fault of the test");
    }
    let path = request.path();
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match (request.method.as_str(), parts.as_slice()) {
        ("GET", ["api", "whoami-v2"]) => api::whoami(request),
        ("POST", ["api", "validate-yaml"]) => {
            Response::json(&serde_json::json!({"errors": [], "warnings": []}))
        }
        ("POST", ["api", "repos", "create"]) => api::create(&mut state, request),
        ("POST", ["api", "lfs", "verify"]) => upload::verify(&state, request),
        ("POST", ["api", "lfs", "complete", hash]) => upload::complete(&mut state, request, hash),
        ("GET", ["api", "models", owner, name]) => {
            api::info(&state, request, &format!("{owner}/{name}"), "main")
        }
        ("GET", ["api", "models", owner, name, "revision", revision]) => {
            api::info(&state, request, &format!("{owner}/{name}"), revision)
        }
        ("GET", ["api", "models", owner, name, "tree", revision, ..]) => {
            api::tree(&state, request, &format!("{owner}/{name}"), revision)
        }
        ("POST", ["api", "models", owner, name, "preupload", _]) => {
            upload::preupload(&state, request, &format!("{owner}/{name}"))
        }
        ("POST", ["api", "models", owner, name, "commit", _]) => {
            upload::commit(&mut state, request, &format!("{owner}/{name}"))
        }
        ("POST", [owner, git, "info", "lfs", "objects", "batch"]) => {
            let name = git.strip_suffix(".git").unwrap_or(git);
            upload::batch(&state, request, &format!("{owner}/{name}"))
        }
        ("GET" | "HEAD", [owner, name, "resolve", revision, file @ ..]) => {
            let id = format!("{owner}/{name}");
            resolve::file(&state, request, &id, revision, &file.join("/"))
        }
        _ => Response::error(404, "", "there is nothing at this address"),
    }
}

fn answer_store(state: &Mutex<State>, request: &Request) -> Response {
    let mut state = lock(state);
    if request.header("authorization").is_some() {
        return Response::error(400, "", "only one way to say who asks is allowed");
    }
    let path = request.path();
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match (request.method.as_str(), parts.as_slice()) {
        ("GET" | "HEAD", ["blob", hash]) => resolve::blob(&mut state, request, hash),
        ("PUT", ["upload", hash]) => upload::put(&mut state, request, hash),
        ("PUT", ["upload", hash, part]) => upload::put_part(&mut state, request, hash, part),
        _ => Response::error(404, "", "there is nothing at this address"),
    }
}
