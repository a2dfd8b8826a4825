//! The files of a job.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The files of a job's run, by path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Artefacts {
    /// The files.
    pub files: Vec<Artefact>,
    /// Bytes of all.
    pub bytes: u64,
}

/// A file of a job's run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Artefact {
    /// Where it is below the run's folder, with `/`.
    pub path: String,
    /// What it is.
    pub kind: ArtefactKind,
    /// Its bytes.
    pub size: u64,
    /// When it was changed last, in RFC 3339.
    pub modified: Option<String>,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ArtefactKind {
    /// Part of a model folder.
    Model,
    /// A plot as SVG or PNG.
    Plot,
    /// Predictions or another table.
    Table,
    /// The record of a run (`run.json`).
    Record,
    /// A checkpoint to resume from.
    Checkpoint,
    /// A log.
    Log,
    /// The experiment.
    Experiment,
    /// Another text.
    Text,
    /// Anything else.
    Other,
}

impl ArtefactKind {
    /// What a file of a run is, by its place and name.
    #[must_use]
    pub fn of(path: &str) -> Self {
        let folders: Vec<&str> = path.split(['/', '\\']).collect();
        let name = folders.last().copied().unwrap_or_default();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let below = |folder: &str| folders.iter().rev().skip(1).any(|name| *name == folder);
        if folders
            .iter()
            .any(|name| name.starts_with("ckpt-") || *name == "checkpoints")
        {
            Self::Checkpoint
        } else if below("torch") {
            Self::Model
        } else if name == "run.json" {
            Self::Record
        } else {
            match extension {
                "svg" | "png" => Self::Plot,
                "csv" => Self::Table,
                "log" => Self::Log,
                "ini" => Self::Experiment,
                "txt" | "md" | "json" => Self::Text,
                _ => Self::Other,
            }
        }
    }
}

/// The media type of a file of a run. What a browser would run is never told as what it is: an SVG is
/// only ever an image of the page, and pages may not be framed or sniffed.
#[must_use]
pub fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "csv" => "text/csv; charset=utf-8",
        "json" => "application/json",
        "txt" | "log" | "ini" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Whether a file of a run belongs to results that were moved aside (`old-1/...`).
#[must_use]
pub fn is_set_aside(path: &str) -> bool {
    path.split(['/', '\\']).any(|name| {
        name.strip_prefix("old-")
            .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_place_and_name() {
        for (path, expected) in [
            (
                "tones/models/run_0/torch/model.safetensors",
                ArtefactKind::Model,
            ),
            ("tones/models/run_0/torch/config.json", ArtefactKind::Model),
            (
                "tones/models/run_0/ckpt-12/state.json",
                ArtefactKind::Checkpoint,
            ),
            ("tones/results/run_0/run.json", ArtefactKind::Record),
            ("tones/results/run_0/predictions.csv", ArtefactKind::Table),
            ("tones/images/run_0/confusion.svg", ArtefactKind::Plot),
            ("tones/log/tones.log", ArtefactKind::Log),
            ("tones/x", ArtefactKind::Other),
        ] {
            assert_eq!(ArtefactKind::of(path), expected, "{path}");
        }
    }
}
