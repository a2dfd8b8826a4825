//! A commit that puts a folder's files into a repository.

use super::{client::Client, error::HubError, lfs};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use shared::protocol::Event;
use std::{
    collections::HashSet,
    fs,
    io::Read,
    path::{Path, PathBuf},
};

/// Bytes by which the hub tells text from data.
const SAMPLE: u64 = 512;

/// A file that is to be uploaded.
pub(crate) struct Upload {
    /// On the disk.
    pub(crate) path: PathBuf,
    /// In the repository, with `/` between names.
    pub(crate) name: String,
    /// Bytes.
    pub(crate) size: u64,
}

/// The files of `folder`, by name; hidden ones and what was not finished stay here.
pub(crate) fn files(folder: &Path) -> Result<Vec<Upload>, HubError> {
    let mut found = Vec::new();
    let mut left = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = left.pop() {
        for entry in fs::read_dir(&folder).map_err(HubError::io(&folder))? {
            let path = entry.map_err(HubError::io(&folder))?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            if name.starts_with('.') || name.ends_with(".part") {
                continue;
            }
            let name = format!("{prefix}{name}");
            let meta = fs::metadata(&path).map_err(HubError::io(&path))?;
            if meta.is_dir() {
                left.push((path, format!("{name}/")));
            } else if meta.is_file() {
                found.push(Upload {
                    path,
                    name,
                    size: meta.len(),
                });
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Uploads `files` to the main branch of `id` in one commit, and gives that commit's hash.
pub(crate) fn commit(
    client: &Client,
    id: &str,
    files: &[Upload],
    summary: &str,
    emit: &dyn Fn(&Event),
) -> Result<String, HubError> {
    let large = large(client, id, files)?;
    let large: Vec<&Upload> = files
        .iter()
        .filter(|file| file.size > 0 && large.contains(&file.name))
        .collect();
    let hashes = lfs::upload(client, id, &large, emit)?;

    let mut lines = vec![json!({
        "key": "header",
        "value": {"summary": summary, "description": ""},
    })];
    for file in files {
        lines.push(match hashes.get(&file.name) {
            Some(hash) => json!({
                "key": "lfsFile",
                "value": {"path": file.name, "algo": "sha256", "oid": hash, "size": file.size},
            }),
            None => {
                let bytes = fs::read(&file.path).map_err(HubError::io(&file.path))?;
                json!({
                    "key": "file",
                    "value": {
                        "path": file.name,
                        "encoding": "base64",
                        "content": BASE64_STANDARD.encode(bytes),
                    },
                })
            }
        });
    }
    let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let answer = client.post_once(
        &format!("/api/models/{id}/commit/main"),
        "application/x-ndjson",
        &body,
    )?;
    if answer.status >= 400 {
        return Err(client.refusal(&answer, &format!("the commit to {id}")));
    }
    client.json(&answer)?["commitOid"]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| client.odd("it names no commit"))
}

/// The names of the files that the hub wants in its store of large files.
fn large(client: &Client, id: &str, files: &[Upload]) -> Result<HashSet<String>, HubError> {
    let mut asked = Vec::new();
    for file in files {
        let mut sample = Vec::new();
        fs::File::open(&file.path)
            .and_then(|open| open.take(SAMPLE).read_to_end(&mut sample))
            .map_err(HubError::io(&file.path))?;
        asked.push(json!({
            "path": file.name,
            "size": file.size,
            "sample": BASE64_STANDARD.encode(sample),
        }));
    }
    let answer = client.post(
        &format!("/api/models/{id}/preupload/main"),
        "application/json",
        &json!({"files": asked}).to_string(),
    )?;
    if answer.status >= 400 {
        return Err(client.refusal(&answer, &format!("the upload to {id}")));
    }
    let answer = client.json(&answer)?;
    let modes = answer["files"]
        .as_array()
        .ok_or_else(|| client.odd("it does not say how files are to be uploaded"))?;
    Ok(modes
        .iter()
        .filter(|file| file["uploadMode"] == "lfs")
        .filter_map(|file| file["path"].as_str().map(str::to_owned))
        .collect())
}

/// Progress of an upload, about once a second.
pub(crate) fn upload_event(id: &str, file: &Upload, bytes: u64) -> Event {
    Event::Upload {
        model: id.to_owned(),
        file: file.name.clone(),
        bytes,
        total: file.size,
    }
}

/// A field of an answer that must be a text.
pub(crate) fn text<'a>(client: &Client, value: &'a Value, key: &str) -> Result<&'a str, HubError> {
    value[key]
        .as_str()
        .ok_or_else(|| client.odd(format!("it lacks `{key}`")))
}
