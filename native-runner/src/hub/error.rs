//! What can go wrong between here and the hub, in words that say what to do.

use std::{io, path::PathBuf};

/// What can go wrong between here and the hub.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HubError {
    #[error(
        "HF_ENDPOINT is `{0}`, which is no address: write, for instance, https://huggingface.co, or leave it unset"
    )]
    Endpoint(String),
    #[error(
        "HF_ENDPOINT holds a name or password: leave it out there, and give a token by HF_TOKEN"
    )]
    EndpointSecret,
    #[error(
        "the hub's token has characters that no token has: see HF_TOKEN, or the file that `hf auth login` wrote"
    )]
    TokenForm,
    #[error(
        "there is neither a folder `{id}` here nor a model {id} on {endpoint}{}",
        if *.with_token {
            ": look at the name; a private model is seen only by those who may, and this token may not"
        } else {
            ": look at the name; a private model needs a token, by HF_TOKEN or `hf auth login`"
        }
    )]
    NoModel {
        id: String,
        endpoint: String,
        with_token: bool,
    },
    #[error("{id} is gated: its owners want to know who uses it. {}", ask(.id, .endpoint, *.with_token))]
    Gated {
        id: String,
        endpoint: String,
        with_token: bool,
    },
    #[error("{id} has no branch, tag or commit `{revision}`: see {endpoint}/{id}/tree/main")]
    NoRevision {
        id: String,
        revision: String,
        endpoint: String,
    },
    #[error("{id} has no {file} at commit {revision}")]
    NoFile {
        id: String,
        file: String,
        revision: String,
    },
    #[error("{id} is no model that can be trained here: {reason}")]
    NotAModel { id: String, reason: String },
    #[error(
        "{endpoint} does not know the token: make a new one there in your settings, and give it by HF_TOKEN or `hf auth login`"
    )]
    BadToken { endpoint: String },
    #[error("{endpoint} refuses {what}{}", because(.message))]
    Forbidden {
        endpoint: String,
        what: String,
        message: String,
    },
    #[error("{endpoint} answers {status} to {what}{}", because(.message))]
    Status {
        endpoint: String,
        what: String,
        status: u16,
        message: String,
    },
    #[error("{endpoint} cannot be reached ({reason})")]
    Network { endpoint: String, reason: String },
    #[error(
        "{id} is not in the cache, and {endpoint} cannot be reached ({reason}): look at the network, or download {id} on \
         another machine and write its folder as pretrained_model"
    )]
    NotCached {
        id: String,
        endpoint: String,
        reason: String,
    },
    #[error(
        "{id} is not in the cache {}, and HF_HUB_OFFLINE forbids to ask the hub: run once without it, or write the folder \
         of the model as pretrained_model",
        .cache.display()
    )]
    Offline { id: String, cache: PathBuf },
    #[error(
        "push_to_hub needs the hub, and HF_HUB_OFFLINE forbids to ask it: unset one of the two"
    )]
    OfflinePush,
    #[error("{file} of {id} arrived damaged ({reason}); it was deleted: try again")]
    Damaged {
        id: String,
        file: String,
        reason: String,
    },
    #[error("{endpoint} gives an answer that cannot be used: {reason}")]
    Answer { endpoint: String, reason: String },
    #[error(
        "another program is downloading {file} of {id} into the same cache: wait for it, and try again"
    )]
    Busy { id: String, file: String },
    #[error("{}: {source}", .path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(
        "an upload needs a token that may write: make one on {endpoint} in your settings, and give it by HF_TOKEN or `hf auth login`"
    )]
    NoToken { endpoint: String },
    #[error("the token may only read: make one that may write on {endpoint} in your settings")]
    ReadOnly { endpoint: String },
    #[error(
        "`{name}` (EXP.name) cannot be a name on the hub ({reason}): set hub_model_id = {owner}/NAME"
    )]
    Name {
        name: String,
        owner: String,
        reason: &'static str,
    },
    #[error(
        "{id} is there already, and everybody sees it: set hub_private_repo = False if that is wanted, or another hub_model_id"
    )]
    IsPublic { id: String },
}

fn ask(id: &str, endpoint: &str, with_token: bool) -> String {
    if with_token {
        format!(
            "Ask for access on {endpoint}/{id} with the account that the token belongs to, and try again when it is \
             granted"
        )
    } else {
        format!(
            "Ask for access on {endpoint}/{id}, make a token there in your settings, and give it by HF_TOKEN or \
             `hf auth login`"
        )
    }
}

fn because(message: &str) -> String {
    if message.is_empty() {
        String::new()
    } else {
        format!(": {message}")
    }
}

impl HubError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    /// Whether the same request may well succeed a little later.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Network { .. } => true,
            Self::Status { status, .. } => matches!(status, 408 | 429 | 500 | 502 | 503 | 504),
            _ => false,
        }
    }
}
