//! What the split `balanced` levels out: `balance`, `<column>_bins`, `size_diff_weight`.

use super::{
    Checker,
    slot::Slot,
    status::is_default,
    value::{Wrong, literal},
};
use crate::config::{
    Balanced, SplitStrategy, diagnostics::Code, experiment::BalanceColumn, keys, literal::Literal,
};

/// Keys that only this split reads.
const KEYS: [&str; 2] = ["balance", "size_diff_weight"];

impl Checker<'_> {
    /// The keys of the split, for the database `db`.
    pub(super) fn balanced(&mut self, db: &str, (test, dev): (f64, f64)) -> SplitStrategy {
        let slot = self.slot("DATA", "balance");
        if !slot.is_set() {
            let span = self
                .database_slot(db, "split_strategy")
                .span()
                .unwrap_or_default();
            let target = self.slot("DATA", "target");
            let target = target
                .found
                .map_or_else(|| target.default.to_owned(), |found| found.text);
            let example = format!("{{'{target}': 1}}");
            let edit = self.document.setting("DATA", "balance", &example);
            self.error(
                Code::MissingKey,
                span,
                "the split `balanced` wants `balance`: the columns to level out, with their weights",
            )
            .fix(format!("add, for instance, `balance = {example}`"), vec![edit]);
        }
        let columns = self.parsed(&slot, columns).unwrap_or_default();
        let columns = columns
            .into_iter()
            .map(|(name, weight)| {
                let bins = self.bins_slot(&name);
                BalanceColumn {
                    bins: self.integer(&bins),
                    name,
                    weight,
                }
            })
            .collect();
        let size = self.slot("DATA", "size_diff_weight");
        SplitStrategy::Balanced(Balanced {
            test_percent: test,
            dev_percent: dev,
            columns,
            size_weight: self.number(&size).unwrap_or(1.0),
        })
    }

    /// `<column>_bins`.
    fn bins_slot(&self, column: &str) -> Slot {
        let name = format!("{column}_bins");
        let row = keys::row("DATA", "<column>_bins");
        Slot {
            row: row.unwrap_or_else(|| self.slot("DATA", "balance").row),
            found: self.value_of("DATA", &name),
            name,
            default: "",
        }
    }

    /// Reports keys of the split where no database is split so, and bins of a column that is not
    /// levelled out.
    pub(super) fn idle_balance(&mut self, strategies: &[&SplitStrategy]) {
        if !self.finetune {
            return;
        }
        let used: Vec<String> = strategies
            .iter()
            .filter_map(|strategy| match strategy {
                SplitStrategy::Balanced(balanced) => Some(&balanced.columns),
                _ => None,
            })
            .flatten()
            .map(|column| column.name.to_lowercase() + "_bins")
            .collect();
        let any = strategies
            .iter()
            .any(|strategy| matches!(strategy, SplitStrategy::Balanced(_)));
        let databases = self.databases();
        let section = self.document.section("DATA");
        let entries = section.map_or_else(Vec::new, |section| self.document.entries(section));
        let bins = keys::row("DATA", "<column>_bins");
        for entry in entries {
            let is_bins = matches!(
                databases.find("DATA", &entry.key),
                super::databases::Meaning::Row(row) if Some(row.name) == bins.map(|row| row.name)
            );
            let is_idle = if any {
                is_bins && !used.contains(&entry.key)
            } else {
                is_bins || KEYS.contains(&entry.key.as_str())
            };
            let value = self.document.value("DATA", entry).unwrap_or_default();
            let row = keys::find("DATA", &entry.key).map(|(row, _)| row);
            if is_idle && !row.is_some_and(|row| is_default(row, &value)) {
                let why = if any {
                    "`balance` does not name that column".to_owned()
                } else {
                    "only the split `balanced` reads it".to_owned()
                };
                let message = format!("`{}` has no effect: {why}", entry.key);
                self.warn(Code::NoEffect, entry.key_span, message);
            }
        }
    }
}

/// `{'column': weight}`.
fn columns(text: &str) -> Result<Vec<(String, f64)>, Wrong> {
    let wrong = |message: &str| Wrong::kind(message, None);
    let form = "it must be a dict of columns and weights, for instance {'emotion': 2, 'gender': 1}";
    let Literal::Dict(entries) = literal(text)? else {
        return Err(wrong(form));
    };
    if entries.is_empty() {
        return Err(wrong("it names no column"));
    }
    let mut found: Vec<(String, f64)> = Vec::new();
    for (key, value) in &entries {
        let (Literal::Str(name), Some(weight)) = (key, value.number()) else {
            return Err(wrong(form));
        };
        if !(weight.is_finite() && weight >= 0.0) {
            return Err(Wrong::range(format!(
                "the weight of `{name}` must be 0 or more, and is {weight}"
            )));
        }
        found.retain(|(known, _)| known != name);
        found.push((name.clone(), weight));
    }
    Ok(found)
}
