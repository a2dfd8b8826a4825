//! Cross validation: the data is cut into folds, and each of them is the test part once.

use serde::{Deserialize, Serialize};

/// How the data is cut into folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Folds {
    /// `logo = N`: so many groups of speakers, 2 or more, each left out once.
    Logo(usize),
    /// `loso = True`: each speaker is left out once.
    Loso,
    /// `lodo = True`: each database is left out once.
    Lodo,
    /// `k_fold_cross = N`: so many folds, 2 or more, like each other in their classes. Speakers stay
    /// together where they are known, else the stretches of a file.
    KFold(usize),
}

impl Folds {
    /// The key that asks for it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Logo(_) => "logo",
            Self::Loso => "loso",
            Self::Lodo => "lodo",
            Self::KFold(_) => "k_fold_cross",
        }
    }

    /// What is done, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Logo(_) => "leave one group of speakers out",
            Self::Loso => "leave one speaker out",
            Self::Lodo => "leave one database out",
            Self::KFold(_) => "cross validation",
        }
    }
}
