//! Files of a commit: small ones at once, large ones by a redirect to the store.

use crate::{
    api::no_revision,
    http::{Request, Response},
    store::{Role, State},
};

/// A file by the name that it has in a repository.
pub(crate) fn file(
    state: &State,
    request: &Request,
    id: &str,
    revision: &str,
    path: &str,
) -> Response {
    let found = match state.visible(request, id) {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    if found.gated {
        let message = format!("Access to model {id} is restricted.");
        return match Role::of(request) {
            Ok(None) => Response::error(401, "GatedRepo", &message),
            Ok(Some(_)) => Response::error(403, "GatedRepo", &message),
            Err(answer) => answer,
        };
    }
    let Some((hash, files)) = found.at(revision) else {
        return no_revision(revision);
    };
    let Some(file) = files.get(path) else {
        return Response::error(404, "EntryNotFound", "Entry not found")
            .with("X-Repo-Commit", hash.as_str());
    };
    let mark = format!("\"{}\"", file.hash());
    if file.large {
        return Response::new(302)
            .with("Location", format!("{}/blob/{}", state.store, file.hash()))
            .with("X-Repo-Commit", hash.as_str())
            .with("X-Linked-Size", file.bytes.len().to_string())
            .with("X-Linked-ETag", mark.as_str())
            .with("ETag", format!("\"{}\"", &file.hash()[..40]));
    }
    stretch(request, &file.bytes)
        .with("X-Repo-Commit", hash.as_str())
        .with("ETag", mark)
}

/// A large file by its hash.
pub(crate) fn blob(state: &mut State, request: &Request, hash: &str) -> Response {
    let mut commits = state.repositories.values().flat_map(|repo| &repo.commits);
    let file = commits.find_map(|(_, files)| files.values().find(|f| f.large && f.hash() == hash));
    let Some(file) = file else {
        return Response::error(404, "", "no such object");
    };
    let mut bytes = file.bytes.clone();
    if state.damaged {
        bytes[0] ^= 1;
    }
    let answer = stretch(request, &bytes);
    let cut = (request.method == "GET" && !state.cuts.is_empty()).then(|| state.cuts.remove(0));
    answer.with("ETag", format!("\"{hash}\"")).cut(cut)
}

/// As much of `bytes` as the request asks for.
fn stretch(request: &Request, bytes: &[u8]) -> Response {
    let asked = request.header("range").and_then(|range| {
        let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
        let from: usize = from.parse().ok()?;
        let to = to.parse().map_or(bytes.len(), |to: usize| to + 1);
        Some((from, to.min(bytes.len())))
    });
    let kind = "application/octet-stream";
    match asked {
        None => Response::new(200)
            .with("Content-Type", kind)
            .with("Accept-Ranges", "bytes")
            .bytes(bytes.to_vec()),
        Some((from, to)) if from < to => Response::new(206)
            .with("Content-Type", kind)
            .with(
                "Content-Range",
                format!("bytes {from}-{}/{}", to - 1, bytes.len()),
            )
            .bytes(bytes[from..to].to_vec()),
        Some(_) => Response::new(416).with("Content-Range", format!("bytes */{}", bytes.len())),
    }
}
