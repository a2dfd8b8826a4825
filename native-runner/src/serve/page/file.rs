//! A file of the page.

use super::negotiate::Coding;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// A file of the page, with what it is packed to.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: &'static str,
    pub(super) plain: &'static [u8],
    pub(super) gzip: Option<&'static [u8]>,
    pub(super) brotli: Option<&'static [u8]>,
}

/// All files, by path.
static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// SHA-256 of the files' bytes, in their order, in hexadecimal.
static HASHES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let hash = |file: &File| {
        let digest = Sha256::digest(file.plain);
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    FILES.iter().map(hash).collect()
});

/// Whether the page is built in.
pub(super) fn is_built() -> bool {
    !FILES.is_empty()
}

/// The file at `path`.
pub(super) fn find(path: &str) -> Option<&'static File> {
    let at = FILES.binary_search_by(|file| file.path.cmp(path)).ok()?;
    FILES.get(at)
}

impl File {
    /// A name for exactly these bytes.
    pub(super) fn tag(&self, coding: Coding) -> String {
        let at = FILES.binary_search_by(|file| file.path.cmp(self.path));
        let hash = at.ok().and_then(|at| HASHES.get(at));
        let short = hash.map_or("", |hash| &hash[..32]);
        format!("\"{short}-{}\"", coding.word())
    }

    /// How long browsers may keep it: what has a hash in its name never changes; of everything else
    /// they ask each time whether it has.
    pub(super) fn caching(&self) -> &'static str {
        let mut run = 0;
        let hashed = self.path.bytes().any(|byte| {
            run = if byte.is_ascii_hexdigit() { run + 1 } else { 0 };
            run >= 16
        });
        if hashed {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        }
    }

    /// Its media type.
    pub(super) fn media_type(&self) -> &'static str {
        media_type(self.path)
    }
}

/// The media type of a file, by its ending.
pub(super) fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" | "webmanifest" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "txt" | "ini" | "csv" | "md" => "text/plain; charset=utf-8",
        "flac" => "audio/flac",
        "wav" => "audio/wav",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::{FILES, File, HASHES};

    #[test]
    fn the_table_is_sorted_and_hashed() {
        assert!(FILES.windows(2).all(|pair| pair[0].path < pair[1].path));
        assert_eq!(FILES.len(), HASHES.len());
    }

    #[test]
    fn caching() {
        let file = |path| File {
            path,
            plain: b"",
            gzip: None,
            brotli: None,
        };
        assert_eq!(file("index.html").caching(), "no-cache");
        assert_eq!(file("app_bg.wasm").caching(), "no-cache");
        assert!(
            file("app-0123456789abcdef.js")
                .caching()
                .contains("immutable")
        );
        assert_eq!(file("a/x.wasm").media_type(), "application/wasm");
    }
}
