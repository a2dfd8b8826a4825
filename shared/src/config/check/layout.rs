//! The two places of fine-tuning keys.
//!
//! Until 1.9 Nkululeko read them from `[MODEL]`, since 1.10 only from `[FINETUNE]`. Here both count.

use super::Checker;
use crate::config::{diagnostics::Code, ini::Entry, keys};

/// Keys that Nkululeko reads from `[FINETUNE]` only.
const MOVED: &[&str] = &[
    "pretrained_model",
    "learning_rate",
    "batch_size",
    "device",
    "max_duration",
    "duration",
    "freeze_layers",
    "num_layers",
    "drop",
    "head_layers",
    "head_activation",
    "pooling",
    "layer_pooling",
    "warmup_ratio",
    "push_to_hub",
    "balancing",
    "loss",
    "class_weight",
];

/// Keys of fine-tuning that Nkululeko reads from `[MODEL]` only.
const STAYED: &[&str] = &[
    "patience",
    "label_smoothing",
    "logo",
    "loso",
    "k_fold_cross",
];

impl Checker<'_> {
    /// Says where Nkululeko reads a key that stands in the other section.
    pub(super) fn layout(&mut self) {
        if !self.finetune {
            return;
        }
        let document = self.document;
        let entries = |name| {
            document
                .section(name)
                .map(|section| section.entries.as_slice())
                .unwrap_or_default()
        };
        let in_model: Vec<&Entry> = entries("MODEL")
            .iter()
            .filter(|entry| MOVED.contains(&entry.key.as_str()))
            .collect();
        if document.section("FINETUNE").is_none() {
            self.old_layout(&in_model);
            return;
        }
        let stayed = entries("FINETUNE")
            .iter()
            .filter(|entry| STAYED.contains(&entry.key.as_str()));
        for (entry, from, to) in in_model
            .into_iter()
            .map(|entry| (entry, "MODEL", "FINETUNE"))
            .chain(stayed.map(|entry| (entry, "FINETUNE", "MODEL")))
        {
            if entries(to).iter().any(|other| other.key == entry.key) {
                continue;
            }
            let key = &entry.key;
            let message =
                format!("`{key}` acts here; Nkululeko 1.10 and later read it from [{to}] only");
            let edits = self.moving(from, entry, to, key);
            self.info(Code::OtherSection, entry.key_span, message)
                .fix(format!("move it to [{to}]"), edits);
        }
    }

    fn old_layout(&mut self, moved: &[&Entry]) {
        if moved.is_empty() {
            return;
        }
        let names: Vec<String> = moved
            .iter()
            .map(|entry| format!("`{}`", entry.key))
            .collect();
        let message = format!(
            "[MODEL] has {}: Nkululeko 1.10 and later read such keys from [FINETUNE] only",
            names.join(", ")
        );
        let values: Vec<String> = moved
            .iter()
            .map(|entry| self.portable("MODEL", entry))
            .collect();
        let mut pairs: Vec<(&str, &str)> = moved
            .iter()
            .zip(&values)
            .map(|(entry, value)| (entry.key.as_str(), value.as_str()))
            .collect();
        let mut advice = "move them to a section [FINETUNE]";
        if !pairs.iter().any(|(key, _)| *key == "drop") {
            advice = "move them to a section [FINETUNE], with the `drop = 0.1` that the older layout has by default";
            pairs.push(("drop", OLD_DROP));
        }
        let mut edits: Vec<_> = moved
            .iter()
            .map(|entry| self.document.removal("MODEL", &entry.key))
            .collect();
        edits.push(self.document.new_section("FINETUNE", &pairs));
        let used = self.referenced("MODEL");
        if moved.iter().any(|entry| used.contains(&entry.key)) {
            // A value that stays refers to one of them.
            edits.clear();
        }
        let place = self.place("MODEL");
        self.info(Code::OldLayout, place, message)
            .fix(advice, edits);
    }

    /// The default of `drop` in this text.
    pub(super) fn default_drop(&self) -> &'static str {
        match self.document.section("FINETUNE") {
            Some(_) => keys::row("FINETUNE", "drop").map_or("0.0", |row| row.default),
            None => OLD_DROP,
        }
    }
}

/// Dropout of the head before there was a `[FINETUNE]`.
const OLD_DROP: &str = "0.1";
