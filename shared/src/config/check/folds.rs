//! `logo`, `loso`, `k_fold_cross`, and what they make other keys mean.

use super::{
    Checker,
    slot::Slot,
    value::{Wrong, boolean, integer},
};
use crate::config::{Experiment, Folds, diagnostics::Code};

/// More folds than anybody waits for are a slip.
const MOST: i64 = 1000;

impl Checker<'_> {
    pub(super) fn folds(&mut self) -> Option<Folds> {
        let logo = self.fold_count("logo").map(Folds::Logo);
        let loso = self.tuned("loso");
        let loso = self.boolean(&loso).then_some(Folds::Loso);
        let k_fold = self.fold_count("k_fold_cross").map(Folds::KFold);
        let lodo = self.slot("EXP", "lodo");
        let lodo = self.boolean(&lodo).then_some(Folds::Lodo);
        let cross = (lodo.is_none() && self.names_databases_in_exp()).then_some(Folds::Databases);
        let mut asked = [logo, loso, k_fold, lodo, cross].into_iter().flatten();
        let folds = asked.next()?;
        if let Some(other) = asked.next() {
            let span = self.fold_slot(other).span().unwrap_or_default();
            let message = format!(
                "`{}` and `{}` cut the data into folds, each in its own way",
                folds.key(),
                other.key()
            );
            self.error(Code::ConflictingKeys, span, message)
                .advise("remove one of them");
        }
        Some(folds)
    }

    /// A number of folds; 0 and False are none.
    fn fold_count(&mut self, key: &str) -> Option<usize> {
        let slot = self.tuned(key);
        let read = |text: &str| match (integer(text), boolean(text)) {
            (Some(0), _) | (None, Some(false)) => Ok(None),
            (Some(count), _) if (2..=MOST).contains(&count) => Ok(usize::try_from(count).ok()),
            (Some(_), _) => Err(Wrong::range(format!(
                "it must be 2 to {MOST} folds, or 0 or False for none, and is {text}"
            ))),
            (None, _) => Err(Wrong::kind(format!("`{text}` is no number of folds"), None)),
        };
        self.parsed(&slot, read).flatten()
    }

    /// What other keys mean where there are folds.
    pub(super) fn fold_conflicts(&mut self, experiment: &Experiment) {
        let Some(folds) = experiment.folds else {
            return;
        };
        let key = folds.key();
        if folds != Folds::Databases
            && self.boolean_of("EXP", "traindevtest")
            && let Some(span) = self.slot("EXP", "traindevtest").span()
        {
            let message = format!(
                "`traindevtest` has no effect with `{key}`: each fold's dev part is cut from its train speakers"
            );
            self.warn(Code::NoEffect, span, message)
                .advise("`dev_from_train` says how much of them");
        }
        let tests = &experiment.data.tests;
        for database in experiment.data.databases.iter().chain(tests) {
            for (part, on) in [
                ("as_test", database.as_test),
                ("as_train", database.as_train),
            ] {
                let slot = self.database_slot(&database.name, part);
                let on = on && folds != Folds::Databases;
                if let Some(span) = slot.span().filter(|_| on) {
                    let message = format!(
                        "`{}.{part}` has no effect with `{key}`: each row is tested on once",
                        database.name
                    );
                    self.warn(Code::NoEffect, span, message);
                }
            }
        }
        if experiment.tuning.push_to_hub {
            let span = self.tuning_slot("push_to_hub").span().unwrap_or_default();
            let message = format!(
                "`{key}` trains one model a fold, and none of them is the one to be uploaded"
            );
            self.error(Code::ConflictingKeys, span, message)
                .advise("remove it; `voxtune push` uploads any model folder");
        }
    }

    /// Whether a switch that nothing else reads is on.
    pub(super) fn boolean_of(&self, section: &str, key: &str) -> bool {
        let slot = self.slot(section, key);
        slot.found
            .is_some_and(|found| boolean(&found.text) == Some(true))
    }

    /// The key that asks for these folds.
    pub(super) fn fold_slot(&self, folds: Folds) -> Slot {
        match folds {
            Folds::Lodo => self.slot("EXP", "lodo"),
            Folds::Databases => self.slot("EXP", "databases"),
            _ => self.tuning_slot(folds.key()),
        }
    }

    /// Runs of an experiment with folds: `lodo_runs` is another name of `runs`.
    pub(super) fn runs(&mut self, folds: Option<Folds>) -> u32 {
        let (runs, other) = (self.slot("EXP", "runs"), self.slot("EXP", "lodo_runs"));
        let count: u32 = self.integer(&runs).unwrap_or(1);
        let other_count: u32 = self.integer(&other).unwrap_or(1);
        let Some(span) = other.span() else {
            return count;
        };
        if folds != Some(Folds::Lodo) {
            self.warn(
                Code::NoEffect,
                span,
                "`lodo_runs` has no effect without `lodo`",
            );
            return count;
        }
        if runs.is_set() {
            self.differing("runs", runs.found.as_ref(), other.found);
            return count;
        }
        other_count
    }
}
