//! From what `pretrained_model` or `--model` says to a folder on this machine.

use super::{
    Need, Settings,
    cache::{Cached, is_commit},
    client::Client,
    download::Downloader,
    error::HubError,
};
use anyhow::Context;
use hf_hub::{Repo, RepoType};
use serde_json::Value;
use shared::{
    checkpoint::{
        ModelConfig,
        repository::{description, shards, weights},
    },
    config::HubModel,
    files::Files,
    protocol::Event,
};
use std::{collections::BTreeSet, fs};

/// A model on this machine.
pub(crate) struct Located {
    /// Its folder.
    pub(crate) folder: String,
    /// The commit, where it came from the hub.
    pub(crate) revision: Option<String>,
}

/// Finds `model`: a folder of `files`, or else a model of the hub, which is fetched as far as it is
/// needed and not in the cache.
pub(crate) fn locate(
    model: &str,
    need: Need,
    files: &dyn Files,
    emit: &dyn Fn(&Event),
) -> anyhow::Result<Located> {
    if files.is_folder(model) || looks_like_a_path(model) {
        return Ok(Located {
            folder: model.to_owned(),
            revision: None,
        });
    }
    let model = HubModel::parse(model)?;
    let settings = Settings::from_env()?;
    let cached = Cached::new(&settings.cache, &model);
    let (folder, commit) = if settings.offline {
        from_cache(&cached, &model, need).ok_or_else(|| HubError::Offline {
            id: model.to_string(),
            cache: settings.cache.clone(),
        })?
    } else {
        let token = settings.token.clone().filter(|_| !settings.anonymous_reads);
        let client = Client::new(&settings, token);
        match online(&client, &cached, &model, need, emit) {
            Err(HubError::Network { endpoint, reason }) => {
                let found =
                    from_cache(&cached, &model, need).ok_or_else(|| HubError::NotCached {
                        id: model.to_string(),
                        endpoint: endpoint.clone(),
                        reason: reason.clone(),
                    })?;
                emit(&Event::Warning {
                    message: format!(
                        "{endpoint} cannot be reached ({reason}): {model} is taken from the cache, as it was at commit {}",
                        found.1
                    ),
                });
                found
            }
            other => other?,
        }
    };
    let folder = folder
        .to_str()
        .with_context(|| format!("{}: the path is not UTF-8", folder.display()))?
        .to_owned();
    Ok(Located {
        folder,
        revision: Some(commit),
    })
}

/// The folder of a model of the hub as far as its description goes, if that is in the cache; asks
/// nobody.
pub(crate) fn cached(model: &str) -> Option<String> {
    let model = HubModel::parse(model).ok()?;
    let settings = Settings::from_env().ok()?;
    let cached = Cached::new(&settings.cache, &model);
    let (folder, _) = from_cache(&cached, &model, Need::Description)?;
    folder.to_str().map(str::to_owned)
}

/// What cannot be a hub's name, and so is a folder that is missing; opening it says so.
fn looks_like_a_path(model: &str) -> bool {
    model.starts_with(['/', '.', '~']) || model.matches('/').count() > 1 && !model.contains('@')
}

type Found = (std::path::PathBuf, String);

fn from_cache(cached: &Cached, model: &HubModel, need: Need) -> Option<Found> {
    let commit = cached.commit(model.revision())?;
    Some((cached.complete(&commit, need)?, commit))
}

fn online(
    client: &Client,
    cached: &Cached,
    model: &HubModel,
    need: Need,
    emit: &dyn Fn(&Event),
) -> Result<Found, HubError> {
    let revision = model.revision().to_owned();
    let repo = Repo::with_revision(model.id.clone(), RepoType::Model, revision);
    let answer = client.get(&format!("/api/{}", repo.api_url()))?;
    if let Some(error) = client.trouble(&answer, model, "") {
        return Err(error);
    }
    let info = client.json(&answer)?;
    let commit = info["sha"]
        .as_str()
        .filter(|sha| is_commit(sha))
        .ok_or_else(|| client.odd(format!("it names no commit of {model}")))?;
    let names: BTreeSet<String> = info["siblings"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|file| file["rfilename"].as_str().map(str::to_owned))
        .collect();
    let unfit = |reason: String| HubError::NotAModel {
        id: model.to_string(),
        reason,
    };

    let downloader = Downloader {
        client,
        model,
        commit,
        cached,
        emit,
    };
    for file in description(&names).map_err(unfit)? {
        let path = downloader.fetch(file)?;
        if file == "config.json" {
            // Before hundreds of megabytes of something else.
            let text = fs::read_to_string(&path).map_err(HubError::io(&path))?;
            ModelConfig::from_json(&text, "config.json")
                .map_err(|error| unfit(error.to_string()))?;
        }
    }
    if need == Need::Weights {
        let file = weights(&names).map_err(unfit)?;
        let path = downloader.fetch(file)?;
        if file.ends_with(".index.json") {
            let index = fs::read_to_string(&path).map_err(HubError::io(&path))?;
            for shard in shards(&index).map_err(unfit)? {
                if !names.contains(&shard) {
                    return Err(unfit(format!(
                        "its index names {shard}, which is not there"
                    )));
                }
                downloader.fetch(&shard)?;
            }
        }
    }
    cached.note(model.revision(), commit)?;
    if let Some(Value::String(moved)) = info.get("id").filter(|id| *id != model.id.as_str()) {
        emit(&Event::Warning {
            message: format!("{model} is named {moved} on the hub now"),
        });
    }
    Ok((cached.snapshot(commit), commit.to_owned()))
}
