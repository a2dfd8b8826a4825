//! `[DATA]`: all databases together.

use super::{
    Checker, Mode,
    paths::{join, parent},
};
use crate::config::{
    DataConfig, DatabaseConfig, FilteredParts, Labelling, SampleFilters, SplitStrategy, Task,
    diagnostics::Code,
    ini::{Document, fold},
};
use std::collections::BTreeSet;

impl Checker<'_> {
    /// `constant` databases stay in the train part, or are the dev part, of every training.
    pub(super) fn data(
        &mut self,
        task: Task,
        traindevtest: bool,
        constant: (&[String], Option<&str>),
    ) -> DataConfig {
        self.root_folders();
        let databases = self.slot("DATA", "databases");
        if !databases.is_set() && self.value_of("EXP", "databases").is_none() {
            self.required(&databases, "['mydata']");
        }
        let names = self.texts(&databases);
        if let Some(span) = databases
            .span()
            .filter(|_| names.as_ref().is_some_and(Vec::is_empty))
        {
            self.error(Code::MissingKey, span, "`databases` names no database")
                .advise("write, for instance, ['mydata']");
        }
        let other = self.databases_of_exp();
        let mut names = names.unwrap_or(other);
        let (extra, dev) = constant;
        for name in extra.iter().map(String::as_str).chain(dev) {
            if !names.iter().any(|one| fold(one) == fold(name)) {
                names.push(name.to_owned());
            }
        }
        let mut seen = BTreeSet::new();
        let twice = names.iter().find(|name| !seen.insert(fold(name))).cloned();
        if let Some((twice, span)) = twice.zip(databases.span()) {
            let message = format!("the database `{twice}` is named twice; it is read once");
            self.warn(Code::ConflictingKeys, span, message);
            let mut seen = BTreeSet::new();
            names.retain(|name| seen.insert(fold(name)));
        }
        let target = self.target();
        let labels = self.slot("DATA", "labels");
        let labels = self.texts(&labels).filter(|labels| !labels.is_empty());
        let bins = self.bins();
        let continuous = self.slot("DATA", "type");
        let continuous = self.word(&continuous).is_some();
        let divide = self.slot("DATA", "target_divide_by");
        let target_divide_by = self.number(&divide);
        if let Some(span) = divide.span().filter(|_| target_divide_by == Some(0.0)) {
            self.error(
                Code::OutOfRange,
                span,
                "`target_divide_by`: nothing can be divided by 0",
            );
        }
        let no_reuse = self.slot("DATA", "no_reuse");
        let no_reuse = self.boolean(&no_reuse);
        let filters = self.filters(None);
        let check_size = self.slot("DATA", "check_size");
        let check_size = self.integer(&check_size);
        let check_vad = self.slot("DATA", "check_vad");
        let check_vad = self.boolean(&check_vad);
        let tests = self.slot("DATA", "tests");
        let tests = self.texts(&tests).unwrap_or_default();
        let mut databases: Vec<DatabaseConfig> = names
            .iter()
            .map(|name| self.database(name, task, traindevtest))
            .collect();
        if let Some(dev) = dev {
            for database in databases
                .iter_mut()
                .filter(|one| fold(&one.name) == fold(dev))
            {
                database.split = SplitStrategy::Dev;
            }
        }
        let tests: Vec<DatabaseConfig> = tests
            .iter()
            .map(|name| self.test_database(name, task, traindevtest))
            .collect();
        let labelling = self.labelling(task);
        let filtered = self.filtered_parts();
        let all = databases.iter().chain(&tests);
        let strategies: Vec<_> = all.map(|database| &database.split).collect();
        self.idle_balance(&strategies);
        DataConfig {
            databases,
            tests,
            labelling,
            target,
            labels,
            bins,
            continuous,
            target_divide_by,
            no_reuse,
            filters,
            filtered,
            check_size,
            check_vad,
        }
    }

    /// A database of `tests`: all of it is tested on, unless its split says otherwise.
    fn test_database(&mut self, name: &str, task: Task, traindevtest: bool) -> DatabaseConfig {
        let mut database = self.database(name, task, traindevtest);
        let split = self.database_slot(name, "split_strategy");
        if !split.is_set() {
            database.split = SplitStrategy::Test;
        }
        database
    }

    /// `label_data` and `label_result`, of which each needs the other.
    fn labelling(&mut self, task: Task) -> Option<Labelling> {
        let (data, result) = (
            self.slot("DATA", "label_data"),
            self.slot("DATA", "label_result"),
        );
        let (name, path) = (self.text(&data), self.text(&result));
        match (name, path) {
            (Some(name), Some(result)) => {
                let database = self.database(&name, task, false);
                Some(Labelling { database, result })
            }
            (None, None) => None,
            (name, _) => {
                let (there, missing, example) = match name {
                    Some(_) => (data, "label_result", "labelled.csv"),
                    None => (result, "label_data", "mydata"),
                };
                let span = there.span().unwrap_or_default();
                let message = format!("`{}` has no effect without `{missing}`", there.name);
                let edit = self.document.setting("DATA", missing, example);
                self.warn(Code::NoEffect, span, message).fix(
                    format!("add, for instance, `{missing} = {example}`"),
                    vec![edit],
                );
                None
            }
        }
    }

    /// `filter.sample_selection`, which Nkululeko reads in [EXP] and documents in [DATA].
    fn filtered_parts(&mut self) -> FilteredParts {
        let key = "filter.sample_selection";
        let (exp, data) = (self.slot("EXP", key), self.slot("DATA", key));
        self.differing(key, exp.found.as_ref(), data.found.clone());
        let slot = if exp.is_set() { exp } else { data };
        let found = self.word(&slot).and_then(FilteredParts::from_word);
        found.unwrap_or(FilteredParts::All)
    }

    fn target(&mut self) -> Option<String> {
        let slot = self.slot("DATA", "target");
        let target = self.text(&slot)?;
        if !target.eq_ignore_ascii_case("none") {
            return Some(target);
        }
        if let Some(span) = slot.span().filter(|_| self.finetune) {
            let message = "`target = none`: nothing can be learnt from data without labels";
            self.refuse(Code::MissingKey, span, message)
                .advise("name the column with the labels");
        }
        None
    }

    /// Edges of classes; they must rise.
    fn bins(&mut self) -> Option<Vec<f64>> {
        let slot = self.slot("DATA", "bins");
        let bins = self.numbers(&slot)?;
        let rising = bins.len() >= 3 && bins.windows(2).all(|pair| pair[0] < pair[1]);
        if let Some(span) = slot.span().filter(|_| !rising) {
            let message = "`bins` must be at least three edges, each greater than the one before";
            self.error(Code::OutOfRange, span, message);
        }
        Some(bins)
    }

    /// The filters of a database, or of all parts after the split.
    pub(super) fn filters(&mut self, db: Option<&str>) -> SampleFilters {
        let slot = |checker: &Self, key: &str| match db {
            Some(db) => checker.database_slot(db, key),
            None => checker.slot("DATA", key),
        };
        let columns = slot(self, "filter");
        let columns = self
            .parsed(&columns, super::mapping::filter)
            .unwrap_or_default();
        let limit_samples = slot(self, "limit_samples");
        let per_speaker = slot(self, "limit_samples_per_speaker");
        let (min, max) = (
            slot(self, "min_duration_of_sample"),
            slot(self, "max_duration_of_sample"),
        );
        let limit: Option<usize> = self.integer(&limit_samples);
        // Another name of it, for databases only.
        let other: Option<usize> = db.and_then(|_| {
            let other = slot(self, "limit");
            self.integer(&other)
        });
        let filters = SampleFilters {
            columns,
            limit_samples: limit.into_iter().chain(other).min(),
            limit_samples_per_speaker: self.integer(&per_speaker),
            min_duration: self.number(&min),
            max_duration: self.number(&max),
        };
        if let (Some(least), Some(most), Some(span)) =
            (filters.min_duration, filters.max_duration, max.span())
            && least > most
        {
            let message =
                format!("clips of {least} s and more, and of {most} s and less: no clip is both");
            self.error(Code::ConflictingKeys, span, message);
        }
        filters
    }

    /// Reads the second INI.
    fn root_folders(&mut self) {
        let slot = self.slot("DATA", "root_folders");
        let Some(path) = self.text(&slot) else { return };
        let Some(found) = &slot.found else { return };
        if self.mode == Mode::Text {
            self.info(
                Code::RootFolders,
                found.span,
                format!("`{path}` is not read here"),
            );
            return;
        }
        if !self.exists(found, &path, "the INI") {
            return;
        }
        match self.files.read(&path).map(String::from_utf8) {
            Ok(Ok(text)) => {
                let roots = Document::parse(text);
                let errors = roots.errors().len();
                if errors > 0 || roots.section("DATA").is_none() {
                    let message = format!(
                        "`{path}` has {errors} errors or no section [DATA]; check it by itself"
                    );
                    self.warn(Code::RootFolders, found.span, message);
                }
                self.roots = Some(roots);
                self.names_of_roots(found, &path);
            }
            Ok(Err(_)) => {
                self.error(
                    Code::RootFolders,
                    found.span,
                    format!("`{path}` is not UTF-8 text"),
                );
            }
            Err(error) => {
                self.error(
                    Code::RootFolders,
                    found.span,
                    format!("`{path}` cannot be read: {error}"),
                );
            }
        }
    }

    /// Looks for the folder of the audio files of a CSV file that exists.
    pub(super) fn audio_folder(&mut self, db: &str, csv: &str, absolute: bool, audio_path: &str) {
        let slot = self.database_slot(db, "audio_path");
        let Some(found) = slot.found else { return };
        let folder = if absolute {
            audio_path.to_owned()
        } else {
            join(parent(csv), audio_path)
        };
        // Files may be named by absolute paths, so that a missing folder need not matter.
        if self.sees_files() && !self.files.exists(&folder) {
            self.warn(Code::MissingPath, found.span, format!("the folder `{folder}` of `{db}`'s audio files does not exist"))
                .advise("with absolute_path = False it starts at the CSV file's folder, else at the current directory");
        }
    }
}
