//! What the environment says of the hub, by the names that Python's `huggingface_hub` reads.

use super::error::HubError;
use std::{
    env, fmt, fs,
    path::{Path, PathBuf},
};

/// Where the hub is if the environment doesn't say.
const ENDPOINT: &str = "https://huggingface.co";

/// A secret that says who asks. It has no way to be printed.
#[derive(Clone)]
pub(crate) struct Token(String);

impl Token {
    /// What stands in a request's `Authorization`.
    pub(crate) fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }

    /// `text` without the secret, should a server have sent it back.
    pub(crate) fn redact(&self, text: &str) -> String {
        text.replace(&self.0, "[token]")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token([hidden])")
    }
}

/// The hub as this machine's owner has set it up.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// `HF_ENDPOINT`, without a slash at its end.
    pub(crate) endpoint: String,
    /// `HF_TOKEN`, or the file that `hf auth login` writes.
    pub(crate) token: Option<Token>,
    /// Whether the token is kept back where none is needed.
    pub(crate) anonymous_reads: bool,
    /// `HF_HUB_CACHE`: the folder with `models--owner--name`.
    pub(crate) cache: PathBuf,
    /// `HF_HUB_OFFLINE`: ask nobody.
    pub(crate) offline: bool,
}

impl Settings {
    /// Reads the environment.
    ///
    /// # Errors
    /// An address that is none, or a token that cannot be one.
    pub(crate) fn from_env() -> Result<Self, HubError> {
        Self::read(&|name| env::var(name).ok().filter(|value| !value.trim().is_empty()))
    }

    fn read(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, HubError> {
        let home = get("HOME").unwrap_or_default();
        let path = |text: String| match text.strip_prefix("~/") {
            Some(rest) => Path::new(&home).join(rest),
            None => PathBuf::from(text),
        };
        let hf_home = match (get("HF_HOME"), get("XDG_CACHE_HOME")) {
            (Some(folder), _) => path(folder),
            (None, Some(folder)) => path(folder).join("huggingface"),
            (None, None) => Path::new(&home).join(".cache/huggingface"),
        };
        let cache = get("HF_HUB_CACHE")
            .or_else(|| get("HUGGINGFACE_HUB_CACHE"))
            .map_or_else(|| hf_home.join("hub"), path);
        let token_file = get("HF_TOKEN_PATH").map_or_else(|| hf_home.join("token"), path);
        let token = get("HF_TOKEN")
            .or_else(|| get("HUGGING_FACE_HUB_TOKEN"))
            .or_else(|| fs::read_to_string(token_file).ok())
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty());
        if let Some(text) = &token
            && !text.chars().all(|c| c.is_ascii_graphic())
        {
            return Err(HubError::TokenForm);
        }
        Ok(Self {
            endpoint: endpoint(get("HF_ENDPOINT"))?,
            token: token.map(Token),
            anonymous_reads: get("HF_HUB_DISABLE_IMPLICIT_TOKEN").is_some_and(is_true),
            // A relative folder would break the links between the cache's files.
            cache: std::path::absolute(&cache).unwrap_or(cache),
            offline: get("HF_HUB_OFFLINE")
                .or_else(|| get("TRANSFORMERS_OFFLINE"))
                .is_some_and(is_true),
        })
    }
}

fn endpoint(set: Option<String>) -> Result<String, HubError> {
    let text = set.unwrap_or_else(|| ENDPOINT.to_owned());
    let text = text.trim().trim_end_matches('/');
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let host = rest.map(|rest| rest.split('/').next().unwrap_or_default());
    match host {
        // A password in an address would be printed with it.
        Some(host) if host.contains('@') => Err(HubError::EndpointSecret),
        Some(host) if !host.is_empty() && !text.contains(['?', '#', ' ']) => Ok(text.to_owned()),
        _ => Err(HubError::Endpoint(text.to_owned())),
    }
}

fn is_true(text: String) -> bool {
    ["1", "on", "yes", "true"].contains(&text.trim().to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, HubError> {
        Settings::read(&|name| {
            let found = pairs.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn folders_are_those_of_python() {
        let cache = |pairs: &[(&str, &str)]| read(pairs).unwrap().cache;
        let home = ("HOME", "/home/a");
        assert_eq!(cache(&[home]), Path::new("/home/a/.cache/huggingface/hub"));
        assert_eq!(
            cache(&[home, ("XDG_CACHE_HOME", "/x")]),
            Path::new("/x/huggingface/hub")
        );
        assert_eq!(
            cache(&[home, ("HF_HOME", "~/h")]),
            Path::new("/home/a/h/hub")
        );
        assert_eq!(
            cache(&[home, ("HF_HOME", "/h"), ("HF_HUB_CACHE", "/c")]),
            Path::new("/c")
        );
    }

    #[test]
    fn a_token_comes_from_the_environment_or_a_file_and_is_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().to_str().unwrap();
        assert!(read(&[("HF_HOME", home)]).unwrap().token.is_none());
        fs::write(folder.path().join("token"), "hf_file\n").unwrap();
        fs::write(folder.path().join("other"), " hf_other ").unwrap();
        let other = format!("{home}/other");
        for (pairs, wanted) in [
            (vec![("HF_HOME", home)], "Bearer hf_file"),
            (
                vec![("HF_HOME", home), ("HF_TOKEN_PATH", &other)],
                "Bearer hf_other",
            ),
            (
                vec![("HF_HOME", home), ("HF_TOKEN", "hf_env")],
                "Bearer hf_env",
            ),
        ] {
            let settings = read(&pairs).unwrap();
            assert_eq!(settings.token.as_ref().unwrap().header(), wanted);
            assert!(!format!("{settings:?}").contains("hf_"), "{settings:?}");
        }
        assert!(matches!(
            read(&[("HF_TOKEN", "hf_a\nX-Other: b")]),
            Err(HubError::TokenForm)
        ));
    }

    #[test]
    fn an_endpoint_is_an_address_without_secrets() {
        let endpoint = |text| read(&[("HF_ENDPOINT", text)]).map(|settings| settings.endpoint);
        assert_eq!(read(&[]).unwrap().endpoint, "https://huggingface.co");
        assert_eq!(
            endpoint("http://127.0.0.1:80/hub/").unwrap(),
            "http://127.0.0.1:80/hub"
        );
        for wrong in [
            "huggingface.co",
            "ftp://a",
            "http://",
            "https://a?b",
            "file:///etc",
        ] {
            assert!(
                matches!(endpoint(wrong), Err(HubError::Endpoint(_))),
                "{wrong}"
            );
        }
        assert!(matches!(
            endpoint("https://me:pass@a"),
            Err(HubError::EndpointSecret)
        ));
    }

    #[test]
    fn words_for_offline() {
        let offline = |value| read(&[("HF_HUB_OFFLINE", value)]).unwrap().offline;
        assert!(offline("1") && offline("True") && offline("YES"));
        assert!(!offline("0") && !offline("no"));
        assert!(read(&[("TRANSFORMERS_OFFLINE", "1")]).unwrap().offline);
    }
}
