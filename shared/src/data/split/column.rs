//! Splits by the values of a column.

use crate::{
    config::DatabaseConfig,
    data::{DataError, Part, row::Row},
};
use std::collections::BTreeSet;

/// Values of each part as the configuration lists them.
pub(super) struct Lists<'a> {
    column: &'a str,
    /// Train, dev, test; no list is `None`.
    lists: [Option<&'a [String]>; 3],
}

impl<'a> Lists<'a> {
    /// Takes the lists of train, dev and test.
    pub(super) fn new(column: &'a str, lists: [Option<&'a [String]>; 3]) -> Self {
        Self { column, lists }
    }

    /// The part that a row's value is listed for.
    pub(super) fn part(&self, row: &Row) -> Option<Part> {
        let value = row.column(self.column)?;
        let gender = row
            .gender
            .as_deref()
            .filter(|_| matches!(self.column, "gender" | "sex"));
        let mut parts = Part::ALL.into_iter().zip(self.lists);
        let is_listed = |list: &[String]| {
            list.iter()
                .any(|listed| same(listed, value) || Some(listed.as_str()) == gender)
        };
        parts
            .find(|(_, list)| list.is_some_and(is_listed))
            .map(|(part, _)| part)
    }

    /// The row's value for messages.
    pub(super) fn value(&self, row: &Row) -> String {
        match row.column(self.column) {
            Some(value) => format!("{} is `{value}`", self.column),
            None => format!("{} is empty", self.column),
        }
    }

    /// Warns of listed values that do not occur.
    ///
    /// # Errors
    /// No row has a value in the column, or a value is listed for two parts.
    pub(super) fn require(
        &self,
        rows: &[Row],
        database: &DatabaseConfig,
        warnings: &mut Vec<String>,
    ) -> Result<(), DataError> {
        let there: BTreeSet<&str> = rows
            .iter()
            .filter_map(|row| row.column(self.column))
            .collect();
        let wrong = |reason: String| DataError::SplitColumn {
            database: database.name.clone(),
            column: self.column.to_owned(),
            reason,
        };
        if there.is_empty() {
            let known: BTreeSet<&str> = rows
                .iter()
                .flat_map(|row| row.columns.keys().map(String::as_str))
                .collect();
            let known: Vec<&str> = known.into_iter().collect();
            return Err(wrong(format!(
                "no row has a value there (there are the columns: {})",
                known.join(", ")
            )));
        }
        let all: Vec<(Part, &String)> = Part::ALL
            .into_iter()
            .zip(self.lists)
            .flat_map(|(part, list)| list.into_iter().flatten().map(move |value| (part, value)))
            .collect();
        for (index, (part, value)) in all.iter().enumerate() {
            let earlier = all[..index]
                .iter()
                .find(|(first, other)| first != part && other == value);
            if let Some((first, _)) = earlier {
                let (first, second) = (first.word(), part.word());
                return Err(wrong(format!(
                    "the value `{value}` stands in the lists of both {first} and {second}; take one out"
                )));
            }
            if !there.iter().any(|found| same(value, found))
                && !matches!(self.column, "gender" | "sex")
            {
                let found: Vec<&str> = there.iter().copied().take(20).collect();
                warnings.push(format!(
                    "{}: the value `{value}`, listed for {}, does not occur in the column `{}` (it has: {})",
                    database.name, part.word(), self.column, found.join(", ")
                ));
            }
        }
        Ok(())
    }
}

/// Whether a listed value is that of a row: the same text, or the same whole number (`1` and `1.0`).
fn same(listed: &str, value: &str) -> bool {
    let whole = |text: &str| text.strip_suffix(".0").unwrap_or(text).to_owned();
    listed == value || whole(listed) == whole(value)
}
