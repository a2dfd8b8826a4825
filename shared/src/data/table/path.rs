//! Where the audio of a row lies.

/// Joins `parts` as Python's `os.path.join` does (an absolute part forgets those before it), and
/// takes out `.` and doubled slashes. Backslashes of tables made on Windows become slashes.
pub(in crate::data) fn join(parts: &[&str]) -> String {
    let mut path = String::new();
    for part in parts {
        let part = if part.contains('/') {
            (*part).to_owned()
        } else {
            part.replace('\\', "/")
        };
        if is_absolute(&part) {
            path.clear();
        }
        if !path.is_empty() && !path.ends_with('/') {
            path.push('/');
        }
        path += &part;
    }
    let root = if path.starts_with('/') { "/" } else { "" };
    let steps: Vec<&str> = path
        .split('/')
        .filter(|step| !step.is_empty() && *step != ".")
        .collect();
    format!("{root}{}", steps.join("/"))
}

/// The folder of a path; empty is the current directory.
pub(in crate::data) fn folder(path: &str) -> &str {
    path.rsplit_once(['/', '\\']).map_or(
        "",
        |(folder, _)| if folder.is_empty() { "/" } else { folder },
    )
}

/// `/...` and `C:/...`.
fn is_absolute(path: &str) -> bool {
    let bytes = path.as_bytes();
    path.starts_with('/')
        || bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && bytes[2] == b'/'
}

#[cfg(test)]
mod tests {
    use super::{folder, join};

    #[test]
    fn joins_like_python() {
        assert_eq!(join(&["./", "a.wav"]), "a.wav");
        assert_eq!(
            join(&["data/corpus", "./", "wav/a.wav"]),
            "data/corpus/wav/a.wav"
        );
        assert_eq!(join(&["data", "audio", "/abs//a.wav"]), "/abs/a.wav");
        assert_eq!(join(&["data", "C:\\wav\\a.wav"]), "C:/wav/a.wav");
        assert_eq!(join(&["data", "wav\\a.wav"]), "data/wav/a.wav");
        assert_eq!(join(&["", "a.wav"]), "a.wav");
        assert_eq!(join(&["../up", "a.wav"]), "../up/a.wav");
    }

    #[test]
    fn folders() {
        assert_eq!(folder("data/a.csv"), "data");
        assert_eq!(folder("a.csv"), "");
        assert_eq!(folder("/a.csv"), "/");
    }
}
