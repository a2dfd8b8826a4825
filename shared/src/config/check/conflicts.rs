//! What keys mean together.

use super::Checker;
use crate::config::{
    DatabaseConfig, Experiment, LossKind, Mapping, Measure, SelectOn, SplitStrategy, Task,
    diagnostics::{Code, Severity},
};

impl Checker<'_> {
    pub(super) fn conflicts(&mut self, experiment: &Experiment) {
        self.task(experiment);
        self.labels(experiment);
        self.parts(experiment);
        let tuning = &experiment.tuning;
        if let Some(layers) = tuning
            .num_layers
            .filter(|&layers| tuning.freeze_layers >= layers)
        {
            let span = self.tuning_slot("freeze_layers").span().unwrap_or_default();
            let message = format!(
                "freeze_layers {} leaves none of num_layers {layers} to train",
                tuning.freeze_layers
            );
            self.error(Code::LayerRange, span, message)
                .advise(format!("freeze {} or fewer", layers - 1));
        }
        if tuning.lora_alpha.is_some() && tuning.lora_rank.is_none() {
            let span = self.tuning_slot("lora_alpha").span().unwrap_or_default();
            self.warn(
                Code::NoEffect,
                span,
                "`lora_alpha` has no effect without `lora_rank`",
            );
        }
        if tuning.from_scratch && tuning.freeze_layers > 0 {
            let span = self.tuning_slot("freeze_layers").span().unwrap_or_default();
            self.warn(
                Code::ConflictingKeys,
                span,
                "with `from_scratch` the frozen layers stay as they were drawn",
            );
        }
    }

    /// Keys of the other task.
    fn task(&mut self, experiment: &Experiment) {
        let tuning = &experiment.tuning;
        let regression = experiment.task == Task::Regression;
        let word = if regression {
            "regression"
        } else {
            "classification"
        };
        if (tuning.loss == LossKind::Cross) == regression {
            let span = self.tuning_slot("loss").span().unwrap_or_default();
            let fit = if regression {
                "1-ccc, 1-pcc, mse or mae"
            } else {
                "cross"
            };
            let better = if regression { "1-ccc" } else { "cross" };
            let message = format!("the loss `{}` does not fit a {word}", tuning.loss.word());
            self.error(Code::LossForTask, span, message).replace(
                format!("use {fit}"),
                span,
                better,
            );
        }
        let of_classes = matches!(tuning.measure, Measure::Uar | Measure::Acc | Measure::F1);
        if of_classes == regression {
            let span = self.tuning_slot("measure").span().unwrap_or_default();
            let fit = if regression {
                "ccc, pcc, mse or mae"
            } else {
                "uar, acc or f1"
            };
            let better = if regression { "ccc" } else { "uar" };
            let message = format!(
                "the measure `{}` does not fit a {word}",
                tuning.measure.word()
            );
            self.error(Code::MeasureForTask, span, message).replace(
                format!("use {fit}"),
                span,
                better,
            );
        }
        if !regression {
            return;
        }
        for key in ["class_weight", "label_smoothing", "balancing"] {
            let slot = self.tuning_slot(key);
            let on = slot.found.filter(|found| {
                !["false", "0", "0.0"].contains(&found.text.to_lowercase().as_str())
            });
            if let Some(found) = on {
                self.warn(
                    Code::TaskOnly,
                    found.span,
                    format!("`{key}` is for classes; a regression passes over it"),
                );
            }
        }
        for key in ["labels", "bins"] {
            if let Some(span) = self.slot("DATA", key).span() {
                self.warn(
                    Code::TaskOnly,
                    span,
                    format!("`{key}` is for classes; a regression passes over it"),
                );
            }
        }
        let small = tuning.batch_size == 1
            && matches!(tuning.loss, LossKind::OneMinusCcc | LossKind::OneMinusPcc);
        if small {
            let span = self.tuning_slot("batch_size").span().unwrap_or_default();
            let message = format!(
                "the loss `{}` compares clips of a batch; a single one teaches nothing",
                tuning.loss.word()
            );
            self.warn(Code::SmallBatch, span, message)
                .advise("use a batch_size of 4 or more, or the loss mse");
        }
    }

    /// Labels against bins and mappings.
    fn labels(&mut self, experiment: &Experiment) {
        let Some(labels) = experiment
            .data
            .labels
            .as_ref()
            .filter(|_| experiment.task == Task::Classification)
        else {
            return;
        };
        let span = self.slot("DATA", "labels").span().unwrap_or_default();
        if let Some(twice) = labels
            .iter()
            .enumerate()
            .find_map(|(i, label)| labels[..i].contains(label).then_some(label))
        {
            self.warn(
                Code::FewLabels,
                span,
                format!("the label `{twice}` stands in `labels` twice"),
            );
        }
        if labels.len() < 2 {
            self.error(
                Code::FewLabels,
                span,
                "a classification needs two labels or more",
            );
        }
        if let Some(bins) = experiment
            .data
            .bins
            .as_ref()
            .filter(|bins| bins.len() != labels.len() + 1)
        {
            let message = format!(
                "{} edges in `bins` make {} classes, and `labels` names {}",
                bins.len(),
                bins.len().saturating_sub(1),
                labels.len()
            );
            self.error(Code::FewLabels, span, message);
        }
        for database in &experiment.data.databases {
            self.lost_labels(database, labels);
        }
    }

    /// Labels that a mapping leaves out, since it does not name them.
    fn lost_labels(&mut self, database: &DatabaseConfig, labels: &[String]) {
        let Some(Mapping::Target(pairs)) = &database.mapping else {
            return;
        };
        let lost: Vec<&str> = labels
            .iter()
            .filter(|label| !pairs.iter().any(|(_, new)| new == *label))
            .map(String::as_str)
            .collect();
        let slot = self.database_slot(&database.name, "mapping");
        if let (false, Some(span)) = (lost.is_empty(), slot.span()) {
            let message = format!(
                "the mapping of `{}` gives no `{}`: such rows are left out",
                database.name,
                lost.join("`, `")
            );
            let entries: Vec<String> = lost
                .iter()
                .map(|label| format!("'{label}': '{label}'"))
                .collect();
            self.warn(Code::LabelsLost, span, message)
                .advise(format!("add {} to keep them", entries.join(", ")));
        }
    }

    /// Which parts there are, and where the best state is chosen.
    fn parts(&mut self, experiment: &Experiment) {
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
        let tuning = &experiment.tuning;
        let dev = any(has_dev);
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
                "there is no dev part: {} % of the train speakers become one",
                tuning.dev_from_train
            );
            self.find(severity, Code::NoDev, place, message)
                .advise("set dev_from_train, or traindevtest = True with a dev part");
        }
    }
}

fn has_train(database: &DatabaseConfig, _: bool) -> bool {
    !database.as_test && !matches!(database.split, SplitStrategy::Dev | SplitStrategy::Test)
}

fn has_dev(database: &DatabaseConfig, traindevtest: bool) -> bool {
    let own = match &database.split {
        SplitStrategy::SpeakerSplit { dev_percent, .. }
        | SplitStrategy::Random { dev_percent, .. } => traindevtest && *dev_percent > 0.0,
        SplitStrategy::Speakers { dev, .. } => dev.is_some(),
        SplitStrategy::Dev => true,
        SplitStrategy::Later(_) => traindevtest,
        SplitStrategy::Train | SplitStrategy::Test => false,
    };
    own && !database.as_test && !database.as_train
}

fn has_test(database: &DatabaseConfig, _: bool) -> bool {
    let own = match &database.split {
        SplitStrategy::SpeakerSplit { test_percent, .. }
        | SplitStrategy::Random { test_percent, .. } => *test_percent > 0.0,
        SplitStrategy::Speakers { test, .. } => test.is_some(),
        SplitStrategy::Train | SplitStrategy::Dev => false,
        SplitStrategy::Test | SplitStrategy::Later(_) => true,
    };
    own && !database.as_train
}
