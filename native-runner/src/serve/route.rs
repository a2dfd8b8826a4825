//! Handlers by operation: nothing is routed that is not in the one table.

use super::{Problem, state::AppState};
use axum::{
    Router,
    extract::{DefaultBodyLimit, MatchedPath, Request},
    handler::Handler,
    http::Method as HttpMethod,
    routing::{MethodRouter, delete, get, post, put},
};
use shared::protocol::{Method, Operation, ProblemKind, operations};
use std::collections::BTreeMap;

/// Operations with their handlers.
#[derive(Default)]
pub(crate) struct Routes {
    list: Vec<(&'static Operation, MethodRouter<AppState>)>,
}

impl Routes {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Lets `handler` answer `operation`.
    pub(crate) fn on<H, T>(mut self, operation: &'static Operation, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        let route = match operation.method {
            Method::Get => get(handler),
            Method::Post => post(handler),
            Method::Put => put(handler),
            Method::Delete => delete(handler),
        };
        let limit = usize::try_from(operation.body_limit).unwrap_or(usize::MAX);
        self.list
            .push((operation, route.layer(DefaultBodyLimit::max(limit))));
        self
    }

    /// These and `others`.
    pub(crate) fn and(mut self, others: Self) -> Self {
        self.list.extend(others.list);
        self
    }

    /// The operations that have a handler.
    pub(crate) fn operations(&self) -> impl Iterator<Item = &'static Operation> {
        self.list.iter().map(|(operation, _)| *operation)
    }

    /// The router, in which a path's other methods are answered by a problem.
    pub(crate) fn router(self) -> Router<AppState> {
        let mut paths: BTreeMap<&'static str, MethodRouter<AppState>> = BTreeMap::new();
        for (operation, route) in self.list {
            let before = paths.remove(operation.path).unwrap_or_default();
            paths.insert(operation.path, before.merge(route));
        }
        paths
            .into_iter()
            .fold(Router::new(), |router, (path, methods)| {
                router.route(path, methods)
            })
            .method_not_allowed_fallback(|request: Request| async move {
                let allowed: Vec<&str> = operations::ALL
                    .iter()
                    .filter(|operation| Some(operation.path) == matched(&request))
                    .map(|operation| operation.method.word())
                    .collect();
                Problem::new(
                    ProblemKind::MethodNotAllowed,
                    format!(
                        "{} is not done here; use {}",
                        request.method(),
                        allowed.join(" or ")
                    ),
                )
            })
    }
}

fn matched(request: &Request) -> Option<&str> {
    request
        .extensions()
        .get::<MatchedPath>()
        .map(MatchedPath::as_str)
}

/// The operation that answers `request`, in layers around the router; `None` for the page's own
/// files and for what is not found.
pub(crate) fn operation_of(request: &Request) -> Option<&'static Operation> {
    let path = matched(request)?;
    let method = match *request.method() {
        HttpMethod::HEAD => "GET",
        ref method => method.as_str(),
    };
    operations::ALL
        .iter()
        .find(|operation| operation.path == path && operation.method.word() == method)
}
