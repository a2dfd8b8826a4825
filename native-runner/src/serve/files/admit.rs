//! Whether everything that an experiment names is in sight.

use super::Sight;
use crate::serve::Problem;
use shared::{
    config::{Checked, DatabaseConfig, Experiment},
    data::{self, DataError},
    protocol::ProblemKind,
};

/// Files out of sight that are listed.
const LISTED: usize = 5;

/// Why an experiment is not let in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// A key of the INI names something out of sight.
    #[error("`{path}`: {reason}")]
    Key {
        /// The section.
        section: &'static str,
        /// The key.
        key: String,
        /// What it says.
        path: String,
        /// Why it is not in sight.
        reason: String,
    },
    /// A table names files out of sight.
    #[error("the table of `{database}` names {count} files that cannot be read here: {examples}")]
    Rows {
        /// The database.
        database: String,
        /// How many.
        count: usize,
        /// The first ones with their lines and reasons.
        examples: String,
    },
    /// A table cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
}

impl Refusal {
    /// The answer to a request: at the key's place in the INI, where it is about a key.
    pub(crate) fn problem(&self, checked: &Checked) -> Problem {
        let Self::Key { section, key, .. } = self else {
            return Problem::new(ProblemKind::Unprocessable, self.to_string());
        };
        let mut problem = Problem::new(ProblemKind::InvalidConfig, self.to_string());
        let section = checked
            .document
            .section(section)
            .map_or(*section, |_| *section);
        problem.0.section = Some(section.to_owned());
        problem.0.key = Some(key.clone());
        problem
    }
}

/// Whether everything that `experiment` and its tables name lies below a data root or in a dataset of
/// the user. What a job opens is confined anyhow; this says so before it waits in a queue.
///
/// # Errors
/// What does not, or a table cannot be read.
pub(crate) fn admit(experiment: &Experiment, sight: &Sight) -> Result<(), Refusal> {
    let refused = |section, key: String, path: &str, reason| Refusal::Key {
        section,
        key,
        path: path.to_owned(),
        reason,
    };
    let databases = &experiment.data.databases;
    for database in databases.iter().chain(&experiment.data.tests) {
        for (key, path) in paths(database) {
            sight
                .covers(path)
                .map_err(|reason| refused("DATA", key, path, reason))?;
        }
    }
    let model = experiment.tuning.pretrained_model.as_str();
    if is_folder(model) {
        let key = "pretrained_model".to_owned();
        sight
            .covers(model)
            .map_err(|reason| refused("FINETUNE", key, model, reason))?;
    }
    rows(experiment, sight)
}

/// The keys of a database that are paths.
fn paths(database: &DatabaseConfig) -> Vec<(String, &str)> {
    let mut paths = vec![(database.name.clone(), database.path.as_str())];
    let audio = database.audio_path.as_str();
    if !audio.is_empty() && (database.absolute_path || audio.starts_with('/')) {
        paths.push((format!("{}.audio_path", database.name), audio));
    }
    paths
}

/// Whether a model is a folder; a name on the hub is `owner/name`, or a bare name.
pub(crate) fn is_folder(model: &str) -> bool {
    model.starts_with(['/', '.', '~', '\\'])
        || model.contains(':')
        || model.matches('/').count() > 1
}

fn rows(experiment: &Experiment, sight: &Sight) -> Result<(), Refusal> {
    let named = data::named(experiment, sight)?;
    let stray: Vec<_> = named
        .iter()
        .filter_map(|row| Some((row, sight.covers(&row.file).err()?)))
        .collect();
    let Some((first, _)) = stray.first() else {
        return Ok(());
    };
    let of_it = stray
        .iter()
        .filter(|(row, _)| row.database == first.database);
    let examples = of_it.clone().take(LISTED).map(|(row, reason)| {
        let file: String = row.file.chars().take(120).collect();
        format!("line {}, `{file}`: {reason}", row.line)
    });
    Err(Refusal::Rows {
        database: first.database.clone(),
        count: of_it.clone().count(),
        examples: examples.collect::<Vec<_>>().join("; "),
    })
}
