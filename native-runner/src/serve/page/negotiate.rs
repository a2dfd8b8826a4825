//! Which of a file's codings a browser gets, and whether it has it already.

use super::file::File;

/// How bytes are packed on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Brotli,
    Gzip,
    Plain,
}

impl Coding {
    /// Its name in headers.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Plain => "identity",
        }
    }
}

/// The smallest coding of `file` that `accepted` (the header `Accept-Encoding`) allows.
pub(super) fn choose(file: &'static File, accepted: &str) -> (Coding, &'static [u8]) {
    let allowed = |coding: Coding| {
        accepted.split(',').any(|item| {
            let mut parts = item.split(';').map(str::trim);
            let named = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case(coding.word()));
            let weight = parts
                .find_map(|part| part.strip_prefix("q="))
                .unwrap_or("1");
            named && weight.parse::<f32>().is_ok_and(|weight| weight > 0.0)
        })
    };
    let packed = [(Coding::Brotli, file.brotli), (Coding::Gzip, file.gzip)];
    packed
        .into_iter()
        .filter_map(|(coding, bytes)| Some((coding, bytes?)))
        .find(|(coding, _)| allowed(*coding))
        .unwrap_or((Coding::Plain, file.plain))
}

/// Whether `before` (the header `If-None-Match`) has `tag`.
pub(super) fn matches(before: &str, tag: &str) -> bool {
    before.trim() == "*"
        || before
            .split(',')
            .any(|item| item.trim().trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::{Coding, File, choose, matches};

    static FILE: File = File {
        path: "a",
        plain: b"plain",
        gzip: Some(b"gz"),
        brotli: Some(b"br"),
    };

    #[test]
    fn codings() {
        for (accepted, wanted) in [
            ("", Coding::Plain),
            ("gzip, deflate, br, zstd", Coding::Brotli),
            ("gzip", Coding::Gzip),
            ("br;q=0, GZIP;q=0.5", Coding::Gzip),
            ("br; q=0.1", Coding::Brotli),
            ("br;q=x", Coding::Plain),
            ("brotli", Coding::Plain),
        ] {
            assert_eq!(choose(&FILE, accepted).0, wanted, "{accepted}");
        }
    }

    #[test]
    fn tags() {
        assert!(matches("\"a\", W/\"b\"", "\"b\"") && matches("*", "\"b\""));
        assert!(!matches("\"ab\"", "\"b\"") && !matches("", "\"b\""));
    }
}
