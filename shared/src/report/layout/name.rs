//! Names that any file system takes, made of text that a user wrote.

use sha2::{Digest, Sha256};

/// Longest component in bytes: file systems allow 255, and endings are still to come.
const LONGEST: usize = 180;

/// One component of a path.
///
/// Separators, control characters and what Windows forbids become `_`; a name that would be empty,
/// `.` or `..` gets a `_`, and one that is too long is cut and told apart by a hash of the whole.
pub fn component(text: &str) -> String {
    let mut name: String = text
        .trim()
        .chars()
        .map(|c| {
            if c.is_control() || r#"/\<>:"|?*"#.contains(c) {
                '_'
            } else {
                c
            }
        })
        .collect();
    if name.is_empty() || name.chars().all(|c| c == '.') {
        name.push('_');
    }
    if name.len() <= LONGEST {
        return name;
    }
    let hash = Sha256::digest(text.as_bytes());
    let mut end = LONGEST - 9;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.truncate(end);
    let hash: String = hash[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{name}-{hash}")
}

/// A path of folders that stays below where it begins: empty, `.` and `..` components are left
/// out; `default` where nothing is left.
pub(super) fn folders(text: &str, default: &str) -> String {
    let parts: Vec<String> = text
        .split(['/', '\\'])
        .filter(|part| !matches!(part.trim(), "" | "." | ".."))
        .map(component)
        .collect();
    if parts.is_empty() {
        default.to_owned()
    } else {
        parts.join("/")
    }
}
