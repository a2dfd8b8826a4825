//! Requests to the hub's API.

use super::{Settings, Token, error::HubError};
use serde_json::Value;
use shared::config::HubModel;
use std::{thread, time::Duration};
use ureq::{
    Agent, Body,
    config::RedirectAuthHeaders,
    http::{HeaderMap, Response},
};

/// How often a request is tried that fails by chance.
const ATTEMPTS: u32 = 4;
/// Wait before the second attempt; it doubles each time.
const WAIT: Duration = Duration::from_millis(400);
/// Longest message of a server that is repeated, in characters.
const LONGEST: usize = 300;

/// A client of one hub.
pub(crate) struct Client {
    pub(crate) agent: Agent,
    pub(crate) endpoint: String,
    pub(crate) token: Option<Token>,
}

/// What the hub answered.
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body's text.
    pub(crate) text: String,
    message: String,
    headers: HeaderMap,
}

impl Answer {
    /// A header's text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl Client {
    pub(crate) fn new(settings: &Settings, token: Option<Token>) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .redirect_auth_headers(RedirectAuthHeaders::SameHost)
            .timeout_resolve(Some(Duration::from_secs(15)))
            .timeout_connect(Some(Duration::from_secs(15)))
            .timeout_recv_response(Some(Duration::from_secs(120)))
            .user_agent(concat!("voxtune/", env!("CARGO_PKG_VERSION")))
            .build();
        Self {
            agent: config.new_agent(),
            endpoint: settings.endpoint.clone(),
            token,
        }
    }

    /// Gets `path` of the endpoint.
    pub(crate) fn get(&self, path: &str) -> Result<Answer, HubError> {
        let address = format!("{}{path}", self.endpoint);
        self.patiently(|| {
            let mut request = self.agent.get(&address);
            if let Some(token) = &self.token {
                request = request.header("Authorization", token.header());
            }
            self.answer(request.call())
        })
    }

    /// Asks for the headers of `path` of the endpoint; a redirect is an answer.
    pub(crate) fn head(&self, path: &str) -> Result<Answer, HubError> {
        let address = format!("{}{path}", self.endpoint);
        self.patiently(|| {
            let mut request = self
                .agent
                .head(&address)
                .header("Accept-Encoding", "identity");
            if let Some(token) = &self.token {
                request = request.header("Authorization", token.header());
            }
            let request = request
                .config()
                .max_redirects(0)
                .max_redirects_will_error(false)
                .build();
            self.answer(request.call())
        })
    }

    /// Opens `path` of the endpoint from byte `start` on. A redirect is followed, without the token
    /// where it leads away from the hub.
    pub(crate) fn open(&self, path: &str, start: u64) -> Result<Response<Body>, HubError> {
        let mut request = self
            .agent
            .get(format!("{}{path}", self.endpoint))
            .header("Range", format!("bytes={start}-"))
            .header("Accept-Encoding", "identity");
        if let Some(token) = &self.token {
            request = request.header("Authorization", token.header());
        }
        request.call().map_err(|error| self.network(&error))
    }

    /// Posts `body` to `path` of the endpoint, again where that fails by chance.
    pub(crate) fn post(&self, path: &str, kind: &str, body: &str) -> Result<Answer, HubError> {
        self.patiently(|| self.post_once(path, kind, body))
    }

    /// Posts `body` to `path` of the endpoint once: for what must not happen twice.
    pub(crate) fn post_once(&self, path: &str, kind: &str, body: &str) -> Result<Answer, HubError> {
        let address = format!("{}{path}", self.endpoint);
        let mut request = self
            .agent
            .post(&address)
            .header("Content-Type", kind)
            .header("Accept", kind.replace("x-ndjson", "json"));
        if let Some(token) = &self.token {
            request = request.header("Authorization", token.header());
        }
        self.answer(request.send(body))
    }

    /// Tries `request` again where it fails by chance.
    pub(crate) fn patiently(
        &self,
        mut request: impl FnMut() -> Result<Answer, HubError>,
    ) -> Result<Answer, HubError> {
        let mut wait = WAIT;
        for _ in 1..ATTEMPTS {
            match request() {
                Err(error) if error.is_transient() => {}
                Ok(answer) if matches!(answer.status, 408 | 429 | 500 | 502..=504) => {}
                other => return other,
            }
            thread::sleep(wait);
            wait *= 2;
        }
        request()
    }

    /// Reads an answer.
    pub(crate) fn answer(
        &self,
        result: Result<Response<Body>, ureq::Error>,
    ) -> Result<Answer, HubError> {
        let mut response = result.map_err(|error| self.network(&error))?;
        let headers = response.headers().clone();
        let message = headers
            .get("x-error-message")
            .and_then(|message| message.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let status = response.status().as_u16();
        let text = response
            .body_mut()
            .read_to_string()
            .map_err(|error| self.network(&error))?;
        let said = || {
            let body: Value = serde_json::from_str(&text).ok()?;
            Some(body.get("error")?.as_str()?.to_owned())
        };
        let message = if message.is_empty() && status >= 400 {
            said().unwrap_or_default()
        } else {
            message
        };
        let mut message: String = message
            .chars()
            .filter(|c| !c.is_control())
            .take(LONGEST)
            .collect();
        if let Some(token) = &self.token {
            message = token.redact(&message);
        }
        Ok(Answer {
            status,
            text,
            message,
            headers,
        })
    }

    pub(crate) fn network(&self, error: &ureq::Error) -> HubError {
        HubError::Network {
            endpoint: self.endpoint.clone(),
            reason: error.to_string(),
        }
    }

    /// The error of an answer about `model`; `None` if all is well.
    pub(crate) fn trouble(
        &self,
        answer: &Answer,
        model: &HubModel,
        file: &str,
    ) -> Option<HubError> {
        let id = model.id.clone();
        let endpoint = self.endpoint.clone();
        let with_token = self.token.is_some();
        let bad_credentials = [
            "Invalid credentials in Authorization header",
            "Invalid user token.",
        ]
        .contains(&answer.message.as_str());
        Some(
            match (
                answer.status,
                answer.header("x-error-code").unwrap_or_default(),
            ) {
                (200..=399, _) => return None,
                (401, _) if with_token && bad_credentials => HubError::BadToken { endpoint },
                (_, "GatedRepo") => HubError::Gated {
                    id,
                    endpoint,
                    with_token,
                },
                (_, "RevisionNotFound") => HubError::NoRevision {
                    id,
                    revision: model.revision().to_owned(),
                    endpoint,
                },
                (_, "EntryNotFound") => HubError::NoFile {
                    id,
                    file: file.to_owned(),
                    revision: model.revision().to_owned(),
                },
                (_, "RepoNotFound") | (401 | 404, _) => HubError::NoModel {
                    id,
                    endpoint,
                    with_token,
                },
                _ => self.refusal(answer, &format!("the request for {model}")),
            },
        )
    }

    /// The error of an answer to `what`, where no model explains it.
    pub(crate) fn refusal(&self, answer: &Answer, what: &str) -> HubError {
        let endpoint = self.endpoint.clone();
        let what = what.to_owned();
        let message = answer.message.clone();
        match answer.status {
            401 => HubError::BadToken { endpoint },
            403 => HubError::Forbidden {
                endpoint,
                what,
                message,
            },
            status => HubError::Status {
                endpoint,
                what,
                status,
                message,
            },
        }
    }

    /// The body of an answer as JSON.
    pub(crate) fn json(&self, answer: &Answer) -> Result<Value, HubError> {
        serde_json::from_str(&answer.text).map_err(|error| self.odd(error.to_string()))
    }

    pub(crate) fn odd(&self, reason: impl Into<String>) -> HubError {
        HubError::Answer {
            endpoint: self.endpoint.clone(),
            reason: reason.into(),
        }
    }
}
