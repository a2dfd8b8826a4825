//! Which column of a table is what.

use super::Source;
use crate::data::DataError;
use csv::StringRecord;

/// Columns with a meaning of their own, which are no target unless they are named as one.
const NO_TARGETS: [&str; 6] = ["speaker", "gender", "sex", "age", "duration", ""];

/// Positions of the columns that have a meaning, and the names of all.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    /// The audio file.
    pub(super) file: usize,
    /// Start of the stretch.
    pub(super) start: Option<usize>,
    /// End of the stretch.
    pub(super) end: Option<usize>,
    /// The speaker.
    pub(super) speaker: Option<usize>,
    names: Vec<String>,
}

impl Columns {
    /// Finds the columns by a table's header, after renaming.
    ///
    /// A table of `file`, `start`, `end` and one more column has its label in that column, whatever
    /// its name is.
    ///
    /// # Errors
    /// There is no `file`, or no column of the target's name.
    pub(super) fn find(
        header: &StringRecord,
        source: &Source<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<Self, DataError> {
        let mut names: Vec<String> = Vec::new();
        for name in header {
            // As pandas does: the second `x` is `x.1`.
            let repeats = names
                .iter()
                .filter(|known| !name.is_empty() && *known == name)
                .count();
            names.push(if repeats == 0 {
                name.to_owned()
            } else {
                format!("{name}.{repeats}")
            });
        }
        for (from, to) in source.renames.iter().filter(|(from, to)| from != to) {
            let Some(index) = names.iter().position(|name| name == from) else {
                warnings.push(format!(
                    "{}: there is no column `{from}` in {} to be used as `{to}` (its columns: {})",
                    source.name,
                    source.path,
                    names.join(", ")
                ));
                continue;
            };
            if let Some(hidden) = names.iter_mut().find(|name| name == to) {
                warnings.push(format!(
                    "{}: the column `{to}` of {} is not used, `{from}` takes its place",
                    source.name, source.path
                ));
                hidden.clear();
            }
            (*to).clone_into(&mut names[index]);
        }
        let position = |wanted: &str| names.iter().position(|name| name == wanted);
        let missing = |column: &str| DataError::NoColumn {
            database: source.name.to_owned(),
            path: source.path.to_owned(),
            column: column.to_owned(),
            found: names
                .iter()
                .filter(|name| !name.is_empty())
                .cloned()
                .collect::<Vec<_>>()
                .join(", "),
        };
        let file = position("file").ok_or_else(|| missing("file"))?;
        let (start, end) = (position("start"), position("end"));
        if let Some(target) = source.target.filter(|target| position(target).is_none()) {
            let label =
                (0..names.len()).find(|index| ![Some(file), start, end].contains(&Some(*index)));
            match label {
                Some(index)
                    if names.len() == 4
                        && start.is_some()
                        && end.is_some()
                        && !NO_TARGETS.contains(&names[index].as_str()) =>
                {
                    warnings.push(format!(
                        "{}: {} has no column `{target}`; its column `{}` is used as the target (name it with {}.label)",
                        source.name, source.path, names[index], source.name
                    ));
                    target.clone_into(&mut names[index]);
                }
                _ => return Err(missing(target)),
            }
        }
        let speaker = names.iter().position(|name| name == "speaker");
        Ok(Self {
            file,
            start,
            end,
            speaker,
            names,
        })
    }

    /// Number of columns.
    pub(super) fn count(&self) -> usize {
        self.names.len()
    }

    /// Columns that are kept by name. Unnamed ones (an index that pandas wrote) are not.
    pub(super) fn others(&self) -> impl Iterator<Item = (usize, &str)> {
        let special = [Some(self.file), self.start, self.end, self.speaker];
        self.names
            .iter()
            .enumerate()
            .filter(move |(index, name)| !name.is_empty() && !special.contains(&Some(*index)))
            .map(|(index, name)| (index, name.as_str()))
    }
}
