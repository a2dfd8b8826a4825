//! A model of the hub, into what the browser keeps.

use keep::{Cabinet, Fault, Folder, Model, ModelFile, Models, PARTS, Remote};
use leptos::prelude::window;
use serde::Deserialize;
use shared::{
    checkpoint::repository::{description, shards, weights},
    config::HubModel,
};
use std::collections::{BTreeMap, BTreeSet};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Response};

/// What of the answer about a repository is of interest.
#[derive(Deserialize)]
struct Info {
    sha: String,
}

/// A file of a commit.
#[derive(Debug, Clone, Deserialize)]
struct Entry {
    path: String,
    #[serde(default)]
    size: u64,
    oid: String,
    lfs: Option<Large>,
}

/// A file in the store of large files.
#[derive(Debug, Clone, Deserialize)]
struct Large {
    /// Its SHA-256.
    oid: String,
}

/// What is told on the way.
pub(super) enum Told<'a> {
    /// A file of so many is fetched.
    File(&'a str),
    /// So many bytes of all are here.
    Bytes(f64, f64),
}

/// Fetches `name`; what is here of it already is not asked for again.
///
/// # Errors
/// Why not, in words.
pub(super) async fn fetch(
    endpoint: &str,
    name: &str,
    told: &dyn Fn(Told<'_>),
) -> Result<Model, String> {
    let model = HubModel::parse(name.trim()).map_err(|error| error.to_string() + ".")?;
    let Some(root) = Folder::own().await else {
        return Err("This browser keeps no files for this site, as in some private windows: give the tab the model's folder instead.".to_owned());
    };
    let at = |path: &str| format!("{endpoint}{path}");
    let revision = encoded(model.revision());
    let info: Info = ask(
        &model,
        &at(&format!("/api/models/{}/revision/{revision}", model.id)),
    )
    .await?;
    // Another document may be at it: then this one waits, and finds it here.
    let _lock = Models::lock(&model.to_string()).await;
    let unkept = |error| words(&model, &Fault::Kept(error));
    let models = Models::open(&root).await.map_err(unkept)?;
    let there = models.whole(&model.to_string()).await;
    if let Some(there) = there.filter(|there| there.commit == info.sha) {
        return Ok(there);
    }
    let tree = format!("/api/models/{}/tree/{}", model.id, encoded(&info.sha));
    let entries: Vec<Entry> = ask(&model, &at(&tree)).await?;
    let entries: BTreeMap<&str, &Entry> = entries
        .iter()
        .map(|entry| (entry.path.as_str(), entry))
        .collect();
    let names: BTreeSet<String> = entries.keys().map(|name| (*name).to_owned()).collect();
    let unfit = |why: String| format!("`{model}` cannot be trained: {why}.");
    let mut wanted: Vec<String> = description(&names)
        .map_err(unfit)?
        .into_iter()
        .map(str::to_owned)
        .collect();
    let first = weights(&names).map_err(unfit)?;
    wanted.push(first.to_owned());

    let parts = Cabinet::open(Some(&root), PARTS).await;
    let remote = |name: &str| {
        let entry = entries
            .get(name)
            .ok_or_else(|| unfit(format!("it has no file `{name}`, which its index names")))?;
        Ok::<_, String>(Remote {
            // Of the commit, so that pieces of different times are never put together.
            address: at(&format!(
                "/{}/resolve/{}/{}",
                model.id,
                info.sha,
                encoded(name)
            )),
            size: entry.size,
            mark: entry.oid.clone(),
        })
    };
    if first.ends_with(".index.json") {
        let index = remote(first)?;
        let blob = keep::fetch(&parts, &index, &|_| {}).await;
        let blob = blob.map_err(|fault| words(&model, &fault))?;
        let text = JsFuture::from(blob.text()).await.unwrap_or_default();
        wanted.extend(shards(&text.as_string().unwrap_or_default()).map_err(unfit)?);
    }

    let remotes = wanted.iter().map(|name| Ok((name, remote(name)?)));
    let remotes = remotes.collect::<Result<Vec<_>, String>>()?;
    let all: f64 = remotes.iter().map(|(_, remote)| remote.size as f64).sum();
    let done = std::cell::Cell::new(0.0);
    let went = |bytes: f64| {
        done.set(done.get() + bytes);
        told(Told::Bytes(done.get(), all));
    };
    let mut blobs: Vec<(&String, Blob)> = Vec::new();
    for (name, remote) in &remotes {
        told(Told::File(name));
        let blob = keep::fetch(&parts, remote, &went).await;
        let blob = blob.map_err(|fault| words(&model, &fault))?;
        let large = entries
            .get(name.as_str())
            .and_then(|entry| entry.lfs.as_ref());
        if let Some(large) = large
            && keep::hash(&blob).await.ok().as_ref() != Some(&large.oid)
        {
            keep::forget(&parts, remote).await;
            return Err(format!("`{name}` was damaged on its way. Get it again."));
        }
        blobs.push((name, blob));
    }

    let own = model.to_string();
    let kept = async {
        // Another commit of it: whole, or not there.
        models.remove(&own).await?;
        for (name, blob) in &blobs {
            models.put(&own, name, blob).await?;
        }
        let files = remotes.iter().map(|(name, remote)| ModelFile {
            name: (*name).clone(),
            size: remote.size,
        });
        let model = Model {
            name: own.clone(),
            commit: info.sha.clone(),
            files: files.collect(),
        };
        models.finish(&model).await?;
        Ok(model)
    };
    let kept = kept.await.map_err(unkept)?;
    drop(blobs);
    for (_, remote) in &remotes {
        keep::forget(&parts, remote).await;
    }
    Ok(kept)
}

fn encoded(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

/// Asks the hub for a small answer in JSON.
async fn ask<T: serde::de::DeserializeOwned>(model: &HubModel, address: &str) -> Result<T, String> {
    let gone = |_| words(model, &Fault::Gone);
    let answer = JsFuture::from(window().fetch_with_str(address))
        .await
        .map_err(gone)?;
    let answer: Response = answer.unchecked_into();
    let text = JsFuture::from(answer.text().map_err(gone)?)
        .await
        .map_err(gone)?;
    let text = text.as_string().unwrap_or_default();
    if !answer.ok() {
        let code = answer.headers().get("X-Error-Code").ok().flatten();
        let fault = Fault::Refused {
            status: answer.status(),
            code: code.unwrap_or_default(),
            text,
        };
        return Err(words(model, &fault));
    }
    serde_json::from_str(&text)
        .map_err(|error| format!("The hub's answer cannot be read: {error}."))
}

/// What a fault means for somebody who wants a model, and what to do.
fn words(model: &HubModel, fault: &Fault) -> String {
    const ELSEWHERE: &str = "Get its folder with a program that you are logged in with (`hf download`), and give that folder to the tab; \
         or train on a runner that has your token";
    match fault {
        Fault::Gone => "The hub does not answer. What has come is kept: get it again, and it goes on from there.".to_owned(),
        Fault::Refused { code, .. } if code == "GatedRepo" => format!(
            "`{model}` is gated: its owners want to know who uses it. {ELSEWHERE}."
        ),
        Fault::Refused { code, .. } if code == "RevisionNotFound" => format!(
            "`{}` has no branch, tag or commit `{}`.", model.id, model.revision()
        ),
        // The hub tells a stranger of a private model what it tells of none.
        Fault::Refused { status: 401 | 404, .. } => format!(
            "There is no model `{}` on the hub that everybody may have: its name may be misspelt, or it is private or gated. {ELSEWHERE}.",
            model.id
        ),
        Fault::Refused { status: 403, .. } => format!("The hub does not give `{model}` to everybody. {ELSEWHERE}."),
        Fault::Refused { status: 429, .. } => "The hub wants a pause. What has come is kept: get it again in a few minutes.".to_owned(),
        Fault::Refused { status, .. } => format!("The hub answers with HTTP status {status}. What has come is kept: try again later."),
        Fault::Changed => format!("A file of `{model}` is another than the hub told. Get it again."),
        Fault::Kept(error) => {
            let error = between::problem(error);
            format!("It cannot be kept: {error}. Make room, then get it again: what has come is kept.")
        }
    }
}
