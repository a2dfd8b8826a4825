//! Who asks, what a repository holds, and new repositories.

use crate::{
    ORGANISATION, USER,
    http::{Request, Response},
    store::{Repository, Role, State},
};
use serde_json::{Value, json};

pub(crate) fn whoami(request: &Request) -> Response {
    let role = match Role::of(request) {
        Ok(Some(Role::Read)) => "read",
        Ok(Some(Role::Write)) => "write",
        Ok(None) => return Response::error(401, "", "Invalid username or password."),
        Err(answer) => return answer,
    };
    Response::json(&json!({
        "type": "user",
        "name": USER,
        "fullname": "A tester",
        "orgs": [{"type": "org", "name": ORGANISATION}],
        "auth": {"type": "access_token", "accessToken": {"displayName": "test", "role": role}},
    }))
}

/// What a repository holds.
pub(crate) fn info(state: &State, request: &Request, id: &str, revision: &str) -> Response {
    let found = match state.visible(request, id) {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let empty = (String::new(), Default::default());
    let (hash, files) = match found.at(revision) {
        Some(commit) => commit,
        None if found.commits.is_empty() => &empty,
        None => return no_revision(revision),
    };
    let siblings: Vec<Value> = files
        .keys()
        .map(|path| json!({"rfilename": path}))
        .collect();
    Response::json(&json!({
        "_id": "0",
        "id": id,
        "modelId": id,
        "author": id.split('/').next(),
        "sha": hash,
        "private": found.private,
        "gated": if found.gated { json!("manual") } else { json!(false) },
        "disabled": false,
        "downloads": 0,
        "likes": 0,
        "tags": [],
        "lastModified": "2026-01-01T00:00:00.000Z",
        "createdAt": "2026-01-01T00:00:00.000Z",
        "siblings": siblings,
    }))
}

/// The files of a commit with their sizes.
pub(crate) fn tree(state: &State, request: &Request, id: &str, revision: &str) -> Response {
    let found = match state.visible(request, id) {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let Some((_, files)) = found.at(revision) else {
        return no_revision(revision);
    };
    let list: Vec<Value> = files
        .iter()
        .map(|(path, file)| {
            let size = file.bytes.len();
            let mut entry = json!({"type": "file", "path": path, "size": size, "oid": file.hash()});
            if file.large {
                entry["lfs"] = json!({"oid": file.hash(), "size": size, "pointerSize": 130});
            }
            entry
        })
        .collect();
    Response::json(&json!(list))
}

pub(crate) fn no_revision(revision: &str) -> Response {
    let message = format!("Invalid rev id: {revision}");
    Response::error(404, "RevisionNotFound", &message)
}

/// A new repository.
pub(crate) fn create(state: &mut State, request: &Request) -> Response {
    let body = request.json();
    let owner = body["organization"].as_str().unwrap_or(USER);
    let Some(name) = body["name"].as_str() else {
        return Response::error(400, "", "\"name\" is required");
    };
    let id = format!("{owner}/{name}");
    if let Err(answer) = State::may_write(request, &id) {
        return answer;
    }
    let url = format!("{}/{id}", state.endpoint);
    if state.repositories.contains_key(&id) {
        let mut answer = Response::error(409, "", "You already created this model repo");
        answer = answer.bytes(
            json!({"error": "You already created this model repo", "url": url})
                .to_string()
                .into_bytes(),
        );
        return answer;
    }
    let repository = Repository {
        private: body["private"] == true || body["visibility"] == "private",
        ..Repository::default()
    };
    state.repositories.insert(id.clone(), repository);
    Response::json(&json!({"url": url, "name": id, "id": "0"}))
}
