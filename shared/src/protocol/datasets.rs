//! Bringing recordings and tables to the runner: pieces that are resumed, and nothing sent twice.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The media type of a piece of an upload.
pub const PIECE_TYPE: &str = "application/offset+octet-stream";

/// A file that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateUpload {
    /// Its name, for people.
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// SHA-256 of its bytes, 64 hexadecimal digits: where the runner has them already, nothing is sent.
    pub sha256: String,
    /// What it is.
    pub kind: UploadKind,
}

/// What a file is that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UploadKind {
    /// A zip with recordings, tables, or an audformat database.
    Archive,
    /// One file of a dataset.
    File,
}

/// How far an upload is. The next piece is sent with `offset` as its query parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Upload {
    /// What addresses call it.
    pub id: String,
    /// Its name, for people.
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// Bytes that are on the runner's disk.
    pub offset: u64,
    /// SHA-256 that the whole must have.
    pub sha256: String,
    /// What it is.
    pub kind: UploadKind,
    /// Whether all of it is there, and its SHA-256 is right.
    pub complete: bool,
    /// When it began, in RFC 3339.
    pub created: String,
    /// When it is thrown away if nothing more comes, in RFC 3339; `None` once it is complete.
    pub expires: Option<String>,
}

/// The uploads of a user that belong to no dataset yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Uploads {
    /// The uploads, newest first.
    pub uploads: Vec<Upload>,
    /// Room.
    pub quota: Quota,
}

/// How much room a user has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Quota {
    /// Bytes that uploads and datasets may take.
    pub limit: u64,
    /// Bytes that they take.
    pub used: u64,
}

/// A dataset from uploads that are complete: one archive, or single files with their places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateDataset {
    /// Its name, for people.
    pub name: String,
    /// The id that it has where it comes from, so that an INI finds it by the same path: `d` and 24
    /// hexadecimal digits. Where the user has a dataset of this id with the same files, that is the answer.
    #[serde(default)]
    pub id: Option<String>,
    /// An upload of the kind `archive`, which is unpacked.
    #[serde(default)]
    pub archive: Option<String>,
    /// Single files.
    #[serde(default)]
    pub files: Vec<DatasetFile>,
}

/// A file of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DatasetFile {
    /// Its place in the dataset, with `/`.
    pub path: String,
    /// SHA-256 of an upload that is complete.
    pub sha256: String,
}

/// The files of a dataset, by path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DatasetFiles {
    /// The dataset's name, for people.
    pub name: String,
    /// The files.
    pub files: Vec<DatasetContent>,
}

/// What a file of a dataset is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DatasetContent {
    /// Its place in the dataset, with `/`.
    pub path: String,
    /// SHA-256 of its bytes, 64 hexadecimal digits.
    pub sha256: String,
    /// Its bytes.
    pub size: u64,
}

/// Recordings with their table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Dataset {
    /// What addresses call it; it is a data root as well.
    pub id: String,
    /// Its name, for people.
    pub name: String,
    /// What kind it seems to be.
    pub kind: DatasetKind,
    /// The path that an INI writes to reach it.
    pub path: String,
    /// Files in it.
    pub files: u64,
    /// Bytes in it.
    pub bytes: u64,
    /// When it was made, in RFC 3339.
    pub created: String,
    /// Whose it is.
    pub user: String,
    /// Lines for `[DATA]` of an INI that use it, where its kind is known.
    pub ini: Option<String>,
}

/// What a dataset seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DatasetKind {
    /// A table with recordings.
    Csv,
    /// An audformat database.
    Audformat,
    /// Recordings only.
    Audio,
}

/// The datasets of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Datasets {
    /// The datasets, newest first.
    pub datasets: Vec<Dataset>,
    /// Room.
    pub quota: Quota,
}
