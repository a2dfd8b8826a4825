//! How a database is split in train, dev and test.

use serde::{Deserialize, Serialize};

/// `split_strategy` with the keys that it needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitStrategy {
    /// Random speakers, percentages of the speakers.
    SpeakerSplit {
        /// `test_size`.
        test_percent: f64,
        /// `dev_size`.
        dev_percent: f64,
    },
    /// Random rows, percentages of the rows.
    Random {
        /// `test_size`.
        test_percent: f64,
        /// `dev_size`.
        dev_percent: f64,
    },
    /// `balanced`: speakers, so that the parts are like the whole.
    Balanced(Balanced),
    /// Everything is training data.
    Train,
    /// Everything is development data.
    Dev,
    /// Everything is test data.
    Test,
    /// `speakers_stated`, or a list as the strategy itself (then only `test` is set).
    Speakers {
        /// `train`; `None` is the remainder.
        train: Option<Vec<String>>,
        /// `dev`.
        dev: Option<Vec<String>>,
        /// `test`.
        test: Option<Vec<String>>,
    },
    /// The tables `<target>.train`, `.dev` and `.test` of an audformat database.
    Database,
    /// The tables of [`TableLists`] for each part.
    Specified,
    /// `column`: by the values of a column; rows with another value are dropped.
    Column {
        /// `split_column`.
        column: String,
        /// `train_vals`.
        train: Option<Vec<String>>,
        /// `dev_vals`.
        dev: Option<Vec<String>>,
        /// `test_vals`.
        test: Option<Vec<String>>,
    },
}

/// What the split `balanced` goes by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Balanced {
    /// `test_size`: percent of the speakers, and of the rows.
    pub test_percent: f64,
    /// `dev_size`.
    pub dev_percent: f64,
    /// `balance`.
    pub columns: Vec<BalanceColumn>,
    /// `size_diff_weight`: how much it matters that the parts have their share of the rows.
    pub size_weight: f64,
}

/// A column whose distribution is to be the same in all parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BalanceColumn {
    /// The column.
    pub name: String,
    /// How much it matters.
    pub weight: f64,
    /// `<column>_bins`: quantile bins of its numbers.
    pub bins: Option<usize>,
}
