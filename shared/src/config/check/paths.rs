//! Files and folders that the text names.

use super::{Checker, Origin, slot::Found};
use crate::config::{diagnostics::Code, ini::escaped};

/// What paths of a runner's uploads begin with.
const DATASET: &str = "dataset:";

/// The parent of `path`; empty where it has none.
pub(super) fn parent(path: &str) -> &str {
    path.rfind(['/', '\\'])
        .map_or("", |at| if at == 0 { "/" } else { &path[..at] })
}

/// `path` seen from `folder`; an absolute path stays.
pub(super) fn join(folder: &str, path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let drive = path.as_bytes().get(1) == Some(&b':');
    if folder.is_empty() || path.starts_with(['/', '\\']) || drive {
        return path.to_owned();
    }
    format!("{}/{path}", folder.trim_end_matches('/'))
}

impl Checker<'_> {
    /// Whether `path` is there if it starts at the INI's folder instead of the current one.
    pub(super) fn is_beside(&self, path: &str) -> bool {
        self.sees_files()
            && !self.folder.is_empty()
            && self.files.is_folder(&join(self.folder, path))
    }

    /// Whether `path` exists; where it does not, that is reported at `found` as a missing `what`.
    pub(super) fn exists(&mut self, found: &Found, path: &str, what: &str) -> bool {
        if !self.sees_files() || self.files.exists(path) {
            return true;
        }
        if path.starts_with(DATASET) {
            self.lacks_upload(found, path, what);
            return false;
        }
        let beside = join(self.folder, path);
        let message = format!("{what} `{path}` does not exist");
        let there = !self.folder.is_empty() && beside != path && self.files.exists(&beside);
        let span = found.span;
        let written = found.origin == Origin::File && found.text == path;
        let finding = self.refuse(Code::MissingPath, span, message);
        if !there {
            finding.advise("relative paths start at the current directory");
        } else if written {
            let advice = format!(
                "it exists beside the INI: write `{beside}`, or start the program in that folder"
            );
            finding.replace(advice, span, escaped(&beside));
        } else {
            finding.advise(format!(
                "`{beside}` exists beside the INI; relative paths start at the current directory"
            ));
        }
        false
    }

    /// Reports a file of a dataset that is not there; whoever takes an experiment from a runner to their own machine has
    /// perhaps what was once uploaded, under the same name.
    fn lacks_upload(&mut self, found: &Found, path: &str, what: &str) {
        let inner = path.split_once('/').map_or("", |(_, inner)| inner);
        let ends = inner.match_indices('/').map(|(at, _)| &inner[at + 1..]);
        let own = std::iter::once(inner)
            .chain(ends)
            .filter(|end| !end.is_empty())
            .flat_map(|end| [end.to_owned(), join(self.folder, end)])
            .find(|candidate| self.files.exists(candidate));
        let span = found.span;
        let written = found.origin == Origin::File && found.text == path;
        let message = format!("{what} `{path}` does not exist");
        let finding = self.refuse(Code::MissingPath, span, message);
        let advice = "what begins with `dataset:` was uploaded to a runner, and is only there";
        match own {
            Some(own) if written => {
                finding.replace(
                    format!("{advice}; here is `{own}`: write that"),
                    span,
                    escaped(&own),
                );
            }
            Some(own) => finding.advise(format!("{advice}; here is `{own}`")),
            None => finding.advise(format!(
                "{advice}; elsewhere write the path that the file has there"
            )),
        }
    }
}
