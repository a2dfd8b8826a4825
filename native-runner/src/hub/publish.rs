//! A model's folder to a repository on the hub.

use super::{
    Settings,
    client::Client,
    commit::{commit, files},
    error::HubError,
};
use serde_json::json;
use shared::{config::check_part, protocol::Event};
use std::path::Path;

/// Where a model is to go.
pub(crate) struct Target<'a> {
    /// `owner/name`; `None` is [`Self::name`] in the account of the token's owner.
    pub(crate) id: Option<&'a str>,
    /// `EXP.name`.
    pub(crate) name: &'a str,
    /// Whether only the owner may see it.
    pub(crate) private: bool,
}

/// A repository that is there and may be written to.
pub(crate) struct Publisher {
    client: Client,
    /// `owner/name`.
    pub(crate) id: String,
    private: bool,
}

impl Publisher {
    /// Makes the repository, if it isn't there yet: before a training, since after it an error
    /// comes hours late.
    ///
    /// # Errors
    /// No token, one that may not write, a name that cannot be, or a hub that cannot be reached.
    pub(crate) fn prepare(target: &Target<'_>) -> Result<Self, HubError> {
        let settings = Settings::from_env()?;
        if settings.offline {
            return Err(HubError::OfflinePush);
        }
        let endpoint = settings.endpoint.clone();
        let Some(token) = settings.token.clone() else {
            return Err(HubError::NoToken { endpoint });
        };
        let client = Client::new(&settings, Some(token));
        let answer = client.get("/api/whoami-v2")?;
        if answer.status >= 400 {
            return Err(client.refusal(&answer, "the question whose the token is"));
        }
        let who = client.json(&answer)?;
        if who["auth"]["accessToken"]["role"] == "read" {
            return Err(HubError::ReadOnly { endpoint });
        }
        let id = match target.id {
            Some(id) => id.to_owned(),
            None => {
                let owner = who["name"]
                    .as_str()
                    .ok_or_else(|| client.odd("it does not say whose the token is"))?;
                check_part(target.name).map_err(|reason| HubError::Name {
                    name: target.name.to_owned(),
                    owner: owner.to_owned(),
                    reason,
                })?;
                format!("{owner}/{}", target.name)
            }
        };
        let publisher = Self {
            client,
            id,
            private: target.private,
        };
        publisher.create()?;
        Ok(publisher)
    }

    fn create(&self) -> Result<(), HubError> {
        let (owner, name) = self.id.split_once('/').unwrap_or(("", &self.id));
        let body = json!({
            "name": name,
            "organization": owner,
            "type": "model",
            "private": self.private,
        });
        let answer =
            self.client
                .post("/api/repos/create", "application/json", &body.to_string())?;
        match answer.status {
            200..=299 => Ok(()),
            409 => {
                // It was there before: what is private must not land in the open.
                let answer = self.client.get(&format!("/api/models/{}", self.id))?;
                let what = format!("the question what {} is", self.id);
                if answer.status >= 400 {
                    return Err(self.client.refusal(&answer, &what));
                }
                if self.private && self.client.json(&answer)?["private"] != true {
                    return Err(HubError::IsPublic {
                        id: self.id.clone(),
                    });
                }
                Ok(())
            }
            _ => Err(self
                .client
                .refusal(&answer, &format!("to make the repository {}", self.id))),
        }
    }

    /// Uploads all files of `folder` in one commit, and says so.
    pub(crate) fn push(
        &self,
        folder: &Path,
        summary: &str,
        emit: &dyn Fn(&Event),
    ) -> Result<(), HubError> {
        let files = files(folder)?;
        let revision = commit(&self.client, &self.id, &files, summary, emit)?;
        emit(&Event::Published {
            model: self.id.clone(),
            revision,
            address: format!("{}/{}", self.client.endpoint, self.id),
            private: self.private,
        });
        Ok(())
    }
}
