//! A database: its header, and its tables as they are needed.

use super::{
    cell::Dtype,
    frame::{Cells, Frame},
    header::{Columns, Header, Labels},
};
use crate::{
    data::{
        DataError,
        table::{decode, join},
    },
    files::Files,
};
use std::{
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

/// A database whose tables are read when something asks for them.
pub(super) struct Database<'a> {
    pub(super) header: Header,
    /// Its name in the configuration.
    pub(super) name: &'a str,
    folder: &'a str,
    files: &'a dyn Files,
    frames: HashMap<String, Rc<Frame>>,
    misc: HashMap<(String, String), Rc<HashMap<String, String>>>,
    /// What is worth knowing about its tables.
    pub(super) warnings: Vec<String>,
}

impl<'a> Database<'a> {
    /// Reads the header of the database in `folder`.
    ///
    /// # Errors
    /// There is no `db.yaml`, or it is no header of audformat.
    pub(super) fn open(
        files: &'a dyn Files,
        name: &'a str,
        folder: &'a str,
    ) -> Result<Self, DataError> {
        let path = join(&[folder, "db.yaml"]);
        let bytes = files.read(&path).map_err(|error| {
            let hint = if files.exists(folder) && !files.is_folder(folder) {
                format!("{folder} is a file; if it is a CSV table, write {name}.type = csv")
            } else {
                format!("an audformat database is a folder with db.yaml; for a CSV table write {name}.type = csv")
            };
            DataError::Header {
                path: path.clone(),
                reason: format!("it cannot be read ({error}); {hint}"),
            }
        })?;
        let header = Header::parse(decode(&path, &bytes)?, &path)?;
        Ok(Self {
            header,
            name,
            folder,
            files,
            frames: HashMap::new(),
            misc: HashMap::new(),
            warnings: Vec::new(),
        })
    }

    /// A table of files or stretches.
    ///
    /// # Errors
    /// Its file cannot be read.
    pub(super) fn frame(&mut self, id: &str) -> Result<Rc<Frame>, DataError> {
        if let Some(frame) = self.frames.get(id) {
            return Ok(frame.clone());
        }
        let table = self
            .header
            .tables
            .get(id)
            .cloned()
            .ok_or_else(|| DataError::NoTable {
                database: self.name.to_owned(),
                table: id.to_owned(),
                known: self.known_tables(),
            })?;
        let mut fields = vec![("file", Dtype::Text)];
        if table.segmented {
            fields.extend([("start", Dtype::Time), ("end", Dtype::Time)]);
        }
        fields.extend(self.fields(&table.columns));
        let cells = Cells::read(self.files, self.folder, id, &fields)?;
        let mut frame = Frame::new(cells, table.segmented, table.columns.keys());
        for (column, values) in &mut frame.columns {
            let scheme = table.columns.get(column).and_then(Option::as_ref);
            self.conform(id, column, scheme, values)?;
        }
        let frame = Rc::new(frame);
        self.frames.insert(id.to_owned(), frame.clone());
        Ok(frame)
    }

    /// Values of a column of a misc table by the values of its index.
    ///
    /// # Errors
    /// Its file cannot be read.
    pub(super) fn misc(
        &mut self,
        id: &str,
        column: &str,
    ) -> Result<Rc<HashMap<String, String>>, DataError> {
        let place = (id.to_owned(), column.to_owned());
        if let Some(values) = self.misc.get(&place) {
            return Ok(values.clone());
        }
        // The header was checked: the table is there, and its index is one column.
        let table = self.header.misc.get(id).cloned();
        let mut fields: Vec<(&str, Dtype)> = Vec::new();
        if let Some(table) = &table {
            fields.extend(
                table
                    .levels
                    .iter()
                    .map(|(name, dtype)| (name.as_str(), *dtype)),
            );
            fields.extend(
                self.fields(&table.columns)
                    .into_iter()
                    .filter(|(name, _)| *name == column),
            );
        }
        let cells = Cells::read(self.files, self.folder, id, &fields)?;
        let mut columns = cells.columns.into_iter();
        let labels = columns.next().unwrap_or_default();
        let mut values = columns.next().unwrap_or_default();
        let scheme = table
            .as_ref()
            .and_then(|table| table.columns.get(column)?.as_ref());
        self.conform(id, column, scheme, &mut values)?;
        let values: HashMap<String, String> = labels
            .into_iter()
            .zip(values)
            .filter_map(|(label, value)| Some((label?, value?)))
            .collect();
        let values = Rc::new(values);
        self.misc.insert(place, values.clone());
        Ok(values)
    }

    /// The names of all tables, for messages.
    pub(super) fn known_tables(&self) -> String {
        let names: Vec<&str> = self.header.tables.keys().map(String::as_str).collect();
        if names.is_empty() {
            "none".into()
        } else {
            names.join(", ")
        }
    }

    fn fields<'c>(&self, columns: &'c Columns) -> Vec<(&'c str, Dtype)> {
        let dtype = |scheme: &Option<String>| {
            self.header
                .scheme(scheme.as_ref())
                .map_or(Dtype::Text, |scheme| scheme.dtype)
        };
        columns
            .iter()
            .map(|(name, scheme)| (name.as_str(), dtype(scheme)))
            .collect()
    }

    /// Takes out values that are none of the scheme's labels, as audformat does, and names those
    /// that are outside of its range, which stay.
    fn conform(
        &mut self,
        table: &str,
        column: &str,
        scheme: Option<&String>,
        values: &mut [Option<String>],
    ) -> Result<(), DataError> {
        let Some((id, scheme)) =
            scheme.and_then(|id| Some((id, self.header.schemes.get(id)?.clone())))
        else {
            return Ok(());
        };
        let labels: Option<BTreeSet<String>> = match scheme.labels {
            None => None,
            Some(Labels::List(labels)) => Some(labels.into_iter().collect()),
            Some(Labels::Names(labels)) => Some(labels.into_keys().collect()),
            Some(Labels::Attributes(labels)) => Some(labels.into_keys().collect()),
            Some(Labels::Table(misc)) => Some(self.labels_of(&misc)?),
        };
        let mut strange = Found::default();
        let mut outside = Found::default();
        for value in values.iter_mut() {
            let Some(text) = value else { continue };
            if labels.as_ref().is_some_and(|labels| !labels.contains(text)) {
                strange.add(text);
                *value = None;
                continue;
            }
            let number = text.parse::<f64>().ok();
            let below = scheme
                .minimum
                .zip(number)
                .is_some_and(|(least, value)| value < least);
            let above = scheme
                .maximum
                .zip(number)
                .is_some_and(|(most, value)| value > most);
            if below || above {
                outside.add(text);
            }
        }
        let place = format!(
            "{}: the column `{column}` of the table `{table}`",
            self.name
        );
        if let Some(found) = strange.text() {
            self.warnings.push(format!(
                "{place} has {found} none of the labels of its scheme `{id}`: they count as missing"
            ));
        }
        if let Some(found) = outside.text() {
            self.warnings.push(format!(
                "{place} has {found} outside of the range of its scheme `{id}`: they are used as they are"
            ));
        }
        Ok(())
    }

    /// The index of a misc table.
    fn labels_of(&mut self, id: &str) -> Result<BTreeSet<String>, DataError> {
        let levels = self.header.misc.get(id).map(|table| table.levels.clone());
        let levels = levels.unwrap_or_default();
        let fields: Vec<(&str, Dtype)> = levels
            .iter()
            .map(|(name, dtype)| (name.as_str(), *dtype))
            .collect();
        let cells = Cells::read(self.files, self.folder, id, &fields)?;
        Ok(cells
            .columns
            .into_iter()
            .next()
            .unwrap_or_default()
            .into_iter()
            .flatten()
            .collect())
    }
}

/// Values that are worth a word, of which the first is named.
#[derive(Default)]
struct Found {
    count: usize,
    example: String,
}

impl Found {
    fn add(&mut self, text: &str) {
        if self.count == 0 {
            text.clone_into(&mut self.example);
        }
        self.count += 1;
    }

    /// `1 value (`x`) that is`, or none.
    fn text(&self) -> Option<String> {
        match self.count {
            0 => None,
            1 => Some(format!("one value (`{}`) that is", self.example)),
            count => Some(format!(
                "{count} values (`{}` is the first) that are",
                self.example
            )),
        }
    }
}
