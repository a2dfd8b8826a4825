//! Which database to read, and what its names are called.

use super::frame::Entry;
use crate::{
    config::{DatabaseConfig, Experiment, Mapping, SplitStrategy},
    data::{row::Row, table::join},
};
use indexmap::{IndexMap, IndexSet};

/// Names that are looked for in every table, whether it is used or not.
const ALWAYS: &[&str] = &["speaker", "gender", "sex", "age"];

/// Which database to read, and how.
#[derive(Debug, Clone)]
pub(in crate::data) struct Source<'a> {
    /// Index of the database.
    index: usize,
    pub(super) config: &'a DatabaseConfig,
    /// What the target is called after renaming.
    pub(super) target: Option<&'a str>,
    /// Further names that are looked for in every table, after renaming.
    pub(super) wanted: IndexSet<&'a str>,
}

impl<'a> Source<'a> {
    /// The database of that index.
    pub(in crate::data) fn new(
        index: usize,
        config: &'a DatabaseConfig,
        experiment: &'a Experiment,
    ) -> Self {
        let filters = [&config.filters, &experiment.data.filters];
        let mut wanted: IndexSet<&str> = ALWAYS.iter().copied().collect();
        wanted.extend(config.columns.iter().map(String::as_str));
        wanted.extend(config.colnames.iter().map(|(_, to)| to.as_str()));
        wanted.extend(config.required.as_deref());
        wanted.extend(
            filters
                .iter()
                .flat_map(|filter| filter.columns.iter().map(|(name, _)| name.as_str())),
        );
        if let SplitStrategy::Column { column, .. } = &config.split {
            wanted.insert(column);
        }
        if let Some(Mapping::Columns(columns)) = &config.mapping {
            wanted.extend(columns.iter().map(|(name, _)| name.as_str()));
        }
        Self {
            index,
            config,
            target: experiment.data.target.as_deref(),
            wanted,
        }
    }

    /// What a name is called in the database.
    pub(super) fn original<'n>(&'n self, name: &'n str) -> &'n str {
        let label = self
            .config
            .label
            .as_deref()
            .filter(|_| Some(name) == self.target);
        let renamed = self.config.colnames.iter().find(|(_, to)| to == name);
        label
            .or(renamed.map(|(from, _)| from.as_str()))
            .unwrap_or(name)
    }

    /// What a name of the database is called here; `None` is not used, since another has its place.
    pub(super) fn renamed(&self, name: &str) -> Option<String> {
        let pair = self.config.colnames.iter().find(|(from, _)| from == name);
        let to = match self.target {
            Some(target) if self.config.label.as_deref() == Some(name) => target,
            _ => pair.map_or(name, |(_, to)| to.as_str()),
        };
        (self.original(to) == name).then(|| to.to_owned())
    }

    /// A row about what `entry` is about, without a label.
    pub(super) fn row(&self, folder: &str, entry: &Entry) -> Row {
        Row {
            database: self.index,
            line: entry.line,
            file: join(&[folder, &entry.file]),
            name: entry.file.clone(),
            start: entry.start,
            end: entry.end,
            seconds: 0.0,
            speaker: None,
            gender: None,
            label: None,
            value: None,
            columns: IndexMap::new(),
            listed: None,
        }
    }
}
