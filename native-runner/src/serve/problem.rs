//! Errors to answers.

use axum::{
    Json,
    extract::rejection::{BytesRejection, JsonRejection, QueryRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use shared::{
    config::diagnostics::{Diagnostic, Severity},
    protocol::{self, PROBLEM_TYPE, ProblemKind},
};
use std::{fmt, io};

/// What a handler answers with when it cannot do what was asked for. What goes wrong here is
/// logged where it becomes an answer, and told to the client without its inner parts.
#[derive(Debug)]
pub(crate) struct Problem(pub(crate) Box<protocol::Problem>);

impl Problem {
    /// A problem of `kind`; `detail` says what happened, to what, and what to do.
    pub(crate) fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self(Box::new(protocol::Problem::new(kind, detail)))
    }

    /// There is no `what` of that name; says the same of one that belongs to somebody else.
    pub(crate) fn not_found(what: &str, id: &str) -> Self {
        // A name can be anything, and long.
        let id: String = id.chars().take(80).collect();
        Self::new(ProblemKind::NotFound, format!("there is no {what} `{id}`"))
    }

    /// Something went wrong here: logged in full, told in general.
    pub(crate) fn internal(error: impl fmt::Display) -> Self {
        tracing::error!(error = %error, "a request failed");
        Self::new(
            ProblemKind::Internal,
            "something went wrong in the runner; its log says what",
        )
    }

    /// An INI with errors: the first one's place, and all findings.
    pub(crate) fn invalid_config(section_key: Place, diagnostics: Vec<Diagnostic>) -> Self {
        let first = diagnostics
            .iter()
            .find(|finding| finding.severity == Severity::Error);
        let detail = first.map_or_else(String::new, |finding| match &finding.fix {
            Some(fix) => format!("{}: {}", finding.message, fix.message),
            None => finding.message.clone(),
        });
        let mut problem = protocol::Problem::new(ProblemKind::InvalidConfig, detail);
        (problem.section, problem.key) = (section_key.section, section_key.key);
        problem.line = first.map(|finding| finding.start.line);
        problem.column = first.map(|finding| finding.start.column);
        problem.diagnostics = diagnostics;
        Self(Box::new(problem))
    }

    /// The same, about a parameter or field.
    pub(crate) fn about(mut self, key: &str) -> Self {
        self.0.key = Some(key.to_owned());
        self
    }

    /// The same, to be tried again after so many seconds.
    pub(crate) fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }
}

/// Where in an INI something stands.
#[derive(Debug, Default)]
pub(crate) struct Place {
    pub(crate) section: Option<String>,
    pub(crate) key: Option<String>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry = self.0.retry_after;
        let unauthorized = self.0.kind == ProblemKind::Unauthorized;
        let mut response = (status, Json(self.0)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = retry {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if unauthorized {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"voxtune\""),
            );
        }
        response
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::new(
                ProblemKind::OutOfSpace,
                "the runner's disk is full: delete jobs or datasets that are no longer needed",
            ),
            _ => Self::internal(error),
        }
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        let kind = match rejection.status() {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ProblemKind::UnsupportedMediaType,
            StatusCode::PAYLOAD_TOO_LARGE => ProblemKind::TooLarge,
            StatusCode::UNPROCESSABLE_ENTITY => ProblemKind::Unprocessable,
            _ => ProblemKind::BadRequest,
        };
        Self::new(kind, rejection.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(ProblemKind::BadRequest, rejection.body_text())
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        let kind = match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => ProblemKind::TooLarge,
            _ => ProblemKind::BadRequest,
        };
        Self::new(kind, rejection.body_text())
    }
}
