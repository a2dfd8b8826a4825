//! The checkpoint, and settings that seldom work.

use super::{Checker, Mode, Origin, paths::parent, slot::Slot};
use crate::config::{
    Experiment, HubModel, HubNameError,
    diagnostics::{Code, Severity},
};
use serde_json::Value;

/// Above it the backbone forgets what it knew; common rates are 1e-5 to 1e-4.
const HIGH_RATE: f64 = 1e-3;
/// Below it a few epochs change nothing.
const LOW_RATE: f64 = 1e-7;

impl Checker<'_> {
    pub(super) fn hints(&mut self, experiment: &Experiment) {
        let tuning = &experiment.tuning;
        let rate = tuning.learning_rate;
        if let Some(span) = self.tuning_slot("learning_rate").span()
            && !(LOW_RATE..HIGH_RATE).contains(&rate)
            && rate > 0.0
            // Weights that know nothing yet have nothing to forget.
            && !(tuning.from_scratch && (LOW_RATE..10.0 * HIGH_RATE).contains(&rate))
        {
            let way = if rate >= HIGH_RATE {
                "high: training is likely to collapse"
            } else {
                "low: nothing will be learnt"
            };
            self.warn(
                Code::LearningRate,
                span,
                format!("a learning rate of {rate} is {way}"),
            )
            .advise("1e-5 to 1e-4 are common for fine-tuning");
        }
        let name = tuning.pretrained_model.to_lowercase();
        let large = ["large", "xls-r", "xlsr", "-1b", "-2b"]
            .iter()
            .any(|mark| name.contains(mark));
        if large && rate >= 1e-4 && tuning.warmup_ratio == 0.0 && !tuning.from_scratch {
            let span = self
                .tuning_slot("pretrained_model")
                .span()
                .unwrap_or_else(|| self.place("MODEL"));
            let message =
                "large models easily end in one class at this learning rate without a warm-up";
            self.info(Code::WarmUp, span, message)
                .advise("set warmup_ratio = 0.1, or learning_rate = 0.00003");
        }
        self.depth(experiment);
    }

    /// The checkpoint's folder, or its name on the hub.
    pub(super) fn model_folder(&mut self, slot: &Slot, model: &str) {
        if !self.finetune || (self.sees_files() && self.files.is_folder(model)) {
            return;
        }
        let error = match HubModel::parse(model) {
            // Whether the hub has it is found out by who asks the hub.
            Ok(_) if !self.is_beside(model) => {
                self.folder_without(slot, model);
                return;
            }
            Ok(_) => None,
            // A path of another form is what it looks like.
            Err(HubNameError::Form(..)) if !model.contains('@') => None,
            Err(_) if model.starts_with(['.', '~', '/']) => None,
            Err(error) => Some(error),
        };
        let Some(error) = error else {
            if let Some(found) = &slot.found {
                self.exists(found, model, "the model folder");
            }
            return;
        };
        let span = slot.span().unwrap_or_else(|| self.place("MODEL"));
        let written = slot
            .found
            .as_ref()
            .is_some_and(|found| found.origin == Origin::File && found.text == model);
        if let HubNameError::Emotion2vec(_) = error {
            // Whoever only looks at the data has no need of a model.
            let severity = match self.mode {
                Mode::Data => Severity::Warning,
                _ => Severity::Error,
            };
            self.find(severity, Code::HubModel, span, error.to_string()).advise(
                "take a wav2vec2, HuBERT or WavLM checkpoint; freeze_layers keeps as much of it as you like",
            );
        } else if self.sees_files() {
            let finding = self.refuse(Code::HubModel, span, error.to_string());
            match error.meant().filter(|_| written) {
                Some(meant) => finding.replace(format!("write `{meant}`"), span, meant),
                None => finding.advise(
                    "write owner/name, or the folder's path; relative paths start at the current directory",
                ),
            }
        }
    }

    /// A folder that is there, without the one that is named in it: perhaps it is not the hub's.
    fn folder_without(&mut self, slot: &Slot, model: &str) {
        let folder = parent(model);
        let local = self.sees_files() && self.files.is_folder(folder);
        if let Some(span) = slot.span().filter(|_| local) {
            let message = format!(
                "the folder `{folder}` has no `{}`, so `{model}` is taken for a model on the hub",
                model[folder.len()..].trim_start_matches('/')
            );
            self.warn(Code::MissingPath, span, message)
                .advise("correct the path if a folder of this machine is meant");
        }
    }

    /// The keys about layers against the checkpoint's depth.
    fn depth(&mut self, experiment: &Experiment) {
        let tuning = &experiment.tuning;
        if !self.sees_files() {
            return;
        }
        let path = format!(
            "{}/config.json",
            tuning.pretrained_model.trim_end_matches('/')
        );
        let config = self
            .files
            .read(&path)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        let Some(depth) = config.and_then(|config| config.get("num_hidden_layers")?.as_u64())
        else {
            return;
        };
        let depth = usize::try_from(depth).unwrap_or(usize::MAX);
        let too_deep = tuning.num_layers.is_some_and(|layers| layers > depth);
        for (key, wrong) in [
            ("num_layers", too_deep),
            (
                "freeze_layers",
                tuning.freeze_layers >= tuning.frozen_limit(depth),
            ),
        ] {
            if let Some(span) = self.tuning_slot(key).span().filter(|_| wrong) {
                let most = if key == "num_layers" {
                    depth
                } else {
                    tuning.frozen_limit(depth).saturating_sub(1)
                };
                self.error(
                    Code::LayerRange,
                    span,
                    format!("`{key}`: the checkpoint has {depth} transformer layers"),
                )
                .advise(format!("at most {most}"));
            }
        }
    }
}
