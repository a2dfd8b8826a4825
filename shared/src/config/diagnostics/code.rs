//! The kinds of findings, by names that never change.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Declares the codes with their words and what they mean.
macro_rules! codes {
    ($($variant:ident = $word:literal: $doc:literal,)+) => {
        /// The kind of a finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum Code { $(#[doc = $doc] #[serde(rename = $word)] $variant,)+ }
        impl Code {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
            /// The code as it is printed.
            #[must_use]
            pub fn word(self) -> &'static str { match self { $(Self::$variant => $word),+ } }
        }
    };
}

codes! {
    MissingSectionHeader = "missing-section-header": "A line before the first section.",
    NotAnOption = "not-an-option": "A line that is no section, key or comment.",
    NoKey = "no-key": "A value without a key.",
    DuplicateSection = "duplicate-section": "A section's second header.",
    DuplicateKey = "duplicate-key": "A key's second value.",
    ByteOrderMark = "byte-order-mark": "The text begins with a byte order mark.",
    Interpolation = "interpolation": "A `%` that cannot be filled in.",
    InlineComment = "inline-comment": "A value that seems to end in a comment.",
    Quotes = "quotes": "A value in quotes that become part of it.",
    UnknownSection = "unknown-section": "A section that nothing reads.",
    UnknownKey = "unknown-key": "A key that nothing reads.",
    WrongSection = "wrong-section": "A key that another section has.",
    OtherSection = "other-section": "A fine-tuning key that acts here, and that Nkululeko reads elsewhere.",
    OldLayout = "old-layout": "Fine-tuning keys in [MODEL] only.",
    ConflictingKeys = "conflicting-keys": "Two keys that say different things.",
    Alias = "alias": "Another name of a key.",
    NoEffect = "no-effect": "A key that does nothing here.",
    MissingKey = "missing-key": "A key that is required.",
    WrongType = "wrong-type": "A value of another type.",
    OutOfRange = "out-of-range": "A number outside of its range.",
    UnknownValue = "unknown-value": "A word that is none of the choices.",
    NotFinetuning = "not-finetuning": "An experiment with another model.",
    FeatsType = "feats-type": "Features in a fine-tuning experiment.",
    LossForTask = "loss-for-task": "A loss of the other task.",
    MeasureForTask = "measure-for-task": "A measure of the other task.",
    TaskOnly = "task-only": "A key of the other task.",
    SmallBatch = "small-batch": "A loss that needs more clips in a batch.",
    LayerRange = "layer-range": "More layers than there are.",
    LearningRate = "learning-rate": "A learning rate that seldom works.",
    WarmUp = "warm-up": "A large model without a warm-up.",
    DevExists = "dev-exists": "A dev part is there already.",
    NoDev = "no-dev": "There is nothing to choose the best state on.",
    SelectOnTest = "select-on-test": "The best state is chosen on the test part.",
    SplitParts = "split-parts": "Parts that leave nothing over or overlap.",
    NoPart = "no-part": "A part that no database has.",
    UnusedDatabase = "unused-database": "A database that is described and not used.",
    LabelsLost = "labels-lost": "Labels that the mapping leaves out.",
    FewLabels = "few-labels": "Labels that are repeated or too few.",
    MissingPath = "missing-path": "A file or folder that does not exist.",
    HubModel = "hub-model": "A name that is no model on the hub, or none that can be trained.",
    Secret = "secret": "A token in the text.",
    Endpoint = "endpoint": "An address of the hub in the text.",
    RootFolders = "root-folders": "A second INI that cannot be read.",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
