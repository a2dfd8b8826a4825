//! What an INI must not say: a secret, or whom the program talks to.

use super::Checker;
use crate::config::{
    diagnostics::Code,
    ini::{Entry, Section},
};

/// Names under which people write a token.
const TOKENS: [&str; 3] = ["hf_token", "hub_token", "token"];
/// Names under which people write the hub's address.
const ENDPOINTS: [&str; 4] = ["endpoint", "hf_endpoint", "hub_endpoint", "hub_url"];

impl Checker<'_> {
    /// Refuses a token or an address; whether `entry` is one.
    pub(super) fn forbidden(&mut self, section: &Section, entry: &Entry) -> bool {
        let key = entry.key.as_str();
        let (code, message, advice) = if TOKENS.contains(&key) && !entry.value.is_empty() {
            (
                Code::Secret,
                format!(
                    "`{key}`: a token in an INI gets into every copy of it, the results' included"
                ),
                "remove it, and give the token by HF_TOKEN or by `hf auth login`",
            )
        } else if ENDPOINTS.contains(&key) {
            (
                Code::Endpoint,
                format!("`{key}`: an INI does not say whom the program talks to"),
                "remove it; whoever runs the program sets HF_ENDPOINT",
            )
        } else {
            return false;
        };
        let removal = self.document.removal(&section.name, key);
        self.error(code, entry.key_span, message)
            .fix(advice, vec![removal]);
        true
    }
}
