//! Which parts of the data there are, and where the best state is chosen.

use super::Checker;
use crate::config::{
    Balanced, DatabaseConfig, Experiment, SelectOn, SplitStrategy,
    diagnostics::{Code, Severity},
    span::Span,
};

impl Checker<'_> {
    /// Which parts there are, and where the best state is chosen.
    pub(super) fn parts(&mut self, experiment: &Experiment) {
        let databases = &experiment.data.databases;
        let any = |part: fn(&DatabaseConfig, bool) -> bool| {
            databases
                .iter()
                .any(|database| part(database, experiment.traindevtest))
        };
        let place = self
            .slot("DATA", "databases")
            .span()
            .unwrap_or_else(|| self.place("DATA"));
        if let Some(folds) = experiment.folds {
            let place = self.fold_slot(folds).span();
            return self.dev(experiment, false, place.unwrap_or_default());
        }
        if !databases.is_empty() && !any(has_train) {
            self.error(Code::NoPart, place, "no database has a train part")
                .advise("give one `split_strategy = train` or `speaker_split`");
            return;
        }
        if !databases.is_empty() && !any(has_test) {
            self.warn(
                Code::NoPart,
                place,
                "no database has a test part, and a run needs one",
            );
        }
        self.dev(experiment, any(has_dev), place);
    }

    /// Where the best state is chosen.
    fn dev(&mut self, experiment: &Experiment, dev: bool, place: Span) {
        let tuning = &experiment.tuning;
        let carved = self.tuning_slot("dev_from_train");
        if tuning.select_on == SelectOn::Test {
            let span = self.tuning_slot("select_on").span().unwrap_or_default();
            self.warn(
                Code::SelectOnTest,
                span,
                "the best state is chosen on the test part: its results are optimistic, and say so",
            );
        } else if dev {
            if let Some(span) = carved.span().filter(|_| tuning.dev_from_train > 0.0) {
                self.warn(
                    Code::DevExists,
                    span,
                    "`dev_from_train` has no effect: there is a dev part already",
                );
            }
        } else if tuning.dev_from_train == 0.0 {
            let span = carved.span().unwrap_or(place);
            let message =
                "there is no dev part to choose the best state on, and none is cut from train";
            self.error(Code::NoDev, span, message)
                .advise("set dev_from_train, traindevtest = True, or select_on = test");
        } else {
            let severity = if experiment.traindevtest {
                Severity::Warning
            } else {
                Severity::Info
            };
            let message = format!(
                "there is no dev part: {} % of {} train speakers become one",
                tuning.dev_from_train,
                if experiment.folds.is_some() {
                    "each fold's"
                } else {
                    "the"
                }
            );
            let advice = if experiment.folds.is_some() {
                "`dev_from_train` says how much"
            } else {
                "set dev_from_train, or traindevtest = True with a dev part"
            };
            self.find(severity, Code::NoDev, place, message)
                .advise(advice);
        }
    }
}

fn has_train(database: &DatabaseConfig, _: bool) -> bool {
    let own = match &database.split {
        SplitStrategy::Dev | SplitStrategy::Test => false,
        SplitStrategy::Specified => !database.tables.train.is_empty(),
        SplitStrategy::Column { train, .. } => train.is_some(),
        _ => true,
    };
    own && !database.as_test
}

fn has_dev(database: &DatabaseConfig, traindevtest: bool) -> bool {
    let own = match &database.split {
        SplitStrategy::SpeakerSplit { dev_percent, .. }
        | SplitStrategy::Balanced(Balanced { dev_percent, .. })
        | SplitStrategy::Random { dev_percent, .. } => traindevtest && *dev_percent > 0.0,
        SplitStrategy::Speakers { dev, .. } | SplitStrategy::Column { dev, .. } => dev.is_some(),
        SplitStrategy::Specified => !database.tables.dev.is_empty(),
        SplitStrategy::Dev => true,
        // The database may have one all the same.
        SplitStrategy::Database => traindevtest,
        SplitStrategy::Train | SplitStrategy::Test => false,
    };
    own && !database.as_test && !database.as_train
}

fn has_test(database: &DatabaseConfig, _: bool) -> bool {
    let own = match &database.split {
        SplitStrategy::SpeakerSplit { test_percent, .. }
        | SplitStrategy::Balanced(Balanced { test_percent, .. })
        | SplitStrategy::Random { test_percent, .. } => *test_percent > 0.0,
        SplitStrategy::Speakers { test, .. } | SplitStrategy::Column { test, .. } => test.is_some(),
        SplitStrategy::Specified => !database.tables.test.is_empty(),
        SplitStrategy::Train | SplitStrategy::Dev => false,
        SplitStrategy::Test | SplitStrategy::Database => true,
    };
    own && !database.as_train
}
