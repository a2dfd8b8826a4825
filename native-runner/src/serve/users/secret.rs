//! Random secrets, and what is kept of them.

use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;

/// Bytes of a secret.
const BYTES: usize = 32;

/// 256 random bits as text. It has no way to be printed by accident.
pub(crate) struct Secret(String);

/// SHA-256 of a secret: it has so much chance in it that a slow hash would add nothing.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Hash([u8; 32]);

impl Secret {
    /// A new one.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes)
            .map_err(|error| anyhow::anyhow!("the system gives no random numbers: {error}"))?;
        Ok(Self(hexadecimal(&bytes)))
    }

    /// The secret itself, for whoever it is meant for.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub(crate) fn hash(&self) -> Hash {
        Self::hash_of(&self.0)
    }

    /// What is kept of a secret that was sent.
    pub(crate) fn hash_of(text: &str) -> Hash {
        Hash(Sha256::digest(text.as_bytes()).into())
    }
}

impl Hash {
    /// Whether it is `other`, in a time that does not depend on where they differ.
    pub(crate) fn is(&self, other: &[u8]) -> bool {
        self.0.ct_eq(other).into()
    }

    /// The bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([hidden])")
    }
}
