//! `[EXP] databases`: each is trained on and tested on each, or left out in turn.

use super::Checker;
use crate::config::{CrossDatabases, CrossRows, Folds, diagnostics::Code, ini::fold};

/// Keys of such experiments: with `lodo`, and without.
const OF_LODO: &[(&str, &str)] = &[("EXP", "lodo_dev")];
const OF_CROSS: &[(&str, &str)] = &[
    ("EXP", "use_splits"),
    ("EXP", "reuse_train"),
    ("CROSSDB", "train_extra"),
];

impl Checker<'_> {
    /// Whether the databases of the experiment are those of [EXP].
    pub(super) fn names_databases_in_exp(&self) -> bool {
        self.slot("EXP", "databases").is_set() && !self.slot("DATA", "databases").is_set()
    }

    /// The databases of [EXP] where [DATA] names none.
    pub(super) fn databases_of_exp(&mut self) -> Vec<String> {
        let slot = self.slot("EXP", "databases");
        let names = self.texts(&slot).unwrap_or_default();
        if let Some(span) = slot.span().filter(|_| !self.names_databases_in_exp()) {
            self.warn(
                Code::NoEffect,
                span,
                "`databases` of [EXP] has no effect, since [DATA] names databases",
            )
            .advise(
                "remove `databases` from [DATA] to train on each of those of [EXP] and test on each",
            );
            return Vec::new();
        }
        names
    }

    /// The databases that stay in the train part, and the one that stays the dev part.
    pub(super) fn constant_databases(
        &mut self,
        folds: Option<Folds>,
    ) -> (Vec<String>, Option<String>) {
        let (extra, dev) = (
            self.slot("CROSSDB", "train_extra"),
            self.slot("EXP", "lodo_dev"),
        );
        let (extra, dev) = (self.texts(&extra), self.text(&dev));
        (
            extra
                .filter(|_| folds == Some(Folds::Databases))
                .unwrap_or_default(),
            dev.filter(|_| folds == Some(Folds::Lodo)),
        )
    }

    /// What is trained on each database and tested on each.
    pub(super) fn cross(
        &mut self,
        folds: Option<Folds>,
        extra: Vec<String>,
    ) -> Option<CrossDatabases> {
        self.idle_cross(folds);
        let splits = self.slot("EXP", "use_splits");
        let once = self.slot("EXP", "reuse_train");
        let (use_splits, reuse_train) = (self.boolean(&splits), self.boolean(&once));
        if folds != Some(Folds::Databases) {
            return None;
        }
        let slot = self.slot("EXP", "databases");
        let span = slot.span().unwrap_or_default();
        let mut names: Vec<String> = Vec::new();
        for name in self.texts(&slot).unwrap_or_default() {
            if !names.iter().any(|one| fold(one) == fold(&name)) {
                names.push(name);
            }
        }
        if names.len() < 2 {
            self.error(
                Code::OutOfRange,
                span,
                "`databases` of [EXP] must name two or more, of which each is trained on and tested on each",
            )
            .advise("name a single one in `databases` of [DATA]");
        }
        let both = extra
            .iter()
            .find(|name| names.iter().any(|one| fold(one) == fold(name)));
        if let Some(both) = both {
            let span = self
                .slot("CROSSDB", "train_extra")
                .span()
                .unwrap_or_default();
            let message = format!("`{both}` would be trained on always, and tested on");
            self.error(Code::ConflictingKeys, span, message)
                .advise("take it out of `train_extra`, or out of `databases` of [EXP]");
        }
        if use_splits && reuse_train {
            let span = once.span().unwrap_or_default();
            let message = "with `use_splits` one training a database is enough for all figures, and `reuse_train` would test on all rows";
            self.error(Code::ConflictingKeys, span, message)
                .advise("remove one of them");
        }
        let rows = match (use_splits, reuse_train) {
            (true, _) => CrossRows::Splits,
            (false, true) => CrossRows::TrainOnce,
            (false, false) => CrossRows::All,
        };
        Some(CrossDatabases { names, extra, rows })
    }

    /// Says which keys have no effect.
    fn idle_cross(&mut self, folds: Option<Folds>) {
        let of = |keys: &'static [(&str, &str)], needed| (keys, needed);
        let without_lodo = (folds != Some(Folds::Lodo)).then_some(of(OF_LODO, "`lodo`"));
        let without_cross = (folds != Some(Folds::Databases)).then_some(of(
            OF_CROSS,
            "`databases` of [EXP] that are trained on each and tested on each",
        ));
        for (keys, needed) in without_lodo.into_iter().chain(without_cross) {
            for &(section, key) in keys {
                let slot = self.slot(section, key);
                let off = slot.found.as_ref().is_none_or(|found| {
                    let row = crate::config::keys::row(section, key);
                    row.is_none_or(|row| super::status::is_default(row, &found.text))
                });
                if let Some(span) = slot.span().filter(|_| !off && self.finetune) {
                    self.warn(
                        Code::NoEffect,
                        span,
                        format!("`{key}` has no effect without {needed}"),
                    );
                }
            }
        }
    }
}
