//! The part of Nkululeko's file names that the keys of a model make.

use super::Checker;
use crate::config::literal::{self, Literal};

/// Keys whose values are part of names, in Nkululeko's order.
const NAMED: &[(&str, &str)] = &[
    ("MODEL", "drop"),
    ("MODEL", "class_weight"),
    ("MODEL", "loss"),
    ("MODEL", "logo"),
    ("MODEL", "learning_rate"),
    ("MODEL", "k_fold_cross"),
    ("FEATS", "balancing"),
    ("FEATS", "scale"),
    ("FEATS", "set"),
    ("FEATS", "wav2vec2.layer"),
];

impl Checker<'_> {
    /// The suffix of the keys that are set, for instance `_learning_rate-0-0001`.
    pub(super) fn name_suffix(&self) -> String {
        let mut suffix = String::new();
        for (section, key) in NAMED {
            if let Some(found) = self.value_of(section, key) {
                suffix.push_str(
                    &format!("_{key}-{}", found.text.trim_matches('.')).replace('.', "-"),
                );
            }
        }
        if let Some(found) = self.value_of("AUGMENT", "augment") {
            let literal = literal::parse(&found.text).ok();
            let kinds = literal.as_ref().and_then(Literal::items);
            let kinds = kinds.map(|items| {
                items
                    .iter()
                    .map(Literal::text)
                    .collect::<Vec<_>>()
                    .join("_")
            });
            suffix.push_str(&format!("_aug_{}", kinds.unwrap_or(found.text)));
        }
        // A name must not lead into another folder.
        suffix
            .replace(
                |c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.'),
                "_",
            )
            .replace("__", "_")
    }
}
