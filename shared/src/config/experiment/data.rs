//! `[DATA]`: databases, what is done to their tables, and which rows are kept.

use super::{FilteredParts, SplitStrategy};
use serde::{Deserialize, Serialize};

/// `[DATA]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataConfig {
    /// One entry a name in `databases`, in that order.
    pub databases: Vec<DatabaseConfig>,
    /// `tests`: further databases for `voxtune test`.
    pub tests: Vec<DatabaseConfig>,
    /// `label_data` and `label_result`: a database that `voxtune test` labels, and the CSV file for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labelling: Option<Labelling>,
    /// `target`: the label column; `None` is unlabelled.
    pub target: Option<String>,
    /// `labels`: the classes to keep; `None` keeps all.
    pub labels: Option<Vec<String>>,
    /// `bins`: edges that make classes of a continuous target.
    pub bins: Option<Vec<f64>>,
    /// `type = continuous`: the target is continuous (and is binned for a classification).
    pub continuous: bool,
    /// `target_divide_by`.
    pub target_divide_by: Option<f64>,
    /// `no_reuse`: a cached split is made anew.
    pub no_reuse: bool,
    /// Filters on each part after the split.
    pub filters: SampleFilters,
    /// `filter.sample_selection`: which parts these filters work on.
    pub filtered: FilteredParts,
    /// `check_size` in bytes: smaller files are dropped.
    pub check_size: Option<u64>,
    /// `check_vad`: stretches without voice are dropped.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub check_vad: bool,
}

/// A database to be labelled by the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Labelling {
    /// `label_data`.
    pub database: DatabaseConfig,
    /// `label_result`: the CSV file to write.
    pub result: String,
}

/// A database: a table of recordings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DatabaseConfig {
    /// Name in `databases`.
    pub name: String,
    /// The CSV file or the audformat folder.
    pub path: String,
    /// `type`.
    pub kind: DatabaseKind,
    /// `absolute_path`; false: audio lies beside the CSV.
    pub absolute_path: bool,
    /// `audio_path`: folder before each file name.
    pub audio_path: String,
    /// `split_strategy` with the keys it needs.
    pub split: SplitStrategy,
    /// The tables of an audformat database that are used.
    pub tables: TableLists,
    /// `columns`: further columns that are looked for in every table of an audformat database.
    pub columns: Vec<String>,
    /// `as_test`: only the test part is kept.
    pub as_test: bool,
    /// `as_train`: only the train part is kept.
    pub as_train: bool,
    /// `mapping`, in the order of the text.
    pub mapping: Option<Mapping>,
    /// `label`: the column that holds the target in this database.
    pub label: Option<String>,
    /// `colnames`: (name in the table, name to use).
    pub colnames: Vec<(String, String)>,
    /// `required`: rows without a value in this column are dropped.
    pub required: Option<String>,
    /// `rename_speakers`: speakers get the database's name as a prefix.
    pub rename_speakers: bool,
    /// `scale`: z-scores of the target (fitted on the train part).
    pub scale: bool,
    /// `reverse`: |x - max| of the target.
    pub reverse: bool,
    /// `reverse.max`: that maximum, else the largest value of the data.
    pub reverse_max: Option<f64>,
    /// Filters before the split.
    pub filters: SampleFilters,
    /// `check_size` in bytes.
    pub check_size: Option<u64>,
    /// `check_vad`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub check_vad: bool,
}

/// The tables of an audformat database that are used; without any, all with the target are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableLists {
    /// `target_tables`.
    pub target: Vec<String>,
    /// `target_tables_append`: they follow each other instead of standing side by side.
    pub append: bool,
    /// `files_tables`.
    pub files: Vec<String>,
    /// `train_tables`.
    pub train: Vec<String>,
    /// `dev_tables`.
    pub dev: Vec<String>,
    /// `test_tables`.
    pub test: Vec<String>,
}

/// `type` of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DatabaseKind {
    /// A folder with `db.yaml`.
    Audformat,
    /// A CSV file.
    Csv,
}

/// `mapping`: old labels to new ones. Keys that list several labels are already taken apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Mapping {
    /// `{old: new}`: labels that are not named are dropped.
    Target(Vec<(String, String)>),
    /// `{column: {old: new}}`: values that are not named become missing, rows are kept.
    Columns(Vec<(String, Vec<(String, String)>)>),
}

/// Which rows are kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SampleFilters {
    /// `filter`: (column, values that are kept).
    pub columns: Vec<(String, Vec<String>)>,
    /// `limit_samples`: at most so many rows, drawn by the seed.
    pub limit_samples: Option<usize>,
    /// `limit_samples_per_speaker`.
    pub limit_samples_per_speaker: Option<usize>,
    /// `min_duration_of_sample` in seconds.
    pub min_duration: Option<f64>,
    /// `max_duration_of_sample` in seconds.
    pub max_duration: Option<f64>,
}
