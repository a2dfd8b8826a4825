//! Files and folders that the text names.

use super::{Checker, Origin, slot::Found};
use crate::config::{diagnostics::Code, ini::escaped};

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
}
