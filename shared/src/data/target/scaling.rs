//! Continuous targets to what is trained on, and back.

use crate::{
    config::{DataConfig, DatabaseConfig},
    data::{parts::Parts, row::Row},
};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// z = (x - mean) / std.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ZScore {
    /// Mean of the train part.
    pub mean: f64,
    /// Standard deviation of the train part (of the population); 1 where all values are equal, as
    /// in scikit-learn's `StandardScaler`.
    pub std: f64,
}

impl ZScore {
    /// Fits values; `None` without any.
    fn fit(values: &[f64]) -> Option<Self> {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values
            .iter()
            .map(|value| (value - mean).powi(2))
            .sum::<f64>()
            / count;
        let std = variance.sqrt();
        let constant = std <= 10.0 * f64::EPSILON * mean.abs();
        (!values.is_empty()).then_some(Self {
            mean,
            std: if constant { 1.0 } else { std },
        })
    }
}

/// What is done with the target of one database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct DatabaseTransform {
    /// `reverse`: the value that x is taken from, |max - x|.
    pub reverse_max: Option<f64>,
    /// `scale`, after `reverse`.
    pub scale: Option<ZScore>,
}

/// What is done with a continuous target before training, to be undone in results.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TargetTransform {
    /// By database, in the order of the configuration.
    pub databases: IndexMap<String, DatabaseTransform>,
    /// `target_divide_by`, after everything else.
    pub divide_by: Option<f64>,
}

impl TargetTransform {
    /// Fits the transforms that `data` asks for: the largest value of a database for `reverse`, the
    /// train part of a database for `scale` (or the whole train part where a database has no rows in
    /// it).
    pub(in crate::data) fn fit(
        data: &DataConfig,
        parts: &Parts<Vec<Row>>,
        warnings: &mut Vec<String>,
    ) -> Self {
        let mut transform = Self {
            divide_by: data.target_divide_by,
            ..Self::default()
        };
        for (index, database) in data.databases.iter().enumerate() {
            let mut fitted = DatabaseTransform::default();
            if database.reverse {
                let rows = parts
                    .iter()
                    .flat_map(|(_, rows)| rows)
                    .filter(|row| row.database == index);
                let largest = rows.filter_map(|row| row.value).max_by(f64::total_cmp);
                fitted.reverse_max = database.reverse_max.or(largest);
                if let (Some(max), Some(largest)) = (
                    fitted.reverse_max,
                    largest.filter(|largest| Some(*largest) > fitted.reverse_max),
                ) {
                    warnings.push(format!(
                        "{}: reverse.max is {max}, but there are values up to {largest}; those cannot be told from \
                         lower ones any more",
                        database.name
                    ));
                }
            }
            transform.databases.insert(database.name.clone(), fitted);
        }
        for (index, database) in data
            .databases
            .iter()
            .enumerate()
            .filter(|(_, database)| database.scale)
        {
            let of = |wanted: &dyn Fn(&Row) -> bool| -> Vec<f64> {
                let rows = parts.train.iter().filter(|row| wanted(row));
                rows.filter_map(|row| Some(transform.databases[row.database].reversed(row.value?)))
                    .collect()
            };
            let own = ZScore::fit(&of(&|row| row.database == index));
            if own.is_none() {
                warnings.push(format!(
                    "{}: none of its rows is in the train part, so the target is scaled as the whole train part",
                    database.name
                ));
            }
            let scale = own.or_else(|| ZScore::fit(&of(&|_| true)));
            transform.databases[index].scale = scale;
        }
        transform
    }

    /// Takes in a database that was not trained on, whose values are `rows`: it is reversed by its own
    /// keys, and scaled as the first one.
    pub(in crate::data) fn include(&mut self, database: &DatabaseConfig, rows: &[Row]) {
        if self.databases.contains_key(&database.name) {
            return;
        }
        let largest = || {
            let values = rows.iter().filter_map(|row| row.value);
            values.reduce(f64::max)
        };
        let reverse_max = database
            .reverse
            .then(|| database.reverse_max.or_else(largest))
            .flatten();
        let first = self.databases.values().next().copied().unwrap_or_default();
        let transform = DatabaseTransform {
            reverse_max,
            scale: first.scale,
        };
        self.databases.insert(database.name.clone(), transform);
    }

    /// The value to be trained on.
    #[must_use]
    pub fn apply(&self, database: &str, value: f64) -> f64 {
        let transform = self.of(database);
        let value = transform.reversed(value);
        let value = transform
            .scale
            .map_or(value, |scale| (value - scale.mean) / scale.std);
        value / self.divide_by.unwrap_or(1.0)
    }

    /// The value in the table's unit of a value that was trained on or predicted. A database that
    /// was not trained on is taken as the first one.
    #[must_use]
    pub fn invert(&self, database: &str, value: f64) -> f64 {
        let transform = self.of(database);
        let value = value * self.divide_by.unwrap_or(1.0);
        let value = transform
            .scale
            .map_or(value, |scale| value * scale.std + scale.mean);
        transform.reverse_max.map_or(value, |max| max - value)
    }

    /// Whether values stay as they are.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.divide_by.is_none_or(|divisor| divisor == 1.0)
            && self
                .databases
                .values()
                .all(|transform| *transform == DatabaseTransform::default())
    }

    fn of(&self, database: &str) -> DatabaseTransform {
        let known = self
            .databases
            .get(database)
            .or_else(|| self.databases.values().next());
        known.copied().unwrap_or_default()
    }
}

impl DatabaseTransform {
    fn reversed(&self, value: f64) -> f64 {
        self.reverse_max.map_or(value, |max| (value - max).abs())
    }
}
