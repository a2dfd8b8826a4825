//! `db.yaml`: which tables and schemes a database has.

use super::{cell::Dtype, yaml::Value};
use crate::data::{DataError, Part};
use indexmap::IndexMap;

/// What `db.yaml` says, as far as it matters for labels. Media, raters, attachments, and what is
/// said about licence and origin are passed over.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Header {
    /// Sorted by name, as audformat goes through them.
    pub(super) tables: IndexMap<String, TableHeader>,
    pub(super) misc: IndexMap<String, MiscHeader>,
    pub(super) schemes: IndexMap<String, Scheme>,
}

/// A table of files or stretches.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TableHeader {
    /// Whether rows have `start` and `end`.
    pub(super) segmented: bool,
    /// The part that its split is, where it has one of that type.
    pub(super) part: Option<Part>,
    pub(super) columns: Columns,
}

/// A table of anything else, for instance speakers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct MiscHeader {
    /// The columns of the index.
    pub(super) levels: Vec<(String, Dtype)>,
    pub(super) columns: Columns,
}

/// Names of columns, each with its scheme where it has one.
pub(super) type Columns = IndexMap<String, Option<String>>;

/// What values mean.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scheme {
    pub(super) dtype: Dtype,
    pub(super) labels: Option<Labels>,
    pub(super) minimum: Option<f64>,
    pub(super) maximum: Option<f64>,
}

/// The values that a scheme allows, and what is known of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Labels {
    /// `[happy, sad]`.
    List(Vec<String>),
    /// `{a: happy, b: sad}`.
    Names(IndexMap<String, String>),
    /// `{anna: {gender: female, age: 30}}`.
    Attributes(IndexMap<String, IndexMap<String, String>>),
    /// The name of a misc table, whose index are the labels.
    Table(String),
}

impl Header {
    /// Reads the text of `db.yaml`, which lies at `path`.
    ///
    /// # Errors
    /// It is no YAML, or not the header of a database.
    pub(super) fn parse(text: &str, path: &str) -> Result<Self, DataError> {
        let wrong = |reason: String| DataError::Header {
            path: path.to_owned(),
            reason,
        };
        let root = Value::parse(text)
            .map_err(|error| wrong(format!("this is no YAML that can be read: {error}")))?;
        let is_header = |root: &Value| root.get("tables").or(root.get("schemes")).is_some();
        let root = match root.entries() {
            // Old versions put everything below the name.
            [(_, only)] if !is_header(&root) => only,
            _ => &root,
        };
        if !is_header(root) {
            return Err(wrong(
                "it has neither `tables` nor `schemes`, so it is no header of audformat".into(),
            ));
        }
        let splits: IndexMap<String, String> = named(root, "splits")
            .map_err(wrong)?
            .into_iter()
            .filter_map(|(id, split)| Some((id, split.get("type")?.str()?.to_owned())))
            .collect();
        let mut header = Self {
            tables: IndexMap::new(),
            misc: IndexMap::new(),
            schemes: IndexMap::new(),
        };
        for (id, value) in named(root, "schemes").map_err(wrong)? {
            let scheme =
                scheme(value).map_err(|reason| wrong(format!("schemes: {id}: {reason}")))?;
            header.schemes.insert(id, scheme);
        }
        for (id, value) in named(root, "tables").map_err(wrong)? {
            let table =
                table(value, &splits).map_err(|reason| wrong(format!("tables: {id}: {reason}")))?;
            header.tables.insert(id, table);
        }
        for (id, value) in named(root, "misc_tables").map_err(wrong)? {
            let misc =
                misc(value).map_err(|reason| wrong(format!("misc_tables: {id}: {reason}")))?;
            header.misc.insert(id, misc);
        }
        header.tables.sort_unstable_keys();
        header.check().map_err(wrong)?;
        Ok(header)
    }

    /// Whether everything that is referred to is there.
    fn check(&self) -> Result<(), String> {
        let columns = self.tables.iter().map(|(id, table)| (id, &table.columns));
        let misc = self.misc.iter().map(|(id, table)| (id, &table.columns));
        for (id, columns) in columns.chain(misc) {
            for (column, scheme) in columns {
                if let Some(scheme) = scheme.as_ref().filter(|id| !self.schemes.contains_key(*id)) {
                    return Err(format!(
                        "the column `{column}` of the table `{id}` has the scheme `{scheme}`, which `schemes` does not have"
                    ));
                }
            }
        }
        for (id, scheme) in &self.schemes {
            if let Some(Labels::Table(table)) = &scheme.labels
                && self
                    .misc
                    .get(table)
                    .is_none_or(|misc| misc.levels.len() != 1)
            {
                return Err(format!(
                    "the labels of the scheme `{id}` are those of `{table}`, which is no misc table with an index of one column"
                ));
            }
        }
        Ok(())
    }

    /// The scheme of a column.
    pub(super) fn scheme(&self, id: Option<&String>) -> Option<&Scheme> {
        self.schemes.get(id?)
    }
}

/// The entries of `key` by their names; none where it is missing or empty.
fn named<'v>(root: &'v Value, key: &str) -> Result<Vec<(String, &'v Value)>, String> {
    match root.get(key) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Map(entries)) => entries
            .iter()
            .map(|(name, value)| {
                let name = name
                    .cell()
                    .ok_or_else(|| format!("`{key}` has an entry without a name"))?;
                // It becomes part of a file's name.
                if name.contains(['/', '\\', '\0']) {
                    return Err(format!(
                        "`{key}` has an entry `{name}`; names have no slashes"
                    ));
                }
                Ok((name, value))
            })
            .collect(),
        Some(_) => Err(format!("`{key}` must be a map")),
    }
}

fn scheme(value: &Value) -> Result<Scheme, String> {
    let dtype = value.get("dtype").and_then(Value::str).unwrap_or("str");
    let labels = match value.get("labels") {
        None | Some(Value::Null) => None,
        Some(Value::Text(table)) => Some(Labels::Table(table.clone())),
        Some(Value::List(items)) => {
            Some(Labels::List(items.iter().filter_map(Value::cell).collect()))
        }
        Some(Value::Map(entries)) => Some(labels(entries)?),
        Some(_) => {
            return Err("`labels` must be a list, a map, or the name of a misc table".into());
        }
    };
    let bound = |key: &str| value.get(key).and_then(Value::number);
    Ok(Scheme {
        dtype: Dtype::of(dtype),
        labels,
        minimum: bound("minimum"),
        maximum: bound("maximum"),
    })
}

/// Labels with what is known of them.
fn labels(entries: &[(Value, Value)]) -> Result<Labels, String> {
    let name = |value: &Value| value.cell().ok_or("`labels` has an entry without a name");
    let attributes = entries
        .iter()
        .any(|(_, value)| matches!(value, Value::Map(inner) if !inner.is_empty()));
    if !attributes {
        let mut names = IndexMap::new();
        for (label, value) in entries {
            names.insert(name(label)?, value.cell());
        }
        if names.values().all(Option::is_none) {
            return Ok(Labels::List(names.into_keys().collect()));
        }
        return Ok(Labels::Names(
            names
                .into_iter()
                .map(|(label, text)| (label.clone(), text.unwrap_or(label)))
                .collect(),
        ));
    }
    let mut all = IndexMap::new();
    for (label, value) in entries {
        let known = value
            .entries()
            .iter()
            .filter_map(|(key, value)| Some((key.cell()?, value.cell()?)))
            .collect();
        all.insert(name(label)?, known);
    }
    Ok(Labels::Attributes(all))
}

fn table(value: &Value, splits: &IndexMap<String, String>) -> Result<TableHeader, String> {
    let segmented = match value.get("type").and_then(Value::str) {
        Some("segmented") => true,
        Some("filewise") => false,
        Some(other) => {
            return Err(format!(
                "its type is `{other}`, neither filewise nor segmented"
            ));
        }
        // Before there were types.
        None => matches!(value.get("is_segmented"), Some(Value::Bool(true))),
    };
    let split = value.get("split_id").and_then(Value::str);
    let kind = split.and_then(|id| splits.get(id)).map(String::as_str);
    Ok(TableHeader {
        segmented,
        part: Part::ALL.into_iter().find(|part| Some(part.word()) == kind),
        columns: columns(value)?,
    })
}

fn misc(value: &Value) -> Result<MiscHeader, String> {
    let levels = match value.get("levels") {
        Some(Value::Map(entries)) => entries
            .iter()
            .filter_map(|(name, dtype)| {
                Some((name.cell()?, Dtype::of(dtype.str().unwrap_or("str"))))
            })
            .collect(),
        // Before levels had types.
        Some(Value::List(names)) => names
            .iter()
            .filter_map(|name| Some((name.cell()?, Dtype::Text)))
            .collect(),
        _ => Vec::new(),
    };
    if levels.is_empty() {
        return Err("`levels` must name the columns of its index".into());
    }
    Ok(MiscHeader {
        levels,
        columns: columns(value)?,
    })
}

fn columns(value: &Value) -> Result<Columns, String> {
    let columns = named(value, "columns")?.into_iter();
    Ok(columns
        .map(|(name, column)| {
            let scheme = column.get("scheme_id").and_then(Value::cell);
            (name, scheme)
        })
        .collect())
}
