//! Names of models on the hub: `owner/name`, with an optional `@revision`.

use std::fmt;

/// Longest name that the hub allows, in characters, its owner included.
const LONGEST: usize = 96;

/// Checkpoints that people write without their owner.
const OWNERS: &[(&str, &str)] = &[
    ("facebook", "wav2vec2-base"),
    ("facebook", "wav2vec2-base-960h"),
    ("facebook", "wav2vec2-large"),
    ("facebook", "wav2vec2-large-960h"),
    ("facebook", "wav2vec2-large-robust"),
    ("facebook", "wav2vec2-large-robust-ft-swbd-300h"),
    ("facebook", "wav2vec2-large-xlsr-53"),
    ("facebook", "wav2vec2-xls-r-300m"),
    ("facebook", "hubert-base-ls960"),
    ("facebook", "hubert-large-ll60k"),
    ("facebook", "hubert-large-ls960-ft"),
    ("microsoft", "wavlm-base"),
    ("microsoft", "wavlm-base-plus"),
    ("microsoft", "wavlm-large"),
    ("audeering", "wav2vec2-large-robust-12-ft-emotion-msp-dim"),
];

/// A model on the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubModel {
    /// `owner/name`.
    pub id: String,
    /// A branch, tag or commit; `None` is the main branch.
    pub revision: Option<String>,
}

/// Why a text names no model on the hub that can be trained.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HubNameError {
    /// Nkululeko gives the name a meaning of its own.
    #[error(
        "`{0}`: emotion2vec is a FunASR model and none of wav2vec2, HuBERT and WavLM; Nkululeko trains \
         no more than one layer over its fixed vectors"
    )]
    Emotion2vec(String),
    /// It has no owner.
    #[error("`{name}` is neither a folder nor a name on the hub, which is owner/name{}", like(.meant))]
    NoOwner {
        /// The text.
        name: String,
        /// The well-known model of that name.
        meant: Option<String>,
    },
    /// The hub allows no such name.
    #[error("`{0}` cannot be a name on the hub: {1}")]
    Form(String, &'static str),
}

fn like(meant: &Option<String>) -> String {
    match meant {
        Some(meant) => format!("; {meant} is meant, maybe"),
        None => ", for instance facebook/wav2vec2-base".to_owned(),
    }
}

impl HubNameError {
    /// The name that is meant, where that is known.
    #[must_use]
    pub fn meant(&self) -> Option<&str> {
        match self {
            Self::NoOwner { meant, .. } => meant.as_deref(),
            _ => None,
        }
    }
}

impl HubModel {
    /// Reads `owner/name` or `owner/name@revision`.
    ///
    /// # Errors
    /// The text is of another form, or Nkululeko gives it another meaning.
    pub fn parse(text: &str) -> Result<Self, HubNameError> {
        if text.to_ascii_lowercase().contains("emotion2vec") {
            return Err(HubNameError::Emotion2vec(text.to_owned()));
        }
        let (id, revision) = match text.split_once('@') {
            Some((id, revision)) => (id, Some(revision)),
            None => (text, None),
        };
        let Some((owner, name)) = id.split_once('/') else {
            let meant = OWNERS
                .iter()
                .find(|(_, name)| name.eq_ignore_ascii_case(id))
                .map(|(owner, name)| format!("{owner}/{name}"));
            return Err(HubNameError::NoOwner {
                name: text.to_owned(),
                meant,
            });
        };
        let form = |reason| HubNameError::Form(text.to_owned(), reason);
        for part in [owner, name] {
            check_part(part).map_err(form)?;
        }
        if id.len() > LONGEST {
            return Err(form("it is longer than 96 characters"));
        }
        if let Some(revision) = revision {
            check_revision(revision).map_err(form)?;
        }
        Ok(Self {
            id: id.to_owned(),
            revision: revision.map(str::to_owned),
        })
    }

    /// The branch, tag or commit.
    #[must_use]
    pub fn revision(&self) -> &str {
        self.revision.as_deref().unwrap_or("main")
    }
}

impl fmt::Display for HubModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)?;
        match &self.revision {
            Some(revision) => write!(f, "@{revision}"),
            None => Ok(()),
        }
    }
}

/// The rules of `huggingface_hub` for an owner, or for a repository's name.
///
/// # Errors
/// What is wrong with `part`.
pub fn check_part(part: &str) -> Result<(), &'static str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if part.is_empty() {
        Err("a part of it is empty")
    } else if part.contains('/') {
        Err("it has more than one `/`")
    } else if !part.chars().all(allowed) {
        Err("only letters, digits, `-`, `_` and `.` are allowed")
    } else if part.starts_with(['-', '.']) || part.ends_with(['-', '.']) {
        Err("no part begins or ends with `-` or `.`")
    } else if part.contains("--") || part.contains("..") {
        Err("`--` and `..` are not allowed")
    } else if part.ends_with(".git") {
        Err("it must not end in .git")
    } else if part.len() > LONGEST {
        Err("it is longer than 96 characters")
    } else {
        Ok(())
    }
}

/// What git allows in a name, as far as it matters in addresses and paths.
fn check_revision(revision: &str) -> Result<(), &'static str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_./+".contains(c);
    let parts = || revision.split('/');
    if revision.is_empty() {
        Err("nothing stands behind the `@`")
    } else if !revision.chars().all(allowed)
        || parts().any(|part| part.is_empty() || part.starts_with('.') || part.ends_with('.'))
        || revision.contains("..")
    {
        Err("what stands behind the `@` is no branch, tag or commit")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_may_have_a_revision() {
        let plain = HubModel::parse("facebook/wav2vec2-base").unwrap();
        assert_eq!(
            (plain.revision(), plain.revision.as_deref()),
            ("main", None)
        );
        let pinned = HubModel::parse("a.b/c_d-e@refs/pr/1").unwrap();
        assert_eq!(
            (pinned.id.as_str(), pinned.revision()),
            ("a.b/c_d-e", "refs/pr/1")
        );
        assert_eq!(pinned.to_string(), "a.b/c_d-e@refs/pr/1");
    }

    #[test]
    fn other_forms_are_refused_with_the_reason() {
        let long = format!("a/{}", "b".repeat(97));
        for (text, reason) in [
            ("a/", "empty"),
            ("/a", "empty"),
            ("a/b/c", "more than one `/`"),
            ("../a", "begins or ends"),
            ("a/..", "begins or ends"),
            ("a/b..c", "not allowed"),
            ("a/b--c", "not allowed"),
            ("a/-b", "begins or ends"),
            ("a/b.git", ".git"),
            ("a/b c", "only letters"),
            ("a/b\0", "only letters"),
            ("a/b%2e", "only letters"),
            ("http://a/b", "only letters"),
            ("a:80/b", "only letters"),
            ("a/b@", "nothing stands behind"),
            ("a/b@../c", "no branch"),
            ("a/b@c?d", "no branch"),
            ("a/b@/c", "no branch"),
            (long.as_str(), "longer than 96"),
            ("wav2vec2", "neither a folder nor a name on the hub"),
            ("wavlm-base", "microsoft/wavlm-base is meant"),
            ("iic/emotion2vec_base", "FunASR"),
            ("Emotion2Vec-large", "FunASR"),
        ] {
            let error = HubModel::parse(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
