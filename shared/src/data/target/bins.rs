//! Continuous targets to classes.

use crate::{
    config::DataConfig,
    data::{
        DataError,
        drops::{DropReason, Drops, Objection},
        parts::Parts,
        row::Row,
    },
};
use serde::{Deserialize, Serialize};

/// Where the classes of a continuous target begin and end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bins {
    /// One edge more than there are bins, rising; bin i is from edge i up to but without edge
    /// i + 1, only the last one has both of its edges. `None` is without end.
    pub edges: Vec<Option<f64>>,
    /// Names of the bins, from low to high.
    pub names: Vec<String>,
}

impl Bins {
    /// The edges of `bins` with the names of `labels` by position (or else the bins' numbers), or
    /// three bins between the 33 % and 66 % quantiles of the train part.
    ///
    /// # Errors
    /// Edges and names do not fit each other, edges do not rise, or there are no training values.
    pub(in crate::data) fn fit(data: &DataConfig, train: &[Row]) -> Result<Self, DataError> {
        let Some(edges) = &data.bins else {
            let mut values: Vec<f64> = train.iter().filter_map(|row| row.value).collect();
            values.sort_by(f64::total_cmp);
            let edges = vec![None, quantile(&values, 0.33), quantile(&values, 0.66), None];
            let names = match &data.labels {
                Some(labels) if labels.len() == 3 => labels.clone(),
                Some(labels) => return Err(wrong_count(3, labels.len())),
                None => ["0_low", "1_middle", "2_high"].map(str::to_owned).to_vec(),
            };
            return Ok(Self { edges, names });
        };
        if edges.len() < 3 || edges.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err(DataError::Bins {
                reason: "at least three edges are needed, each above the one before".into(),
            });
        }
        let count = edges.len() - 1;
        let names = match &data.labels {
            Some(labels) if labels.len() == count => labels.clone(),
            Some(labels) => return Err(wrong_count(count, labels.len())),
            None => {
                let width = (count - 1).to_string().len();
                (0..count).map(|bin| format!("{bin:0width$}")).collect()
            }
        };
        Ok(Self {
            edges: edges.iter().copied().map(Some).collect(),
            names,
        })
    }

    /// The name of the bin of `value`; `None` is outside of all.
    #[must_use]
    pub fn name(&self, value: f64) -> Option<&str> {
        if value.is_nan() {
            return None;
        }
        let above = |edge: &Option<f64>| edge.is_none_or(|edge| value >= edge);
        let last = self.names.len().checked_sub(1)?;
        if !above(self.edges.first()?) {
            return None;
        }
        // The open end of the last bin is not an edge to be above of.
        let inner = self.edges[1..=last]
            .iter()
            .filter(|edge| above(edge))
            .count();
        let beyond = self.edges[last + 1].is_some_and(|edge| value > edge);
        (!beyond).then(|| self.names[inner].as_str())
    }

    /// Makes labels of the values of all rows.
    pub(in crate::data) fn apply(&self, parts: &mut Parts<Vec<Row>>, drops: &mut Drops) {
        drops.sift_parts(parts, |row| self.label(row));
    }

    fn label(&self, row: &mut Row) -> Result<(), Objection> {
        let value = row.value.unwrap_or(f64::NAN);
        match self.name(value) {
            Some(name) => row.label = Some(name.to_owned()),
            None => return Err((DropReason::OutsideBins, value.to_string())),
        }
        Ok(())
    }
}

fn wrong_count(bins: usize, labels: usize) -> DataError {
    DataError::Bins {
        reason: format!("there are {bins} bins but {labels} names in labels"),
    }
}

/// The quantile of sorted values as `numpy.quantile` has it (linear between neighbours).
pub(in crate::data) fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let position = q * (sorted.len().checked_sub(1)? as f64);
    let (low, fraction) = (position.floor() as usize, position.fract());
    let (a, b) = (sorted[low], sorted[(low + 1).min(sorted.len() - 1)]);
    Some(a + (b - a) * fraction)
}
