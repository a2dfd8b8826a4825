//! Bodies and parameters, with problems for answers where they cannot be read.

use super::Problem;
use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Query, Request},
    http::request::Parts,
};
use serde::de::DeserializeOwned;
use shared::protocol::ProblemKind;

/// The JSON of a request.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        // Its media type was looked at by the guard.
        let bytes = Bytes::from_request(request, state).await?;
        // A list would be taken for an object too, its entries for fields in their order.
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        if first.is_some_and(|first| b"[0123456789-\"tfn".contains(first)) {
            return Err(Problem::new(
                ProblemKind::Unprocessable,
                "this takes a JSON object: { ... }",
            ));
        }
        let Json(body) = Json::from_bytes(&bytes)?;
        Ok(Self(body))
    }
}

/// The parameters behind the `?`.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(params) = Query::from_request_parts(parts, state).await?;
        Ok(Self(params))
    }
}

/// The parameters of the path.
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(path)| Self(path))
            // Bytes that are no UTF-8 name nothing here.
            .map_err(|rejection| Problem::new(ProblemKind::NotFound, rejection.body_text()))
    }
}
