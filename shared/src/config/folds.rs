//! Cross validation: the data is cut into folds, and each of them is the test part once.

use super::{DatabaseConfig, SplitStrategy};
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
    /// `[EXP] databases`: training on each database and testing on each ([`CrossDatabases`]).
    Databases,
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
            Self::Databases => "databases",
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
            Self::Databases => "training on each database, testing on each",
            Self::KFold(_) => "cross validation",
        }
    }
}

/// What is trained on each database, and tested on each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrossDatabases {
    /// `[EXP] databases`, two or more.
    pub names: Vec<String>,
    /// `[CROSSDB] train_extra`: databases that are always trained on, none of which is in `names`.
    pub extra: Vec<String>,
    /// Which rows are trained and tested on.
    pub rows: CrossRows,
}

/// Which rows of the databases are trained and tested on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CrossRows {
    /// All rows of the one, and all of each other; a database's figure for itself is that of a further training
    /// on its own split.
    All,
    /// `use_splits`: the train part of the one, and the test part of each.
    Splits,
    /// `reuse_train`: the train part of the one, and its test part and all rows of each other.
    TrainOnce,
}

/// A training of an experiment of several databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CrossTraining<'a> {
    /// The database that is trained on.
    pub database: &'a str,
    /// Whether it is tested on this database alone, by its own split, or, of [`CrossRows::All`], on the others.
    pub alone: bool,
}

impl CrossDatabases {
    /// The trainings, in order.
    #[must_use]
    pub fn trainings(&self) -> Vec<CrossTraining<'_>> {
        let both: &[bool] = match self.rows {
            CrossRows::All => &[false, true],
            CrossRows::Splits | CrossRows::TrainOnce => &[false],
        };
        let names = self.names.iter();
        names
            .flat_map(|database| {
                both.iter()
                    .map(move |&alone| CrossTraining { database, alone })
            })
            .collect()
    }

    /// What of `database` stands in which part of `training`; `None` is nothing.
    #[must_use]
    pub fn share(
        &self,
        training: CrossTraining<'_>,
        database: &DatabaseConfig,
    ) -> Option<DatabaseConfig> {
        let whole = |split| DatabaseConfig {
            split,
            as_test: false,
            as_train: false,
            ..database.clone()
        };
        let own = |as_test| DatabaseConfig {
            as_test,
            as_train: false,
            ..database.clone()
        };
        if self.extra.contains(&database.name) {
            return Some(whole(SplitStrategy::Train));
        }
        let is_trained = database.name == training.database;
        match (self.rows, is_trained) {
            (_, false) if training.alone => None,
            (CrossRows::All, true) if !training.alone => Some(whole(SplitStrategy::Train)),
            (_, true) => Some(own(false)),
            (CrossRows::Splits, false) => Some(own(true)),
            (CrossRows::All | CrossRows::TrainOnce, false) => Some(whole(SplitStrategy::Test)),
        }
    }
}
