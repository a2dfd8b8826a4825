//! `[DATA]`: the keys of one database.

use super::{Checker, mapping, paths::join, slot::Slot};
use crate::config::{
    DatabaseConfig, DatabaseKind, SplitStrategy, Task, diagnostics::Code, span::Span,
};

impl Checker<'_> {
    pub(super) fn database(&mut self, db: &str, task: Task, traindevtest: bool) -> DatabaseConfig {
        let path_slot = self.database_slot(db, "");
        let path = self.database_path(db, &path_slot);
        let kind = self.kind(db, &path);
        let absolute_path = self.flag(db, "absolute_path");
        let audio_path = self.database_slot(db, "audio_path");
        let audio_path = self.text(&audio_path).unwrap_or_default();
        if let Some(found) = &path_slot.found
            && self.exists(found, &path, &format!("`{db}`:"))
        {
            match kind {
                DatabaseKind::Csv => self.audio_folder(db, &path, absolute_path, &audio_path),
                DatabaseKind::Audformat => self.header(db, &path, found.span),
            }
        }
        let split = self.split(db, traindevtest);
        let (tables, columns) = (self.tables(db), self.list(db, "columns"));
        let (as_test, as_train) = (self.flag(db, "as_test"), self.flag(db, "as_train"));
        if as_test && as_train {
            let span = self
                .database_slot(db, "as_train")
                .span()
                .unwrap_or_default();
            let message = format!(
                "`{db}` is to keep only its test part and only its train part: nothing is left"
            );
            self.error(Code::ConflictingKeys, span, message);
        }
        self.kept(db, as_test, as_train, &split);
        let mapping = self.database_slot(db, "mapping");
        let mapping = self.parsed(&mapping, mapping::mapping);
        let (label, required) = (self.optional(db, "label"), self.optional(db, "required"));
        let colnames = self.database_slot(db, "colnames");
        let colnames = self.parsed(&colnames, mapping::pairs).unwrap_or_default();
        let rename_speakers = self.flag(db, "rename_speakers");
        let (scale, reverse) = (
            self.continuous_only(db, "scale", task),
            self.continuous_only(db, "reverse", task),
        );
        let reverse_max = self.database_slot(db, "reverse.max");
        let reverse_max = self.number(&reverse_max);
        let filters = self.filters(Some(db));
        let check_size = self.database_slot(db, "check_size");
        let check_size = self.integer(&check_size);
        let database = DatabaseConfig {
            name: db.to_owned(),
            path,
            kind,
            absolute_path,
            audio_path,
            split,
            tables,
            columns,
            as_test,
            as_train,
            mapping,
            label,
            colnames,
            required,
            rename_speakers,
            scale,
            reverse,
            reverse_max,
            filters,
            check_size,
            check_vad: self.flag(db, "check_vad"),
        };
        self.check_tables(&database);
        database
    }

    /// Looks for the header of an audformat folder that exists.
    fn header(&mut self, db: &str, path: &str, span: Span) {
        let header = join(path, "db.yaml");
        if self.sees_files() && self.files.is_folder(path) && !self.files.exists(&header) {
            let message = format!(
                "`{db}`: `{header}` does not exist, so the folder is no audformat database"
            );
            self.refuse(Code::MissingPath, span, message)
                .advise(format!(
                    "name the folder with db.yaml, or the CSV file with `{db}.type = csv`"
                ));
        }
    }

    /// Whether the only part that is to be kept is one that the split makes.
    fn kept(&mut self, db: &str, as_test: bool, as_train: bool, split: &SplitStrategy) {
        let found = match split {
            SplitStrategy::Train | SplitStrategy::Dev if as_test => Some(("test", "as_test")),
            SplitStrategy::Test | SplitStrategy::Dev if as_train => Some(("train", "as_train")),
            _ => None,
        };
        if let Some((part, key)) = found {
            let span = self.database_slot(db, key).span().unwrap_or_default();
            let message = format!(
                "`{db}.{key}` keeps only its {part} part, and its split makes none: nothing is left"
            );
            self.warn(Code::NoPart, span, message).advise(format!(
                "give it `{db}.split_strategy = {part}`, or remove `{db}.{key}`"
            ));
        }
    }

    fn flag(&mut self, db: &str, key: &str) -> bool {
        let slot = self.database_slot(db, key);
        self.boolean(&slot)
    }

    fn optional(&mut self, db: &str, key: &str) -> Option<String> {
        let slot = self.database_slot(db, key);
        self.text(&slot)
    }

    /// A switch for a continuous target.
    fn continuous_only(&mut self, db: &str, key: &str, task: Task) -> bool {
        let slot = self.database_slot(db, key);
        let on = self.boolean(&slot);
        let continuous = task == Task::Regression || self.slot("DATA", "type").is_set();
        if let Some(span) = slot.span().filter(|_| on && !continuous && self.finetune) {
            let message = format!("`{db}.{key}` is for a continuous target; classes have none");
            self.warn(Code::TaskOnly, span, message)
                .advise("write `type = regression` into [EXP], or remove it");
        }
        on
    }

    fn database_path(&mut self, db: &str, slot: &Slot) -> String {
        // The second INI may have it, where it could not be read.
        let elsewhere = self.roots.is_none() && self.slot("DATA", "root_folders").is_set();
        if !slot.is_set() && !elsewhere {
            let span = self
                .slot("DATA", "databases")
                .span()
                .unwrap_or_else(|| self.place("DATA"));
            let edit = self.document.setting("DATA", db, &format!("./{db}.csv"));
            self.error(
                Code::MissingKey,
                span,
                format!("the database `{db}` has no path"),
            )
            .fix(
                format!("add `{db} = ` with its CSV file or folder"),
                vec![edit],
            );
        }
        self.text(slot).unwrap_or_default()
    }

    fn kind(&mut self, db: &str, path: &str) -> DatabaseKind {
        let slot = self.database_slot(db, "type");
        if self.word(&slot) == Some("csv") {
            return DatabaseKind::Csv;
        }
        if self.finetune && path.to_lowercase().ends_with(".csv") {
            let span = slot
                .span()
                .or_else(|| self.database_slot(db, "").span())
                .unwrap_or_default();
            let message =
                format!("`{db}` is read as an audformat folder, and `{path}` is a CSV file");
            let edit = self.document.setting("DATA", &format!("{db}.type"), "csv");
            self.refuse(Code::WrongType, span, message)
                .fix(format!("write `{db}.type = csv`"), vec![edit]);
        }
        DatabaseKind::Audformat
    }
}
