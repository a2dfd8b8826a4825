//! Where a name is found in a database, as `audformat.Database.get` looks for it.

use super::{
    database::Database,
    frame::{Frame, Key},
    header::Labels,
};
use crate::data::DataError;
use std::rc::Rc;

/// How a column gives the values of a name.
#[derive(Debug, Clone, PartialEq)]
enum How {
    /// It has them.
    Direct,
    /// It has labels, of which the scheme says what they stand for.
    Named(String),
    /// It has labels, and the scheme knows this attribute of them.
    Attribute(String, String),
}

/// The values of a name in one column of one table.
pub(super) struct Series {
    pub(super) table: String,
    pub(super) frame: Rc<Frame>,
    /// One a row of the table.
    pub(super) values: Vec<Option<String>>,
}

impl Database<'_> {
    /// The values of `name` in each of `tables`, in their order.
    ///
    /// A column has them if it or its scheme is called so. With a scheme of labels that stand for
    /// something (`{a: happy}`) the values are what they stand for. Else the column's scheme may
    /// know them as an attribute of its labels (`{anna: {age: 30}}`), or the misc table does that
    /// its labels are.
    ///
    /// # Errors
    /// A table's file cannot be read.
    pub(super) fn get(&mut self, name: &str, tables: &[String]) -> Result<Vec<Series>, DataError> {
        let mut found = Vec::new();
        for table in tables {
            for (column, how) in self.sources(name, table) {
                let frame = self.frame(table)?;
                let mut values = frame.columns.get(&column).cloned().unwrap_or_default();
                self.translate(&mut values, &how)?;
                found.push(Series {
                    table: table.clone(),
                    frame,
                    values,
                });
            }
        }
        Ok(found)
    }

    /// Whether a table has the values of `name`.
    pub(super) fn has(&self, name: &str, table: &str) -> bool {
        !self.sources(name, table).is_empty()
    }

    /// Every name that one of `tables` has values of.
    pub(super) fn names(&self, tables: &[String]) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for table in tables.iter().filter_map(|id| self.header.tables.get(id)) {
            for (column, scheme) in &table.columns {
                names.push(column.clone());
                match self
                    .header
                    .scheme(scheme.as_ref())
                    .and_then(|scheme| scheme.labels.as_ref())
                {
                    Some(Labels::Attributes(labels)) => {
                        names.extend(labels.values().flat_map(|known| known.keys().cloned()));
                    }
                    Some(Labels::Table(misc)) => {
                        let misc = self.header.misc.get(misc);
                        names.extend(
                            misc.into_iter()
                                .flat_map(|misc| misc.columns.keys().cloned()),
                        );
                    }
                    _ => {}
                }
            }
        }
        names
    }

    /// The columns of a table that have the values of `name`.
    fn sources(&self, name: &str, table: &str) -> Vec<(String, How)> {
        let mut sources = Vec::new();
        let columns = self.header.tables.get(table).map(|table| &table.columns);
        for (column, scheme) in columns.into_iter().flatten() {
            let labels = self
                .header
                .scheme(scheme.as_ref())
                .and_then(|scheme| scheme.labels.as_ref());
            if column == name || scheme.as_deref() == Some(name) {
                let how = match (labels, scheme) {
                    (Some(Labels::Names(_)), Some(scheme)) if scheme == name => {
                        How::Named(scheme.clone())
                    }
                    _ => How::Direct,
                };
                sources.push((column.clone(), how));
                continue;
            }
            let (Some(labels), Some(scheme)) = (labels, scheme) else {
                continue;
            };
            match labels {
                Labels::Attributes(all) if all.values().any(|known| known.contains_key(name)) => {
                    sources.push((
                        column.clone(),
                        How::Attribute(scheme.clone(), name.to_owned()),
                    ));
                }
                Labels::Table(misc) => {
                    let columns = self.header.misc.get(misc).map(|misc| &misc.columns);
                    for (inner, inner_scheme) in columns.into_iter().flatten() {
                        if inner == name || inner_scheme.as_deref() == Some(name) {
                            sources.push((
                                column.clone(),
                                How::Attribute(scheme.clone(), inner.clone()),
                            ));
                        }
                    }
                }
                _ => {}
            }
        }
        sources
    }

    /// Labels to what they stand for.
    fn translate(&mut self, values: &mut [Option<String>], how: &How) -> Result<(), DataError> {
        let (scheme, attribute) = match how {
            How::Direct => return Ok(()),
            How::Named(scheme) => (scheme, None),
            How::Attribute(scheme, attribute) => (scheme, Some(attribute.as_str())),
        };
        let labels = self
            .header
            .schemes
            .get(scheme)
            .and_then(|scheme| scheme.labels.clone());
        let misc = match (&labels, attribute) {
            (Some(Labels::Table(misc)), Some(column)) => Some(self.misc(misc, column)?),
            _ => None,
        };
        for value in values {
            *value = value.take().and_then(|label| match (&labels, attribute) {
                (Some(Labels::Names(names)), None) => names.get(&label).cloned(),
                (Some(Labels::Attributes(all)), Some(key)) => all.get(&label)?.get(key).cloned(),
                _ => misc.as_ref()?.get(&label).cloned(),
            });
        }
        Ok(())
    }
}

/// The value of a stretch among `series`, and a later one that differs from it.
///
/// A table of exactly this stretch comes before one of its whole file.
pub(super) fn value_of<'s>(series: &'s [Series], key: &Key) -> (Option<&'s str>, Option<&'s str>) {
    let at = |find: fn(&Frame, &Key) -> Option<usize>| {
        series
            .iter()
            .filter_map(move |one| one.values.get(find(&one.frame, key)?)?.as_deref())
    };
    let mut all = at(Frame::exact).chain(at(Frame::of_file));
    let Some(first) = all.next() else {
        return (None, None);
    };
    (Some(first), all.find(|other| *other != first))
}
