//! What keys mean together.

use super::{
    Checker,
    value::{boolean, number},
};
use crate::config::{
    DatabaseConfig, Experiment, LossKind, Mapping, Measure, Task, diagnostics::Code, span::Span,
};

/// What one frame of a wav2vec2 encoder covers: 400 samples at 16 kHz, in seconds.
const FRAME: f64 = 0.025;

impl Checker<'_> {
    /// Reports a percentage that looks like a share.
    pub(super) fn percent(&mut self, key: &str, span: Option<Span>, value: f64) {
        if let Some(span) = span.filter(|_| value > 0.0 && value < 1.0) {
            let message = format!("`{key}` is in percent, and {value} % is hardly anything");
            self.warn(Code::OutOfRange, span, message).advise(format!(
                "write {} if a share of {value} is meant",
                100.0 * value
            ));
        }
    }

    pub(super) fn conflicts(&mut self, experiment: &Experiment) {
        self.task(experiment);
        self.labels(experiment);
        self.parts(experiment);
        self.fold_conflicts(experiment);
        let tuning = &experiment.tuning;
        if let Some(layers) = tuning
            .num_layers
            .filter(|&layers| tuning.freeze_layers >= tuning.frozen_limit(layers))
        {
            let span = self.tuning_slot("freeze_layers").span().unwrap_or_default();
            let message = format!(
                "freeze_layers {} leaves none of num_layers {layers} to train",
                tuning.freeze_layers
            );
            self.error(Code::LayerRange, span, message).advise(format!(
                "freeze {} or fewer",
                tuning.frozen_limit(layers) - 1
            ));
        }
        self.additions(experiment);
        self.head_style(experiment);
        if let Some(span) = self
            .tuning_slot("augment_probability")
            .span()
            .filter(|_| !tuning.augmentation.is_on())
        {
            let message = "`augment_probability` has no effect without another `augment_` key";
            self.warn(Code::NoEffect, span, message);
        }
        if tuning.from_scratch && tuning.freeze_cnn {
            let (cnn, scratch) = (
                self.tuning_slot("freeze_cnn").found,
                self.tuning_slot("from_scratch").found,
            );
            let found = cnn.or(scratch);
            let span = found.as_ref().map(|found| found.span).unwrap_or_default();
            let section = found.map_or_else(|| "FINETUNE".to_owned(), |found| found.section);
            let edit = self.document.setting(&section, "freeze_cnn", "False");
            self.warn(
                Code::ConflictingKeys,
                span,
                "with `from_scratch` and `freeze_cnn` the convolutional encoder stays as it was drawn",
            )
            .fix("write `freeze_cnn = False`", vec![edit]);
        }
        if let Some(span) = self
            .tuning_slot("max_duration")
            .span()
            .filter(|_| tuning.max_duration < FRAME)
        {
            let message = format!(
                "`max_duration` of {} s is shorter than one frame of the model, {FRAME} s",
                tuning.max_duration
            );
            self.warn(Code::OutOfRange, span, message)
                .advise("it is in seconds; 2 to 10 are common");
        }
        self.percent(
            "dev_from_train",
            self.tuning_slot("dev_from_train").span(),
            tuning.dev_from_train,
        );
        if tuning.from_scratch && tuning.freeze_layers > 0 {
            let span = self.tuning_slot("freeze_layers").span().unwrap_or_default();
            self.warn(
                Code::ConflictingKeys,
                span,
                "with `from_scratch` the frozen layers stay as they were drawn",
            );
        }
    }

    /// Keys that need `lora_rank`, and keys that are for training the weights themselves.
    fn additions(&mut self, experiment: &Experiment) {
        let tuning = &experiment.tuning;
        if tuning.lora.is_none() {
            for key in ["lora_alpha", "lora_targets", "lora_dropout"] {
                if let Some(span) = self.tuning_slot(key).span() {
                    let message = format!("`{key}` has no effect without `lora_rank`");
                    self.warn(Code::NoEffect, span, message);
                }
            }
        } else if !tuning.freeze_cnn {
            let span = self.tuning_slot("freeze_cnn").span().unwrap_or_default();
            let message = "`freeze_cnn = False` has no effect with `lora_rank`: only the additions and the head are trained";
            self.warn(Code::NoEffect, span, message);
        }
    }

    /// Keys that a head of the style that is set cannot have.
    fn head_style(&mut self, experiment: &Experiment) {
        let head = &experiment.tuning.head;
        let Some(style) = head.style else { return };
        if let Some((key, only)) = head.misfit(style) {
            let span = self.tuning_slot(key).span().unwrap_or_default();
            let message = format!("a head `{}` has no other `{key}` than {only}", style.word());
            self.error(Code::ConflictingKeys, span, message)
                .advise("remove it, or write head = nkululeko");
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
                boolean(&found.text) != Some(false) && number(&found.text) != Some(0.0)
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
}
