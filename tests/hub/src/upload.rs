//! Uploads: how each file is to come, large files into the store, and the commit.

use crate::{
    http::{Request, Response},
    store::{File, State, is_large, sha256},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

/// Says of each file whether it comes with the commit or by LFS.
pub(crate) fn preupload(state: &State, request: &Request, id: &str) -> Response {
    if let Err(answer) = allowed(state, request, id) {
        return answer;
    }
    let body = request.json();
    let mut files = Vec::new();
    for file in body["files"].as_array().into_iter().flatten() {
        let (Some(path), Some(_), Some(sample)) = (
            file["path"].as_str(),
            file["size"].as_u64(),
            file["sample"].as_str(),
        ) else {
            return Response::error(400, "", "path, size and sample are required");
        };
        if BASE64_STANDARD.decode(sample).is_err() {
            return Response::error(400, "", "sample is not base64");
        }
        let mode = if is_large(path) { "lfs" } else { "regular" };
        files.push(json!({"path": path, "uploadMode": mode, "shouldIgnore": false, "oid": null}));
    }
    Response::json(&json!({"files": files}))
}

/// Says where each large file goes.
pub(crate) fn batch(state: &State, request: &Request, id: &str) -> Response {
    if let Err(answer) = allowed(state, request, id) {
        return answer;
    }
    let body = request.json();
    let transfers = body["transfers"].as_array().cloned().unwrap_or_default();
    if body["operation"] != "upload" || body["hash_algo"] != "sha256" {
        return Response::error(400, "", "only uploads by sha256");
    }
    let in_parts = transfers.contains(&json!("multipart"));
    let mut objects = Vec::new();
    for object in body["objects"].as_array().into_iter().flatten() {
        let (Some(oid), Some(size)) = (object["oid"].as_str(), object["size"].as_u64()) else {
            return Response::error(400, "", "oid and size are required");
        };
        let mut answer = json!({"oid": oid, "size": size});
        if !state.objects.contains_key(oid) {
            let store = &state.store;
            let upload = match state.part_size.filter(|_| in_parts) {
                None => json!({"href": format!("{store}/upload/{oid}")}),
                Some(part) => {
                    let mut header = json!({"chunk_size": part.to_string()});
                    for number in 1..=size.div_ceil(part as u64) {
                        header[format!("{number:05}")] =
                            json!(format!("{store}/upload/{oid}/{number}"));
                    }
                    let href = format!("{}/api/lfs/complete/{oid}", state.endpoint);
                    json!({"href": href, "header": header})
                }
            };
            let verify = json!({"href": format!("{}/api/lfs/verify", state.endpoint)});
            answer["actions"] = json!({"upload": upload, "verify": verify});
        }
        objects.push(answer);
    }
    Response::json(&json!({"transfer": "basic", "objects": objects}))
}

/// A large file as a whole.
pub(crate) fn put(state: &mut State, request: &Request, hash: &str) -> Response {
    if let Some(answer) = chunked(request) {
        return answer;
    }
    keep(state, hash, request.body.clone())
}

/// Object stores want to know the size beforehand.
fn chunked(request: &Request) -> Option<Response> {
    let length = request.header("content-length");
    length.is_none().then(|| {
        Response::error(
            501,
            "",
            "a header you provided implies functionality that is not implemented",
        )
    })
}

/// A part of a large file.
pub(crate) fn put_part(state: &mut State, request: &Request, hash: &str, part: &str) -> Response {
    if let Some(answer) = chunked(request) {
        return answer;
    }
    let Ok(number) = part.parse() else {
        return Response::error(400, "", "no number of a part");
    };
    let mark = format!("\"{}\"", &sha256(&request.body)[..32]);
    let parts = state.parts.entry(hash.to_owned()).or_default();
    parts.insert(number, request.body.clone());
    Response::new(200).with("ETag", mark)
}

/// All parts are there.
pub(crate) fn complete(state: &mut State, request: &Request, hash: &str) -> Response {
    let body = request.json();
    let parts = state.parts.remove(hash).unwrap_or_default();
    let marks: Vec<(usize, String)> = parts
        .iter()
        .map(|(number, bytes)| (*number, format!("\"{}\"", &sha256(bytes)[..32])))
        .collect();
    let told: Vec<(usize, String)> = body["parts"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|part| {
            let number = usize::try_from(part["partNumber"].as_u64()?).ok()?;
            Some((number, part["etag"].as_str()?.to_owned()))
        })
        .collect();
    if body["oid"] != hash || told != marks {
        return Response::error(400, "", "these are not the parts that came");
    }
    keep(state, hash, parts.into_values().flatten().collect())
}

fn keep(state: &mut State, hash: &str, bytes: Vec<u8>) -> Response {
    if sha256(&bytes) != hash {
        return Response::error(400, "", "the bytes have another hash");
    }
    state.objects.insert(hash.to_owned(), bytes);
    Response::new(200)
}

/// Whether a large file has come.
pub(crate) fn verify(state: &State, request: &Request) -> Response {
    if let Err(answer) = State::may_write(request, crate::USER) {
        return answer;
    }
    let body = request.json();
    let found = body["oid"].as_str().and_then(|oid| state.objects.get(oid));
    match found {
        Some(bytes) if body["size"].as_u64() == Some(bytes.len() as u64) => Response::new(200),
        _ => Response::error(404, "", "no such object"),
    }
}

/// Files to the main branch.
pub(crate) fn commit(state: &mut State, request: &Request, id: &str) -> Response {
    if let Err(answer) = allowed(state, request, id) {
        return answer;
    }
    if request.header("content-type") != Some("application/x-ndjson") {
        return Response::error(415, "", "a commit is application/x-ndjson");
    }
    let text = String::from_utf8_lossy(&request.body);
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_default())
        .collect();
    if lines.first().is_none_or(|line| {
        line["key"] != "header" || line["value"]["summary"].as_str().is_none_or(str::is_empty)
    }) {
        return Response::error(400, "", "the first line must be a header with a summary");
    }
    let Some(repository) = state.repositories.get(id) else {
        return Response::error(404, "RepoNotFound", "Repository not found");
    };
    let newest = repository.commits.last();
    let mut files = newest.map(|(_, files)| files.clone()).unwrap_or_default();
    for line in &lines[1..] {
        let value = &line["value"];
        let Some(path) = value["path"].as_str() else {
            return Response::error(400, "", "a path is required");
        };
        let file = match line["key"].as_str() {
            Some("file") if value["encoding"] == "base64" => {
                let content = value["content"].as_str().unwrap_or_default();
                BASE64_STANDARD.decode(content).ok().map(|bytes| File {
                    bytes,
                    large: false,
                })
            }
            Some("lfsFile") if value["algo"] == "sha256" => {
                let object = value["oid"].as_str().and_then(|oid| state.objects.get(oid));
                object.map(|bytes| File {
                    bytes: bytes.clone(),
                    large: true,
                })
            }
            _ => None,
        };
        match file {
            Some(file) => files.insert(path.to_owned(), file),
            None => return Response::error(400, "", "a line of the commit cannot be carried out"),
        };
    }
    let endpoint = state.endpoint.clone();
    let Some(repository) = state.repositories.get_mut(id) else {
        return Response::error(404, "RepoNotFound", "Repository not found");
    };
    repository.commit(files);
    let hash = repository.head();
    Response::json(&json!({
        "success": true,
        "commitOid": hash,
        "commitUrl": format!("{endpoint}/{id}/commit/{hash}"),
        "hookOutput": "",
    }))
}

fn allowed(state: &State, request: &Request, id: &str) -> Result<(), Response> {
    state.visible(request, id)?;
    State::may_write(request, id)
}
