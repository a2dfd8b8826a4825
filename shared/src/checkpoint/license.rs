//! The licence that a checkpoint's own card states.

use crate::files::Files;

/// Larger cards than this are not read.
const LARGEST: u64 = 1 << 20;

/// `license` in the metadata of the folder's `README.md`, where there is one; of `license: other` the
/// `license_name`.
#[must_use]
pub fn license(files: &dyn Files, folder: &str) -> Option<String> {
    let path = format!("{folder}/README.md");
    if files.size(&path).ok()? > LARGEST {
        return None;
    }
    let text = String::from_utf8(files.read(&path).ok()?).ok()?;
    let (metadata, _) = text
        .trim_start_matches('\u{feff}')
        .strip_prefix("---")?
        .split_once("\n---")?;
    let value = |key: &str| {
        let lines = metadata.lines();
        let mut found =
            lines.filter_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix(':'));
        let value = found.next()?.trim().trim_matches(['"', '\'']);
        (!value.is_empty()).then(|| value.to_owned())
    };
    match value("license") {
        Some(license) if license == "other" => value("license_name").or(Some(license)),
        license => license,
    }
}

#[cfg(test)]
mod tests {
    use super::license;
    use crate::files::Memory;

    fn of(card: &str) -> Option<String> {
        let mut files = Memory::default();
        files.insert("base/README.md", card.as_bytes().to_vec());
        license(&files, "base")
    }

    #[test]
    fn a_card_tells_its_licence() {
        assert_eq!(
            of("---\ntags:\n- speech\nlicense: \"apache-2.0\"\n---\n# x").as_deref(),
            Some("apache-2.0")
        );
        assert_eq!(of("---\r\nlicense: mit\r\n---\r\n").as_deref(), Some("mit"));
        let other = "---\nlicense: other\nlicense_name: research-only\n---\n";
        assert_eq!(of(other).as_deref(), Some("research-only"));
    }

    #[test]
    fn without_metadata_there_is_none() {
        assert_eq!(of("# license: mit"), None);
        assert_eq!(of("---\ntags: []\n---\nlicense: mit"), None);
        assert_eq!(of("---\nlicense:\n---\n"), None);
        assert_eq!(license(&Memory::default(), "base"), None);
    }
}
