//! Values of keys that are one word of a list.

use serde::{Deserialize, Serialize};

/// Declares an enum of keywords: the variants, their INI words, and the lookups.
macro_rules! keywords {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant,)+ }
        impl $name {
            /// The words that an INI may use, in the order of the variants.
            pub const WORDS: &[&str] = &[$($word),+];
            /// The word that an INI uses.
            #[must_use]
            pub fn word(self) -> &'static str { match self { $(Self::$variant => $word),+ } }
            /// The variant of an INI's word (case is ignored).
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                $(if word.eq_ignore_ascii_case($word) { return Some(Self::$variant); })+
                None
            }
        }
    };
}

keywords! {
    /// `lr_scheduler`.
    LrScheduler {
        /// Linear decay to 0.
        Linear = "linear",
        /// Half a cosine to 0.
        Cosine = "cosine",
        /// No decay.
        Constant = "constant",
    }
}
keywords! {
    /// `crop`: which `max_duration` seconds of a longer clip are trained on.
    Crop {
        /// The first.
        Head = "head",
        /// A new random stretch each time.
        Random = "random",
    }
}

keywords! {
    /// `cache`: how what no training changes is kept of each clip.
    Cache {
        /// As it was computed where all of it has room in memory, else rounded to half precision.
        Auto = "auto",
        /// As it was computed.
        F32 = "f32",
        /// Rounded to half precision.
        F16 = "f16",
        /// Not at all.
        Off = "off",
    }
}
keywords! {
    /// `head`: the head's layers and their names in files.
    HeadStyle {
        /// Nkululeko's: hidden layers with an activation over pooled states.
        Nkululeko = "nkululeko",
        /// Of transformers' `Wav2Vec2ForSequenceClassification` and its like: a projection, the mean
        /// over time, an output layer.
        SequenceClassification = "sequence_classification",
        /// audEERING's: the mean over time, a hidden layer of the transformer's width with tanh, an
        /// output layer.
        Audeering = "audeering",
    }
}
keywords! {
    /// `head_activation`.
    HeadActivation {
        /// max(0, x).
        Relu = "relu",
        /// tanh.
        Tanh = "tanh",
        /// Logistic.
        Sigmoid = "sigmoid",
        /// Slope 0.01 below 0.
        LeakyRelu = "leaky_relu",
    }
}
keywords! {
    /// `pooling` over time.
    Pooling {
        /// Masked mean.
        Mean = "mean",
        /// Masked mean and variance.
        MeanVar = "meanvar",
    }
}
keywords! {
    /// `layer_pooling` over the encoder's hidden states.
    LayerPooling {
        /// The last hidden state.
        Last = "last",
        /// A learnt softmax-weighted sum of all.
        Weighted = "weighted",
    }
}
keywords! {
    /// `loss`.
    LossKind {
        /// Cross entropy (classification).
        Cross = "cross",
        /// 1 - CCC (regression).
        OneMinusCcc = "1-ccc",
        /// 1 - PCC (regression).
        OneMinusPcc = "1-pcc",
        /// Mean squared error (regression).
        Mse = "mse",
        /// Mean absolute error (regression).
        Mae = "mae",
    }
}
keywords! {
    /// `measure`.
    Measure {
        /// Unweighted average recall.
        Uar = "uar",
        /// Accuracy.
        Acc = "acc",
        /// Macro F1.
        F1 = "f1",
        /// Concordance correlation coefficient.
        Ccc = "ccc",
        /// Pearson correlation coefficient.
        Pcc = "pcc",
        /// Mean squared error.
        Mse = "mse",
        /// Mean absolute error.
        Mae = "mae",
    }
}
keywords! {
    /// `combine_per_speaker`: how the predictions of a speaker become one.
    Combine {
        /// The class that was predicted most often.
        Mode = "mode",
        /// The mean of the probabilities, or of the values.
        Mean = "mean",
    }
}
keywords! {
    /// `filter.sample_selection`.
    FilteredParts {
        /// Each part.
        All = "all",
        /// Train alone.
        Train = "train",
        /// Test alone.
        Test = "test",
    }
}
keywords! {
    /// `balancing`: what is done about classes of unlike size.
    Balancing {
        /// Nothing.
        Off = "False",
        /// Rows of the smaller classes are repeated, the same ones in each epoch.
        Ros = "ros",
        /// Each epoch draws as many clips as there are, with replacement, each class equally often.
        Weighted = "weighted",
    }
}
keywords! {
    /// `lora_targets`: a linear layer of every transformer layer, by the reference's name.
    LoraTarget {
        /// Queries of the attention.
        Query = "q_proj",
        /// Keys of the attention.
        Key = "k_proj",
        /// Values of the attention.
        Value = "v_proj",
        /// The attention's output.
        Output = "out_proj",
        /// Into the feed-forward layers.
        Intermediate = "intermediate_dense",
        /// Out of the feed-forward layers.
        FeedForward = "output_dense",
    }
}
keywords! {
    /// `precision`.
    Precision {
        /// 32-bit floats.
        F32 = "f32",
        /// bfloat16 products, f32 weights.
        Bf16 = "bf16",
        /// half-precision products, f32 weights.
        F16 = "f16",
    }
}
keywords! {
    /// `select_on`: where the best checkpoint is chosen.
    SelectOn {
        /// On the dev part, or on one cut from the train speakers.
        Dev = "dev",
        /// On the test part: every result then says that it is optimistic.
        Test = "test",
    }
}

impl Measure {
    /// Whether a larger value is better.
    #[must_use]
    pub fn larger_is_better(self) -> bool {
        !matches!(self, Self::Mse | Self::Mae)
    }
}
