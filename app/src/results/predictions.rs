//! What a model said of each clip, from a run's table.

use crate::{backend::Backend, ui::Sound};
use shared::{
    config::{DatabaseConfig, DatabaseKind, Experiment},
    protocol::Root,
};
use std::rc::Rc;

/// A clip with what was said of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Clip {
    pub(super) file: String,
    pub(super) start: f64,
    pub(super) end: Option<f64>,
    pub(super) truth: String,
    pub(super) predicted: String,
    /// Probability of the class that was said; of a regression nothing.
    pub(super) probability: Option<f64>,
}

impl Clip {
    /// Its name, without its folder.
    pub(super) fn name(&self) -> String {
        let name = self.file.rsplit('/').next().unwrap_or(&self.file);
        match self.end {
            Some(end) if self.start > 0.0 => format!("{name} ({:.2}–{end:.2} s)", self.start),
            _ => name.to_owned(),
        }
    }

    /// Where it can be heard, if it lies below a folder that the runner shows. A table does not say
    /// from which database a clip is, so that there is a place for each.
    pub(super) fn sound(
        &self,
        backend: &Rc<dyn Backend>,
        roots: &[Root],
        folders: &[String],
    ) -> Option<Sound> {
        let stretch = self
            .end
            .filter(|_| self.start > 0.0)
            .map(|end| (self.start, end));
        let address = |folder: &String| {
            let (root, path) = below(&joined(folder, &self.file), roots)?;
            Some(backend.sound_address(&root.id, &path, stretch))
        };
        let mut addresses: Vec<String> = folders.iter().filter_map(address).collect();
        addresses.dedup();
        (!addresses.is_empty()).then(|| Sound {
            addresses,
            name: self.name(),
        })
    }
}

/// What stands before the file names of each database of an experiment.
pub(super) fn folders(experiment: &Experiment) -> Vec<String> {
    let of = |database: &DatabaseConfig| match database.kind {
        DatabaseKind::Audformat => database.path.clone(),
        DatabaseKind::Csv => {
            let beside = database
                .path
                .rsplit_once('/')
                .map_or("", |(folder, _)| folder);
            joined(
                if database.absolute_path { "" } else { beside },
                &database.audio_path,
            )
        }
    };
    experiment.data.databases.iter().map(of).collect()
}

fn joined(folder: &str, path: &str) -> String {
    if folder.is_empty() || path.starts_with('/') {
        path.to_owned()
    } else {
        format!("{}/{path}", folder.trim_end_matches('/'))
    }
}

/// The root that a path of a table lies in, and the path below it.
fn below<'r>(file: &str, roots: &'r [Root]) -> Option<(&'r Root, String)> {
    let file = clean(file);
    let inside = |root: &'r Root| {
        let path = clean(&root.path);
        let rest = if path.is_empty() {
            Some(file.as_str())
        } else {
            file.strip_prefix(&format!("{path}/"))
        };
        rest.map(|rest| (root, rest.to_owned()))
    };
    roots
        .iter()
        .filter_map(inside)
        .min_by_key(|(_, rest)| rest.len())
}

/// A path without `.` in it.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let parts: Vec<&str> = path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    format!("{}{}", if rooted { "/" } else { "" }, parts.join("/"))
}

/// Reads a table of predictions.
///
/// # Errors
/// In words: it is not such a table.
pub(super) fn read(text: &str) -> Result<Vec<Clip>, String> {
    let mut table = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let head = table.headers().map_err(|error| error.to_string())?.clone();
    let column = |name: &str| {
        head.iter()
            .position(|head| head == name)
            .ok_or_else(|| format!("the table of predictions has no column {name}"))
    };
    let (file, start, end) = (column("file")?, column("start")?, column("end")?);
    let (predicted, truth) = (column("predicted")?, column("truth")?);
    let mut clips = Vec::new();
    for record in table.records() {
        let record = record.map_err(|error| error.to_string())?;
        let get = |at: usize| record.get(at).unwrap_or_default().to_owned();
        clips.push(Clip {
            file: get(file),
            start: seconds(&get(start)).unwrap_or(0.0),
            end: seconds(&get(end)),
            truth: get(truth),
            probability: column(&get(predicted))
                .ok()
                .filter(|at| (end + 1..predicted).contains(at))
                .and_then(|at| get(at).parse().ok()),
            predicted: get(predicted),
        });
    }
    Ok(clips)
}

/// pandas's `0 days 00:00:01.25`, in seconds.
fn seconds(text: &str) -> Option<f64> {
    let (days, clock) = text.split_once(" days ").unwrap_or(("0", text));
    let days: f64 = days.trim().parse().ok()?;
    let mut total = 0.0;
    for part in clock.trim().split(':') {
        total = total * 60.0 + part.parse::<f64>().ok()?;
    }
    Some(days * 86_400.0 + total)
}
