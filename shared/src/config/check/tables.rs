//! The tables of an audformat database, and the splits that are made by tables or by a column.

use super::{Checker, Origin, slot::Slot};
use crate::config::{DatabaseConfig, DatabaseKind, SplitStrategy, TableLists, diagnostics::Code};

/// Keys that name tables of the parts.
const PART_TABLES: &[&str] = &["train_tables", "dev_tables", "test_tables"];

/// Keys of the split by a column.
pub(super) const COLUMN: &[&str] = &[
    "split_column",
    "train_vals",
    "dev_vals",
    "test_vals",
    "train_values",
    "dev_values",
    "test_values",
];

impl Checker<'_> {
    /// The tables that a database's keys name.
    pub(super) fn tables(&mut self, db: &str) -> TableLists {
        let target = self.list(db, "target_tables");
        let append = self.database_slot(db, "target_tables_append");
        TableLists {
            target,
            append: self.boolean(&append),
            files: self.list(db, "files_tables"),
            train: self.list(db, "train_tables"),
            dev: self.list(db, "dev_tables"),
            test: self.list(db, "test_tables"),
        }
    }

    pub(super) fn list(&mut self, db: &str, key: &str) -> Vec<String> {
        let slot = self.database_slot(db, key);
        self.texts(&slot).unwrap_or_default()
    }

    /// Whether tables are named where there are some, and for every part once.
    pub(super) fn check_tables(&mut self, database: &DatabaseConfig) {
        let db = &database.name;
        let place = |checker: &Self| {
            let strategy = checker.database_slot(db, "split_strategy").span();
            strategy.unwrap_or_else(|| checker.place("DATA"))
        };
        let by_tables = matches!(
            database.split,
            SplitStrategy::Database | SplitStrategy::Specified
        );
        if database.kind == DatabaseKind::Csv {
            if by_tables {
                let span = place(self);
                let message = format!(
                    "`{db}` is a CSV file, and this split is by tables of an audformat database"
                );
                self.error(Code::ConflictingKeys, span, message).advise(format!(
                    "use `column` with `{db}.split_column`, or speaker_split, random, speakers_stated, train, dev or test"
                ));
                return;
            }
            let of_audformat = [
                "target_tables",
                "target_tables_append",
                "files_tables",
                "columns",
            ];
            for key in of_audformat.iter().chain(PART_TABLES) {
                self.say_idle(db, key, "since the database is a CSV file");
            }
            return;
        }
        for key in ["absolute_path", "audio_path"] {
            self.say_idle(
                db,
                key,
                "since files are named from the folder of an audformat database",
            );
        }
        if database.split != SplitStrategy::Specified {
            for key in PART_TABLES {
                let slot = self.database_slot(db, key);
                if let Some(found) = slot.found.filter(|_| self.finetune) {
                    let message = format!(
                        "`{db}.{key}` says which tables are used, and makes no part, since the split is not `specified`"
                    );
                    let edit =
                        self.document
                            .setting("DATA", &format!("{db}.split_strategy"), "specified");
                    self.info(Code::NoEffect, found.key_span, message).fix(
                        format!("write `{db}.split_strategy = specified`"),
                        vec![edit],
                    );
                }
            }
            return;
        }
        let lists = &database.tables;
        if lists.train.is_empty() && lists.dev.is_empty() && lists.test.is_empty() {
            let span = place(self);
            let message = format!(
                "`specified` wants `{db}.train_tables`, `{db}.dev_tables` or `{db}.test_tables`, a list of tables"
            );
            let edit = self
                .document
                .setting("DATA", &format!("{db}.train_tables"), "['table']");
            self.error(Code::MissingKey, span, message)
                .fix(format!("add `{db}.train_tables`"), vec![edit]);
        }
        let lists = [&lists.train, &lists.dev, &lists.test].map(|list| Some(list.clone()));
        let slots = PART_TABLES
            .iter()
            .map(|key| self.database_slot(db, key))
            .collect::<Vec<_>>();
        self.disjoint(db, "table", &slots, &lists);
    }

    /// The split `column`.
    pub(super) fn column_split(&mut self, db: &str) -> SplitStrategy {
        let column_slot = self.database_slot(db, "split_column");
        let column = self.text(&column_slot).unwrap_or_default();
        let slots: Vec<Slot> = ["train", "dev", "test"]
            .iter()
            .map(|part| self.values(db, part))
            .collect();
        let lists: Vec<Option<Vec<String>>> = slots.iter().map(|slot| self.texts(slot)).collect();
        let place = self
            .database_slot(db, "split_strategy")
            .span()
            .unwrap_or_default();
        if column.is_empty() {
            let edit = self
                .document
                .setting("DATA", &format!("{db}.split_column"), "fold");
            let message = format!(
                "`column` wants `{db}.split_column`, the column whose values split the data"
            );
            self.error(Code::MissingKey, place, message)
                .fix(format!("add `{db}.split_column`"), vec![edit]);
        }
        if lists.iter().all(Option::is_none) {
            let edit = self
                .document
                .setting("DATA", &format!("{db}.test_vals"), "['value']");
            let message = format!(
                "`column` wants `{db}.train_vals`, `{db}.dev_vals` or `{db}.test_vals`, a list of values"
            );
            self.error(Code::MissingKey, place, message)
                .fix(format!("add `{db}.test_vals`"), vec![edit]);
        }
        self.disjoint(db, "value", &slots, &lists);
        let mut lists = lists.into_iter();
        let mut next = || lists.next().flatten();
        SplitStrategy::Column {
            column,
            train: next(),
            dev: next(),
            test: next(),
        }
    }

    /// `<part>_vals`, which may be called `<part>_values`.
    fn values(&mut self, db: &str, part: &str) -> Slot {
        let name = format!("{part}_vals");
        let mut slot = self.database_slot(db, &name);
        if let Some(mut alias) = self.database_slot(db, &format!("{part}_values")).found {
            alias.origin = Origin::Alias;
            match slot.found {
                None => slot.found = Some(alias),
                Some(_) => self.differing(&slot.name, slot.found.as_ref(), Some(alias)),
            }
        }
        slot
    }

    /// Says that a key does nothing, and why.
    fn say_idle(&mut self, db: &str, key: &str, why: &str) {
        let slot = self.database_slot(db, key);
        if let Some(found) = slot.found.filter(|_| self.finetune) {
            let message = format!("`{db}.{key}` has no effect, {why}");
            self.warn(Code::NoEffect, found.key_span, message);
        }
    }
}
